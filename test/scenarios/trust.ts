/** Signed manifests: what boots, what does not, and why. */
import type { Answer, World } from '../../generator/simulator/world.ts'
import { initrd, kernel, sha256 } from '../support/payload.ts'
import { about, both, failed, scenario } from './scenario.ts'
import { inside, systemd } from './switch-root.ts'

const microcode = '070701 microcode'
const listed = {
  kernel: `kernel 1000 sha256:${sha256(kernel)} x/vmlinuz`,
  initrd: `initrd 1000 sha256:${sha256(initrd)} x/initrd.img`,
  microcode: `initrd 1000 sha256:${sha256(microcode)} x/z-microcode.img`,
}

/** As publish writes it. */
const manifest = (...lines: string[]): string =>
  [
    'aria2-initrd manifest 1',
    'serial 7',
    'not-after 2027-03-01T00:00:00Z',
    ...lines,
    'next_kernel_params root=/dev/ram0 quiet',
    '',
  ].join('\n')

const image = (needed = 1, minSerial = 5): World['files'] => ({
  '/etc/aria2-initrd/trust/certificates/1.pem': 'one',
  '/etc/aria2-initrd/trust/certificates/2.pem': 'two',
  '/etc/aria2-initrd/trust/needed': `${needed}\n`,
  '/etc/aria2-initrd/trust/min_serial': `${minSerial}\n`,
})

const genuine: Answer = { stdout: 'site key\n' }
const address = 'http://s/boot/x.manifest'
const files = {
  'http://s/boot/x/vmlinuz': kernel,
  'http://s/boot/x/initrd.img': initrd,
  'http://s/boot/x/z-microcode.img': microcode,
  'http://s/boot/x.torrent': { files: { a: initrd, b: microcode, 'c/vmlinuz': kernel, foreign: 'other' } },
}
const plain = manifest(listed.kernel, listed.microcode, listed.initrd)
const withTorrent = manifest(listed.kernel, listed.microcode, listed.initrd, 'torrent x.torrent')

function signed(
  name: string,
  end: string,
  cmdline: string,
  {
    text = plain,
    verdict = genuine,
    ...world
  }: Omit<World, 'cmdline'> & { text?: string; verdict?: Answer } = {},
) {
  return scenario(name, end, cmdline, {
    files: image() ?? {},
    serve: { [address]: text, [`${address}.sig`]: 'signature', ...files },
    programs: { 'cms-verify': verdict },
    ...world,
  })
}

const manifestAlone = `manifest=${address}`

/** A manifest whose start is a root, and what lies beside it: a squashfs, and a hash tree in a file of its own. */
const root = 'hsqs'
const tree = 'verity\0\0'
const rootLines = [
  `image 4 sha256:${sha256(root)} x/root.squashfs`,
  `image 8 sha256:${sha256(tree)} x/root.verity`,
]
const rootHash = `roothash ${'c0'.repeat(32)}`
function signedRoot(
  name: string,
  end: string,
  lines: string[],
  more = '',
  { served = {}, ...world }: Omit<World, 'cmdline'> & { served?: World['serve'] } = {},
) {
  return signed(name, end, `${manifestAlone} console=ttyS0 systemd.unit=rescue.target ${more}`, {
    files: { ...image(), ...inside('\x7fELF') },
    serve: {
      [address]: manifest(...lines, 'inherit console,BOOTIF,ip'),
      [`${address}.sig`]: 'signature',
      'http://s/boot/x/root.squashfs': root,
      'http://s/boot/x/root.verity': tree,
      'http://s/boot/x.torrent': { files: { t: tree, r: root, foreign: 'hsqs of somebody else' } },
      ...served,
    },
    ...world,
  })
}
const provenRoot = [...rootLines, 'boot switch_root', rootHash]
const plainRoot = [...rootLines.slice(0, 1), 'boot switch_root']

export const trustScenarios = about('signatures', [
  signed('a signed manifest, its files beside it', 'kexec', manifestAlone),
  signed('a signed line inherits nothing', 'kexec', `${manifestAlone} console=ttyS0 ds=x inherit=console,ds`),
  signed('a signed manifest with a torrent, sorted by digest', 'kexec', manifestAlone, { text: withTorrent }),
  signed('a signed manifest, files from elsewhere', 'kexec', `${manifestAlone} url=http://s/boot/x.torrent`),
  signed(
    'kernel and initrds from elsewhere',
    'kexec',
    `${manifestAlone} kernel_url=http://t/k initrd_url=http://t/m initrd_url=http://t/i`,
    {
      serve: {
        [address]: plain,
        [`${address}.sig`]: 'signature',
        'http://t/k': kernel,
        'http://t/m': microcode,
        'http://t/i': initrd,
      },
    },
  ),
  signed('another kernel than the signed one', failed, `${manifestAlone} kernel_url=http://t/k retries=1`, {
    serve: { [address]: plain, [`${address}.sig`]: 'signature', 'http://t/k': `${kernel}x` },
  }),
  signed(
    'an initrd more than the signed ones',
    failed,
    `${manifestAlone} kernel_url=http://s/boot/x/vmlinuz initrd_url=http://s/boot/x/initrd.img`,
    {
      text: manifest(listed.kernel),
    },
  ),
  signed(
    'an initrd more than the signed ones, proven by its Metalink',
    failed,
    `${manifestAlone} kernel_url=http://s/boot/x/vmlinuz initrd_url=http://t/i.meta4`,
    {
      serve: {
        [address]: manifest(listed.kernel),
        [`${address}.sig`]: 'signature',
        'http://s/boot/x/vmlinuz': kernel,
        'http://t/i.meta4': { files: { i: initrd }, proven: ['i'] },
      },
    },
  ),
  signed(
    'an initrd fewer than the signed ones',
    failed,
    `${manifestAlone} kernel_url=http://s/boot/x/vmlinuz`,
  ),
  signed('a torrent that lacks a signed file', failed, `${manifestAlone} url=http://t/t.torrent retries=1`, {
    serve: {
      [address]: plain,
      [`${address}.sig`]: 'signature',
      'http://t/t.torrent': { files: { vmlinuz: kernel } },
    },
  }),
  signed('a signed image, by another name, beside what nobody signed', 'kexec', manifestAlone, {
    serve: {
      [address]: manifest(
        listed.kernel,
        listed.initrd,
        `image 9 sha256:${sha256('squashfs!')} x/root.squashfs`,
        'torrent x.torrent',
      ),
      [`${address}.sig`]: 'signature',
      'http://s/boot/x.torrent': {
        files: { k: kernel, i: initrd, 'x init=/bin/sh .img': 'squashfs!', 'root.squashfs': 'foreign' },
      },
    },
  }),
  signed("files that have each other's names", 'kexec', manifestAlone, {
    serve: {
      [address]: withTorrent,
      [`${address}.sig`]: 'signature',
      'http://s/boot/x.torrent': {
        files: { vmlinuz: initrd, 'initrd.img': microcode, 'z-microcode.img': kernel },
      },
    },
  }),
  signed(
    'an image of the manifest that did not come',
    failed,
    `${manifestAlone} kernel_url=http://s/boot/x/vmlinuz retries=1`,
    {
      serve: {
        [address]: manifest(listed.kernel, `image 9 sha256:${sha256('squashfs!')} x/root.squashfs`),
        [`${address}.sig`]: 'signature',
        ...files,
      },
    },
  ),
  signed(
    'a kernel that a manifest of images alone does not name',
    failed,
    `${manifestAlone} kernel_url=http://t/k`,
    {
      serve: { [address]: manifest(), [`${address}.sig`]: 'signature', 'http://t/k': kernel },
    },
  ),
  signed('the same by url=', 'shell', `${manifestAlone} url=http://t/k`, {
    serve: { [address]: manifest(), [`${address}.sig`]: 'signature', 'http://t/k': kernel },
  }),
  signedRoot(
    'a signed root with a hash tree',
    'switch_root',
    [...provenRoot, 'rd.overlay tmpfs:size=4G'],
    '',
    {
      files: { ...image(), ...systemd },
    },
  ),
  signedRoot('the same by a torrent', 'switch_root', [...provenRoot, 'torrent x.torrent']),
  signedRoot('a signed root by its digest alone', 'switch_root', plainRoot),
  signedRoot('a signed root of which one bit is another', failed, plainRoot, 'retries=1', {
    served: { 'http://s/boot/x/root.squashfs': 'hsqt' },
  }),
  signedRoot('a signed root that is not what its root hash says', failed, provenRoot, 'retries=1', {
    files: { ...image(), ...inside('\x7fELF'), '/dev/mapper/control': '' },
    broken: [
      { command: 'verity', status: 1, stderr: 'verity: /x: from byte 0 on not what the root hash says' },
    ],
  }),
  signedRoot(
    'a hash tree that has not come',
    failed,
    provenRoot,
    'retries=1 url=http://s/boot/x/root.squashfs',
  ),
  signedRoot('a hash tree, and no root hash in the manifest', failed, [...rootLines, 'boot switch_root']),
  signedRoot(
    'a root hash of 40 digits in the manifest',
    failed,
    [...plainRoot, 'roothash c0c0'],
    'retries=1',
  ),
  signedRoot('a root hash for a next kernel in the manifest', failed, [...rootLines, rootHash], 'retries=1'),
  signedRoot('a layer on a disk in the manifest', failed, [...plainRoot, 'rd.overlay LABEL=x'], 'retries=1'),
  signedRoot('a start that this image does not know', failed, [...rootLines, 'boot ostree'], 'retries=1'),
  signedRoot('boot=switch_root beside the manifest of a root', failed, plainRoot, 'boot=switch_root'),
  signedRoot('a root hash beside the manifest', failed, plainRoot, `roothash=${'c0'.repeat(32)}`),
  signedRoot('a layer beside the manifest', failed, plainRoot, 'rd.overlay=tmpfs'),
  signedRoot('boot=none beside the manifest of a root', 'shell', provenRoot, 'boot=none'),
  signedRoot('boot=kexec beside the manifest of a root', 'switch_root', plainRoot, 'boot=kexec'),
  signed("boot=switch_root beside a kernel's manifest", failed, `${manifestAlone} boot=switch_root`),
  signed('a list of digests beside the manifest', failed, `${manifestAlone} sha256sums=http://t/sums`),
  signed('digests of url= beside the manifest', failed, `${manifestAlone} sha=${sha256(kernel)}`),
  signed('a strange signature', failed, `${manifestAlone} retries=2`, {
    verdict: { status: 1, stdout: 'mallory: not trusted by this image\n' },
  }),
  signed('a verifier that crashes', failed, `${manifestAlone} retries=1`, { verdict: { status: 139 } }),
  signed('a verifier that never ends', failed, `${manifestAlone} retries=1`, { verdict: { seconds: 1000 } }),
  signed('no signature', failed, `${manifestAlone} retries=1`, { serve: { [address]: plain, ...files } }),
  signed('a manifest that does not fit its signature, twice', failed, `${manifestAlone} retries=2`, {
    verdict: { status: 1, stdout: 'the file is not the one that was signed\n' },
  }),
  signed('a genuine manifest at the second mirror', 'kexec', `manifest=http://bad/x.manifest,${address}`),
  signed('an older serial number than the image takes', failed, `${manifestAlone} retries=1`, {
    files: image(1, 8) ?? {},
  }),
  signed('an older one than min_serial', failed, `${manifestAlone} retries=1 min_serial=8`),
  signed('min_serial below that of the image', failed, `${manifestAlone} retries=1 min_serial=1`, {
    files: image(1, 8) ?? {},
  }),
  signed('out of date', failed, `${manifestAlone} retries=1`, { clock: '2027-03-01T00:00:01Z' }),
  signed('the day after', failed, `${manifestAlone} retries=1`, { clock: '2027-03-02T00:00:00Z' }),
  signed('years later, early in the day', failed, `${manifestAlone} retries=1`, {
    clock: '2031-01-01T00:00:00Z',
  }),
  signed('the evening before', 'kexec', manifestAlone, { clock: '2027-02-28T23:59:59Z' }),
  signed('on its last second', 'kexec', manifestAlone, { clock: '2027-03-01T00:00:00Z' }),
  signed('signed, and no manifest', failed, `${manifestAlone} retries=1`, { text: 'hello\n' }),
  signed('of another kind', failed, `${manifestAlone} retries=1`, {
    text: plain.replace('manifest 1', 'manifest 2'),
  }),
  signed('without a serial number', failed, `${manifestAlone} retries=1`, {
    text: plain.replace(/serial.*\n/, ''),
  }),
  signed('without an end', failed, `${manifestAlone} retries=1`, {
    text: plain.replace(/not-after.*\n/, ''),
  }),
  signed('two signatures needed', 'kexec', manifestAlone, { files: image(2) ?? {} }),
  signed('no manifest where one is needed', failed, 'kernel_url=http://s/boot/x/vmlinuz'),
  signed('a digest beside the manifest', failed, `${manifestAlone} kernel_sha=${sha256(kernel)}`),
  signed('a command line beside the manifest', failed, `${manifestAlone} next_kernel_params=init=/bin/sh`),
  signed('the same in base64', failed, `${manifestAlone} next_kernel_params_b64=aW5pdD0vYmluL3No`),
  signed('a manifest without certificates in the image', failed, manifestAlone, { files: {} }),
  signed('a manifest by an address that is none', failed, 'manifest=file:///x.manifest'),
  signed('a query behind the address', 'kexec', `${manifestAlone}?node=1`, {
    serve: { [`${address}?node=1`]: plain, [`${address}.sig?node=1`]: 'signature', ...files },
  }),
])

const time = { '/etc/aria2-initrd/time': '1790000000\n' }
const lease = { ip: '10.0.2.15/24', router: '10.0.2.2', ntp: '10.0.2.9', seconds: '86400' }
const timeServers = { '10.0.2.9': '2026-11-29T12:00:00Z', ntp: '2027-01-01T00:00:00Z' }

export const clockScenarios = about('clock', [
  scenario('a clock of 1970', 'kexec', both, { files: time, clock: '1970-01-02T00:00:00Z' }),
  scenario('a clock before 1970', 'kexec', both, { files: time, clock: '1960-01-02T00:00:00Z' }),
  scenario('a clock that is right', 'kexec', both, { files: time }),
  scenario('a clock that cannot be set', 'kexec', both, {
    files: time,
    clock: '1970-01-02T00:00:00Z',
    broken: [{ command: 'date', with: '-s', status: 1 }],
  }),
  scenario('a time server of the command line', 'kexec', `${both} rd.ntp=server:ntp`, { timeServers }),
  scenario('the same without `server:`', 'kexec', `${both} rd.ntp=ntp`, { timeServers }),
  scenario('a time server that is silent', 'kexec', `${both} rd.ntp=server:gone`),
  scenario('a time server that never ends', 'kexec', `${both} rd.ntp=server:ntp`, {
    broken: [{ command: 'ntpd', hangs: true }],
  }),
  scenario("the lease's time server, and no certificate", 'kexec', both, {
    network: [{ name: 'eth0', dhcp: lease }],
    timeServers,
  }),
  scenario("the lease's time server, and a certificate", failed, 'kernel_url=https://s/k retries=1', {
    network: [{ name: 'eth0', dhcp: lease }],
    timeServers,
  }),
])

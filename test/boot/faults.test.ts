// What goes wrong on the way of a file, and with signatures: up to kexec, with real peers where they are others' programs.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Manifest, manifestText } from '../../generator/publish/manifest-text.ts'
import { signText } from '../../generator/publish/sign-manifest.ts'
import { infoOfFiles, torrentOf } from '../hostile/made-torrent.ts'
import { keyFolder, selfSigned } from '../support/certificates.ts'
import { sha256 } from '../support/payload.ts'
import { root } from '../support/root.ts'
import {
  bytes,
  dying,
  type FaultBoot,
  FaultPlace,
  fromOther,
  genuine,
  given,
  initrd,
  kernel,
} from './fault-boots.ts'
import { type NodeLab, serverAddress } from './node-lab.ts'
import { type NodeRow, runNodeRows } from './node-rows.ts'

let place: Promise<FaultPlace> | undefined
/** One switch for all. */
function placeIn(lab: NodeLab): Promise<FaultPlace> {
  place ??= FaultPlace.start(lab)
  return place
}

const python = '/usr/bin/python3'
const digests = `kernel_sha=${sha256(kernel)} initrd_sha=${sha256(initrd)}`
const booted = 'the genuine files are booted'
const nothing = 'nothing is booted, and the cause is told'
const notBooted = [genuine, 'kexec: starting']
const files = (kernelUrl: string, initrdUrl = given('good', 'initrd.img')): string =>
  `kernel_url=${kernelUrl} initrd_url=${initrdUrl} ${digests}`

/** A fault that is got over: the genuine files are booted. */
const overcome = (
  input: string,
  append: string,
  has: NodeRow['has'] = [],
  more: Omit<FaultBoot, 'append'> = {},
): NodeRow => ({
  input,
  expected: booted,
  run: async lab => (await placeIn(lab)).boot({ append, ...more }),
  has: [genuine, ...has],
})

/** A fault that ends the boot, in words; nothing reaches kexec. */
const ends = (
  input: string,
  append: string,
  has: NodeRow['has'],
  more: Omit<FaultBoot, 'append'> = {},
): NodeRow => ({
  input,
  expected: nothing,
  run: async lab => (await placeIn(lab)).boot({ append, ...more }),
  has,
  not: notBooted,
})

const servers: NodeRow[] = [
  overcome('the server dies at 50 % and comes back 3 s later', files(dying('vmlinuz')), ['retrying in'], {
    retries: 6,
  }),
  ends('404', files(given('not-found')), ['not-found/vmlinuz: not found on the server', 'gave up']),
  ends('403', files(given('forbidden')), ['forbidden/vmlinuz: the server returned an error', 'status=403']),
  overcome('403, then 200', files(given('forbidden-once')), ['status=403']),
  overcome('500, then 200', files(given('broken-once')), ['status=500']),
  overcome('404, and a mirror that has it', files(`${given('not-found')},${given('good', 'vmlinuz')}`), [
    'not found',
  ]),
  ends('a redirect to itself', files(given('loop')), ['loop/vmlinuz: too many redirects']),
  overcome(
    'a server that gives a byte now and then (slow loris), and a mirror',
    files(`${given('slow')},${given('good', 'vmlinuz')}`),
    ['slow/vmlinuz: too slow'],
  ),
  ends('a body without an end', files(given('endless')), ['endless/vmlinuz: ']),
  overcome('a body without an end, and a mirror', files(`${given('endless')},${given('good', 'vmlinuz')}`), [
    'endless/vmlinuz: ',
  ]),
  ends('ten bytes less than the server said', files(given('short')), ['short/vmlinuz: ']),
  overcome('half of the file, and a mirror', files(`${given('half')},${given('good', 'vmlinuz')}`), [
    'half/vmlinuz: ',
  ]),
  ends('another file than that of the digest', files(given('changed')), [
    'wrong digest: wanted',
    'changed/vmlinuz: dropped',
  ]),
  overcome(
    'another file than that of the digest, and a mirror',
    files(`${given('changed')},${given('good', 'vmlinuz')}`),
    ['wrong digest: wanted', 'changed/vmlinuz: dropped'],
  ),
  ends('an initrd that is another one', files(given('good', 'vmlinuz'), given('changed', 'initrd.img')), [
    'wrong digest: wanted',
  ]),
  overcome(
    'a name that nobody resolves (DNS dead), and an address',
    `nameserver=10.9.0.99 ${files(`http://boot.example:8001/good/vmlinuz,${given('good', 'vmlinuz')}`)}`,
    ['the server name does not resolve'],
  ),
  ends('a file of 12 MB, and room for 8 MiB', `url=${given('good', 'large')},${given('good', 'vmlinuz')}`, [
    'not enough memory for the file',
  ]),
  overcome(
    'two files of one name',
    `kernel_url=${given('good', 'a/same')} initrd_url=${given('good', 'b/same')} ${digests}`,
  ),
]

const trackers = (tracker: string): string => given(tracker, 'announce')

interface Made {
  /** The torrent's own name: a folder of vmlinuz and initrd.img. */
  name: string
  tracker?: string
  /** Behind the web server's address; none where undefined. */
  seed?: string | undefined
  names?: [string, string]
  more?: [string, Buffer][]
}

/** Makes a torrent and the folder behind it. Its address. */
function torrent(
  { folder }: FaultPlace,
  { name, tracker, seed, names = ['vmlinuz', 'initrd.img'], more = [] }: Made,
): string {
  const parts: [string, Buffer][] = [[names[0], bytes(kernel)], [names[1], bytes(initrd)], ...more]
  mkdirSync(join(folder, name))
  for (const [path, content] of parts)
    if (/^[\w.-]+$/.test(path)) writeFileSync(join(folder, name, path), content)
  const { torrent: made } = torrentOf(infoOfFiles(name, 32_768, parts), {
    ...(tracker === undefined ? {} : { announce: trackers(tracker) }),
    ...(seed === undefined ? {} : { 'url-list': fromOther(given(seed, '')) }),
  })
  writeFileSync(join(folder, `${name}.torrent`), made)
  return given('good', `${name}.torrent`)
}

/** A libtorrent that seeds a torrent's folder on a port. */
async function seeder(made: FaultPlace, name: string, port: number, manner: 'seed' | 'corrupt') {
  const { folder, lab } = made
  const data = join(lab.folder, manner, name)
  mkdirSync(data, { recursive: true })
  for (const file of readdirSync(join(folder, name))) {
    const content = readFileSync(join(folder, name, file))
    writeFileSync(join(data, file), manner === 'seed' ? content : content.map(byte => byte ^ 1))
  }
  const script = join(root, 'test/sources/libtorrent-peer.py')
  const words = [manner, data, join(folder, `${name}.torrent`), `${serverAddress}:${port}`]
  await made.serve(/ready/, python, script, ...words)
}

const swarm = (
  input: string,
  make: (made: FaultPlace) => Promise<string> | string,
  has: NodeRow['has'] = [],
  expected = booted,
  retries = 2,
): NodeRow => ({
  input,
  expected,
  async run(lab) {
    const made = await placeIn(lab)
    return made.boot({ append: `url=${await make(made)} ${digests}`, room: '64m', retries })
  },
  has: expected === nothing ? has : [genuine, ...has],
  not: expected === nothing ? notBooted : [],
})

const torrents: NodeRow[] = [
  swarm('a peer that gives wrong bytes (libtorrent), and the web server', async made => {
    const address = torrent(made, { name: 'wrong-peer', tracker: 'one-peer/7101', seed: 'good' })
    await seeder(made, 'wrong-peer', 7101, 'corrupt')
    return address
  }),
  swarm('a web seed that gives wrong bytes, and a peer (libtorrent)', async made => {
    const address = torrent(made, { name: 'wrong-seed', tracker: 'one-peer/7102', seed: 'changed' })
    await seeder(made, 'wrong-seed', 7102, 'seed')
    return address
  }),
  swarm('a web seed that gives wrong bytes, and the right ones beside the torrent', made =>
    torrent(made, { name: 'wrong-named', tracker: 'rubbish', seed: 'changed' }),
  ),
  swarm(
    'a web seed that gives wrong bytes, and so does the server beside the torrent',
    made =>
      torrent(made, { name: 'wrong-alone', tracker: 'rubbish', seed: 'changed' }).replace(
        '/good/',
        '/changed/',
      ),
    ['gave up after try 1'],
    nothing,
    1,
  ),
  swarm('a tracker that hangs, and the web server', made =>
    torrent(made, { name: 'hung-tracker', tracker: 'hung', seed: 'good' }),
  ),
  swarm('a tracker that talks rubbish, and the web server', made =>
    torrent(made, { name: 'rubbish-tracker', tracker: 'rubbish', seed: 'good' }),
  ),
  swarm('a tracker that is not there, and a peer of which another tells (libtorrent)', async made => {
    const address = torrent(made, { name: 'local-peer', tracker: 'not-found' })
    await seeder(made, 'local-peer', 7103, 'seed')
    return address
  }),
  ...(
    [
      ['names that lead upwards: ../../etc/passwd', 'upwards', '../../etc/passwd'],
      ['names with newlines', 'newline', 'a\nb'],
    ] as const
  ).map(([input, name, path]) =>
    swarm(
      input,
      made => torrent(made, { name, tracker: 'rubbish', seed: 'good', more: [[path, Buffer.from('evil')]] }),
      ['gave up'],
      nothing,
    ),
  ),
  swarm(
    '2,000 files, from a peer (libtorrent)',
    async made => {
      const address = torrent(made, {
        ...{ name: 'many', tracker: 'one-peer/7104' },
        more: Array.from({ length: 1998 }, (_, index) => [
          `file-${index}`,
          Buffer.from(`${index}`.padEnd(100)),
        ]),
      })
      await seeder(made, 'many', 7104, 'seed')
      return address
    },
    ['1998 images have no digest: not verified, not booted'],
  ),
]

const keys = keyFolder()
const day = 86_400_000

/** What an image has that trusts the site's certificate. */
function trusting(floor = 0): string {
  const pem = readFileSync(join(keys, 'site.pem'), 'utf8')
  const folder = '/etc/aria2-initrd/trust'
  return `mkdir -p ${folder}/certificates
printf '%s\\n' ${floor} >${folder}/min_serial
printf '1\\n' >${folder}/needed
cat >${folder}/certificates/1.pem <<'END'
${pem}END`
}

interface Signed {
  name: string
  signer?: string
  manifest?: Partial<Manifest>
  /** What is changed after it was signed. */
  alter?: (text: string) => string
  /** What the image has: that it trusts the site's certificate. */
  early?: string
  more?: string
  /** In place of the signer's. */
  signature?: Buffer
}

/** A boot by a manifest of kernel and initrd. */
const signed = (input: string, expected: string, has: NodeRow['has'], offered: Signed): NodeRow => ({
  input,
  expected,
  async run(lab) {
    const made = await placeIn(lab)
    const {
      name,
      signer = 'site',
      manifest = {},
      alter = text => text,
      early = trusting(),
      more = '',
    } = offered
    const file = (role: 'kernel' | 'initrd', path: string, content: string) => ({
      ...{ role, name: path, size: content.length, sha256: sha256(content) },
    })
    const text = manifestText({
      ...{ serial: 7, notAfter: new Date(Date.now() + day), nextKernelParams: 'console=ttyS0 root=signed' },
      files: [file('kernel', 'vmlinuz', kernel), file('initrd', 'initrd.img', initrd)],
      ...manifest,
    })
    const keysOf = { key: join(keys, `${signer}.key`), certificate: join(keys, `${signer}.pem`) }
    made.write(`${name}.manifest`, alter(text))
    made.write(`${name}.manifest.sig`, offered.signature ?? (await signText(text, [keysOf])))
    return made.boot({ append: `manifest=${given('good', `${name}.manifest`)} ${more}`, early })
  },
  has: expected === nothing ? has : [genuine, ...has],
  not: expected === nothing ? notBooted : [],
})

for (const name of ['site', 'stranger']) selfSigned(keys, name)
const next = 'next_kernel_params'
const signatures: NodeRow[] = [
  signed('a manifest that the site has signed', booted, ['signed by site; serial 7', 'root=signed'], {
    name: 'site',
  }),
  signed('the signature of another key', nothing, ['stranger: not trusted by this image'], {
    ...{ name: 'stranger', signer: 'stranger' },
  }),
  signed('another command line than the signed one', nothing, ['the file is not the one that was signed'], {
    ...{ name: 'line', alter: text => text.replace('root=signed', 'root=evil  ') },
  }),
  signed('another digest than the signed one', nothing, ['the file is not the one that was signed'], {
    ...{ name: 'digest', alter: text => text.replace(sha256(kernel), sha256('evil')) },
  }),
  signed('a signature that is rubbish', nothing, ['rubbish.manifest: '], {
    ...{ name: 'rubbish', signature: Buffer.from('rubbish') },
  }),
  signed('a manifest that has expired', nothing, ['manifest: expired at'], {
    ...{ name: 'expired', manifest: { notAfter: new Date(Date.now() - day) } },
  }),
  signed(
    'an older manifest again (serial 3, and 5 is the oldest that counts)',
    nothing,
    ['serial 3 was replaced'],
    {
      ...{ name: 'older', manifest: { serial: 3 }, early: trusting(5) },
    },
  ),
  signed('the same, the floor on the command line', nothing, ['serial 3 was replaced'], {
    ...{ name: 'older-line', manifest: { serial: 3 }, more: 'min_serial=5' },
  }),
  signed(`${next} of the node's own beside a manifest`, nothing, [`${next}= are for the manifest to say`], {
    ...{ name: 'own-line', more: `${next}=init=/bin/sh` },
  }),
  signed('a kernel_url that has another kernel', nothing, ['wrong digest'], {
    ...{
      name: 'other-kernel',
      more: `kernel_url=${given('changed')} initrd_url=${given('good', 'initrd.img')}`,
    },
  }),
  signed('an image that trusts no certificate', nothing, ['this image trusts no certificate'], {
    ...{ name: 'no-key', early: ':' },
  }),
  {
    ...ends(
      'an image that trusts the site, and no manifest',
      `kernel_url=${given('good')}`,
      ['boots only what a signed manifest names'],
      { early: trusting() },
    ),
  },
]

runNodeRows('faults', [...servers, ...torrents, ...signatures], {
  openssl: 'openssl',
  [python]: 'python3',
  '/usr/share/doc/python3-libtorrent/copyright': 'python3-libtorrent',
})

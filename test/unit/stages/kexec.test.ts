import { execFileSync, spawnSync } from 'node:child_process'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { simulate } from '../../../generator/simulator/simulate.ts'
import type { World } from '../../../generator/simulator/world.ts'
import { endScenarios } from '../../scenarios/end.ts'
import { worldNamed } from '../../scenarios/scenario.ts'
import { trustScenarios } from '../../scenarios/trust.ts'
import { boot, both, served } from '../../support/boots.ts'
import { needs } from '../../support/needs.ts'
import { gzipped, initrd, kernel, microcode, sha256, uki, xzipped } from '../../support/payload.ts'

test('kexec_file_load first, then the jump', () => {
  const ended = boot(`${both} next_kernel_params="quiet root=x"`)
  assert.equal(ended.trace.slice(-2), [
    ['kexec', '-s', '-l', '/tmp/kernel/k', '--command-line=quiet root=x', '--initrd=/tmp/initrd-1/i'],
    ['kexec', '-e'],
  ])
  assert.match(ended.console, 'kexec: starting /tmp/kernel/k with: quiet root=x\n')
  assert.is(ended.end, 'kexec')
})

test('without an initrd none is loaded', () => {
  const ended = boot('kernel_url=http://s/k')
  assert.is(ended.loaded?.initrd, undefined)
  assert.is(ended.loaded?.commandLine, '')
  assert.is(ended.end, 'kexec')
})

test('a kernel without kexec_file_load: the old call', () => {
  const ended = boot(both, { kexec: 'no file load' })
  assert.match(ended.console, 'kexec: this kernel has no kexec_file_load; trying kexec_load\n')
  assert.ok(ended.ran('kexec', '-c', '-l', '/tmp/kernel/k'))
  assert.is(ended.end, 'kexec')
})

test('an initrd that takes a while to load is told of, a small one is not', () => {
  const size = 64 * 2 ** 20
  const serve = { 'http://s/k': kernel, 'http://s/i': initrd.padEnd(size, 'x') }
  const large = boot(both, { serve })
  assert.match(large.console, 'kexec: loading an initrd of 64 MiB: 0 s\n')
  assert.is(large.end, 'kexec')
  const rest = { ...serve, 'http://s/i': initrd.padEnd(size - 1, 'x') }
  assert.not.match(boot(both, { serve: rest }).console, 'loading an initrd')
  assert.not.match(boot(both, { serve, without: ['progress'] }).console, 'loading an initrd')
})

test('kexec=load asks for the old call alone', () => {
  const ended = boot(`${both} kexec=load`)
  assert.not.ok(ended.ran('kexec', '-s'))
  assert.is(ended.end, 'kexec')
})

/** What the kernel answers, by musl's words, and what the console says of it. */
const refusals: [error: string, meaning: string, files?: Record<string, string>, kernel?: string][] = [
  ['Operation not permitted', 'the kernel forbids kexec'],
  [
    'Operation not permitted',
    'lockdown (none [integrity] confidentiality) takes signed kernels alone, and no kexec_load',
    { '/sys/kernel/security/lockdown': 'none [integrity] confidentiality\n' },
  ],
  [
    'Operation not permitted',
    'kexec is switched off (kernel.kexec_load_disabled=1)',
    {
      '/sys/kernel/security/lockdown': '[none] integrity confidentiality\n',
      '/proc/sys/kernel/kexec_load_disabled': '1\n',
    },
  ],
  ['Required key not available', 'it lacks a signature that this kernel trusts'],
  ['No data available', 'it lacks a signature that this kernel trusts'],
  ['Out of memory', 'the machine has too little memory for the copies that kexec makes'],
  ['Exec format error', 'it is for arm64, and this machine is x86_64', {}, `${'a'.repeat(56)}ARMd`],
  ['Not supported', 'it is an EFI program, and no kernel for x86_64', {}, 'MZ program'],
  ['Invalid argument', 'it is no kernel for x86_64', {}, '<html>not found</html>'],
  ['Exec format error', 'it is compressed with zstd, which nothing here unpacks', {}, '\x28\xb5\x2f\xfd'],
  ['No such device', 'kexec does not take it'],
]
for (const [error, meaning, files = {}, file = kernel] of refusals) {
  test(`${error}: ${meaning}`, () => {
    const ended = boot(both, {
      kexec: { refuses: error },
      files: { '/proc/sys/kernel/arch': 'x86_64\n', ...files },
      serve: { ...served, 'http://s/k': file },
    })
    assert.match(ended.console, `kexec: /tmp/kernel/k: kexec_file_load failed: ${error}: ${meaning}\n`)
    assert.not.ok(ended.ran('kexec', '-c'), 'a refusal is not asked once more')
    assert.not.ok(ended.ran('kexec', '-e'))
    assert.is(ended.end, 'reboot after 30 s')
  })
}

test('what kexec itself does not know: what the file is', () => {
  const refuses = 'Cannot determine the file type of /tmp/kernel/k'
  const ended = boot(both, {
    kexec: { refuses },
    files: { '/proc/sys/kernel/arch': 'x86_64\n' },
    serve: { ...served, 'http://s/k': `${'a'.repeat(56)}ARMd` },
  })
  assert.match(ended.console, `kexec: ${refuses}: it is for arm64, and this machine is x86_64\n`)
})

test('kexec that is killed: memory is meant', () => {
  const ended = boot(both, { broken: [{ command: 'kexec', hangs: true }] })
  assert.match(ended.console, 'kexec killed after 180 s: there was too little memory, or too little time\n')
})

test('without the part the refusal is told as kexec says it', () => {
  const ended = boot(both, { kexec: 'no load', without: ['kexec-reports'] })
  const line = 'kexec: /tmp/kernel/k: kexec_file_load failed: Operation not permitted (kexec status 255)\n'
  assert.match(ended.console, line)
})

for (const [name, pack] of Object.entries({ gzip: gzipped, xz: xzipped })) {
  test(`a kernel that ${name} has compressed is unpacked`, () => {
    const ended = boot('kernel_url=http://s/k', { serve: { 'http://s/k': pack(kernel) } })
    assert.is(ended.loaded?.kernel.toString('latin1'), kernel)
    assert.is(ended.file('/tmp/kernel/k'), undefined, 'memory holds it only once')
  })
}

const sections = {
  '.text': 'stub',
  '.linux': kernel,
  '.cmdline': 'root=uki',
  '.initrd': initrd,
  '.ucode': 'micro...',
}

test('a UKI is taken apart: microcode, its initrd, then those of the site', () => {
  const serve = { 'http://s/k': uki(sections), 'http://s/i': 'site' }
  const ended = boot(both, { serve })
  assert.match(ended.console, 'kexec: /tmp/kernel/k: unpacked a unified kernel image\n')
  assert.is(ended.loaded?.kernel.toString('latin1'), kernel)
  const joined = `micro...${initrd}\0\0site`
  assert.is(ended.loaded?.initrd?.toString('latin1'), joined)
  assert.is(ended.loaded?.commandLine, 'root=uki')
})

const moved = (file: string) => `${file}: microcode, which goes before the other initrds\n`
const unseen = (file: string) => `warning: ${file}: the kernel will not see its microcode; put it first\n`
for (const [name, wanted, said] of [
  ['microcode behind a compressed initrd', [microcode, gzipped(initrd), initrd], [moved('/tmp/initrd-2/m')]],
  ['microcode before it', [microcode, gzipped(initrd)], []],
  [
    'microcode twice, and once padded',
    [microcode, microcode, gzipped(initrd), initrd],
    [moved('/tmp/initrd-2/m'), moved('/tmp/initrd-4/n')],
  ],
  ['microcode with an initrd behind it, later', [gzipped(initrd), microcode], [unseen('/tmp/initrd-2/w')]],
  ['microcode with an initrd behind it, first', [microcode, 'zzzz', microcode], [moved('/tmp/initrd-3/m')]],
] as const)
  test(`${name}: where the kernel sees it, or told of`, () => {
    const { loaded, console: told } = simulate(worldNamed(name, endScenarios))
    let text = loaded?.initrd?.toString('latin1') ?? ''
    for (const [index, part] of wanted.entries()) {
      const at = text.indexOf(part)
      assert.ok(at >= 0 && (index > 0 || at === 0), `${index}: at ${at}`)
      text = text.slice(at + part.length)
    }
    for (const line of said) assert.match(told, line)
    assert.is([...told.matchAll(/microcode/g)].length, said.length)
  })

test("the site's command line takes the place of a UKI's", () => {
  const serve = { 'http://s/k': uki({ '.linux': kernel, '.cmdline': 'root=uki' }) }
  const ended = boot('kernel_url=http://s/k next_kernel_params=root=site', { serve })
  assert.is(ended.loaded?.commandLine, 'root=site')
  assert.is(ended.loaded?.initrd, undefined)
})

const inheriting: [given: string, next: string, line: string][] = [
  ['console=ttyS0', '', 'console=ttyS0 '],
  ['console=tty0 console=ttyS0,115200 quiet', 'root=x', 'console=tty0 console=ttyS0,115200 root=x'],
  ['console=ttyS0', 'root=x console=tty1', 'root=x console=tty1'],
  ['BOOTIF=01-52-54-00-12-34-56 ip=dhcp', 'root=x', 'BOOTIF=01-52-54-00-12-34-56 ip=dhcp root=x'],
  ['ip=eth0:dhcp "ds=nocloud-net;s=http://h/a b/"', 'x', 'ip=eth0:dhcp "ds=nocloud-net;s=http://h/a b/" x'],
  ['console=ttyS0', 'x -- console=a', 'console=ttyS0 x -- console=a'],
  ['console=ttyS0 ip=dhcp inherit=', 'root=x', 'root=x'],
  ['console=ttyS0 rd.debug inherit=rd.debug,none', 'x', 'rd.debug x'],
  ['debug=1 consoles=no', 'x', 'x'],
]
for (const [given, next, line] of inheriting) {
  test(`${given}, and for the next kernel '${next}'`, () => {
    const ended = boot(`${both} ${given} next_kernel_params="${next}" -- console=init`)
    assert.is(ended.loaded?.commandLine, line)
    const taken = line.slice(0, line.length - next.length)
    const said = `kexec: the next system inherits: ${taken}(inherit=`
    assert.is(ended.console.includes(said), taken !== '')
  })
}

const phases: [given: string, next: string, line: string | undefined][] = [
  ['', 'url=http://s/x', 'boot_phase=2 url=http://s/x'],
  ['', 'quiet kernel_url=http://s/x', 'boot_phase=2 quiet kernel_url=http://s/x'],
  ['boot_phase=2 console=ttyS0', 'manifest=http://s/x', 'boot_phase=3 console=ttyS0 manifest=http://s/x'],
  ['boot_phase=9', 'url=http://s/x', 'boot_phase=10 url=http://s/x'],
  ['boot_phase=10', 'url=http://s/x', undefined],
  ['boot_phase=999999999', 'url=http://s/x', undefined],
  ['boot_phase=2 boot_phases=2', 'url=http://s/x', undefined],
  ['boot_phase=30 boot_phases=40', 'url=http://s/x', 'boot_phase=31 url=http://s/x'],
  ['boot_phase=10', 'root=x', 'root=x'],
  ['boot_phase=10', 'curl=x -- url=y', 'curl=x -- url=y'],
]
for (const [given, next, line] of phases) {
  test(`boots that lead to each other: ${given}, and for the next one '${next}'`, () => {
    const ended = boot(`${both} ${given} next_kernel_params="${next}"`)
    assert.is(ended.loaded?.commandLine, line)
    if (line === undefined)
      assert.match(ended.console, /kexec: boot_phases=\d+: as many boots led to this one; is it a loop\?\n/)
  })
}

test('a boot that leads to itself ends', () => {
  let boots = 0
  // Each is told to boot what it was told itself, as a manifest that names itself does.
  for (let ended = boot(`${both} next_kernel_params="url=http://s/x"`); ended.end === 'kexec'; boots += 1) {
    const phase = /boot_phase=\d+/.exec(ended.loaded?.commandLine ?? '')?.[0]
    ended = boot(`${both} ${phase} next_kernel_params="url=http://s/x"`)
  }
  assert.is(boots, 9)
})

test('what is signed is not added to', () => {
  const ended = simulate(worldNamed('a signed line inherits nothing', trustScenarios))
  assert.is(ended.loaded?.commandLine, 'root=/dev/ram0 quiet', ended.console)
})

const beside = (files: Record<string, string>, cmdline = '', world = {}) =>
  boot(
    `url=${Object.keys(files)
      .map(name => `http://s/${name}`)
      .join(',')} ${cmdline}`,
    {
      serve: Object.fromEntries(Object.entries(files).map(([name, file]) => [`http://s/${name}`, file])),
      ...world,
    },
  )
const servedEach = {
  'http://s/vmlinuz': kernel,
  'http://s/initrd.img': initrd,
  'http://s/node.squashfs': 'hsqs..',
}
const withImage = { vmlinuz: kernel, 'initrd.img': initrd, 'node.squashfs': 'hsqs..' }

needs(test, { cpio: 'cpio' })(
  'an image beside a kernel is a file of the next initramfs, as cpio reads it',
  () => {
    const ended = beside(withImage)
    const joined = ended.loaded?.initrd ?? Buffer.alloc(0)
    const segment = joined.subarray(joined.lastIndexOf('070701', joined.indexOf('hsqs')))
    const cpio = (...words: string[]) =>
      execFileSync('cpio', ['--quiet', ...words], { input: segment }).toString()
    assert.is(
      cpio('-itv').replace(/\d\d:\d\d.*? node/, '… node'),
      '-rw-r--r--   1 root     root            6 Jan  1  1970 node.img\n',
    )
    assert.is(cpio('-i', '--to-stdout', 'node.img'), 'hsqs..')
    assert.is(joined.length % 4, 0)
    assert.match(ended.console, 'url-3/node.squashfs: is /node.img in the next initramfs\n')
    assert.is(ended.loaded?.commandLine, 'root=live:/node.img rd.live.overlay.overlayfs=1 ')
    assert.is(ended.file('/tmp/url-3/node.squashfs'), undefined, 'memory holds it only once')
  },
)

test('an initramfs that needs half of memory may have more of it', () => {
  const memory = 400 * 1024 - 2
  const lineOf = (cmdline: string, changes: Omit<World, 'cmdline'> = {}) =>
    boot(`url=http://s/t inherit= ${cmdline}`, { serve: { 'http://s/t': { files: withImage } }, ...changes })
      .loaded?.commandLine
  const root = 'root=live:/node.img rd.live.overlay.overlayfs=1 '
  assert.is(lineOf('', { memory }), `initramfs_options=size=90% ${root}`)
  assert.is(lineOf('', { memory: memory + 4096 }), root)
  const own = 'initramfs_options=size=50%'
  assert.is(lineOf(`next_kernel_params=${own}`, { memory }), `${root}${own}`)
})

for (const line of ['root=live:/node.img rd.overlay', 'boot=nfs']) {
  test(`${line}: the site has said where the root is`, () => {
    assert.is(beside(withImage, `next_kernel_params="${line}"`).loaded?.commandLine, line)
  })
}

/** What cpio lists of the segment in an initrd: modes and names. */
const listed = (joined: Buffer, first: string) => {
  const input = joined.subarray(joined.indexOf('070701', initrd.length), joined.length)
  const { stdout } = spawnSync('cpio', ['--quiet', '-itv'], { input })
  assert.match(input.toString('latin1'), first)
  return stdout.toString().replace(/^(\S{10}).* (\S+)$/gm, '$1 $2')
}

for (const [line, folder] of [
  ['boot=live toram', 'live'],
  ['boot=casper', 'casper'],
] as const) {
  needs(test, { cpio: 'cpio' })(`${line}: the image is where that looks for it`, () => {
    const { loaded } = beside(withImage, `next_kernel_params="${line}"`)
    assert.is(loaded?.commandLine, `live-media=/images ${line}`)
    assert.is(
      listed(loaded?.initrd ?? Buffer.alloc(0), 'hsqs..'),
      `drwxr-xr-x images\ndrwxr-xr-x images/${folder}\n-rw-r--r-- images/${folder}/node.squashfs\n`,
    )
  })
}

for (const [dest, inside] of [
  ['/a/b/root.x', 'drwxr-xr-x a\ndrwxr-xr-x a/b\n-rw-r--r-- a/b/root.x\n'],
  ['/a/', 'drwxr-xr-x a\n-rw-r--r-- a/node.squashfs\n'],
  ['/', '-rw-r--r-- node.squashfs\n'],
] as const) {
  needs(test, { cpio: 'cpio' })(`image_dest=${dest}`, () => {
    const { loaded } = beside(withImage, `image_dest=${dest} next_kernel_params=boot=live`)
    assert.is(listed(loaded?.initrd ?? Buffer.alloc(0), 'hsqs..'), inside)
    assert.is(loaded?.commandLine, 'boot=live')
  })
}

for (const dest of ['root.img', '/a/../b', '/a//b', '/a b', '/$(x)']) {
  test(`image_dest=${dest} is refused before anything is fetched`, () => {
    const { console: said } = beside(withImage, `"image_dest=${dest}"`)
    assert.match(said, `image_dest=${dest}: not a path like /images/root.img\n`)
  })
}

test('several images and one name for them: refused', () => {
  const ended = beside({ ...withImage, 'more.iso': 'CD001' }, 'image_dest=/root.img')
  assert.match(ended.console, 'image_dest=/root.img: for several images it has to end with /\n')
  assert.is(ended.loaded, undefined)
})

test('several images: which is the root is for the site to say', () => {
  const ended = beside({ ...withImage, 'more.iso': 'CD001' })
  assert.is(ended.loaded?.commandLine, '')
  const joined = ended.loaded?.initrd?.toString('latin1') ?? ''
  assert.match(joined, /node\.img\0.*hsqs.*more\.iso\0.*CD001/s)
})

needs(test, { cpio: 'cpio' })('next_timeline: cpio takes the timeline so far out of the initrd', () => {
  const ended = beside(withImage, 'next_timeline next_kernel_params=boot=live')
  const joined = ended.loaded?.initrd?.toString('latin1') ?? ''
  const [image = '', timeline = ''] = joined.slice(initrd.length).split(/(?<=TRAILER!!!\0+)(?=070701)/)
  const cpio = (input: string, ...words: string[]) =>
    execFileSync('cpio', ['--quiet', ...words], { input: Buffer.from(input, 'latin1') }).toString()
  assert.is(cpio(image, '-it'), 'images\nimages/live\nimages/live/node.squashfs\n')
  assert.is(cpio(timeline, '-it'), 'aria2-initrd\naria2-initrd/timeline\n')
  const told = cpio(timeline, '-i', '--to-stdout', 'aria2-initrd/timeline')
  assert.match(told, /^[\d.]+ command-line entered \n.*\n[\d.]+ kexec says .* in the next initramfs\n$/s)
  assert.ok(ended.file('/run/aria2-initrd/timeline')?.startsWith(told))
})

test('next_timeline: without it, and without an initrd, nothing is added', () => {
  assert.is(boot(both).loaded?.initrd?.toString('latin1'), initrd)
  const { console, end } = boot('kernel_url=http://s/k next_timeline')
  assert.match(console, 'kexec: next_timeline: the next kernel has no initrd to put it in\n')
  assert.is(end, 'kexec')
})

const ofBoth = `kernel_sha=${sha256(kernel)} initrd_sha=${sha256(initrd)}`
for (const given of [ofBoth, `sha=${sha256(kernel)} ${ofBoth}`]) {
  test(`an image without a digest is left behind where others have one: ${given.slice(0, 9)}`, () => {
    const ended = boot(`url=http://s/vmlinuz,http://s/initrd.img,http://s/node.squashfs ${given}`, {
      serve: servedEach,
    })
    assert.match(ended.console, 'verify: 1 images have no digest: not verified, not booted\n')
    assert.is(ended.loaded?.initrd?.toString('latin1'), initrd)
    assert.is(ended.loaded?.commandLine, '')
  })
}

test('an image with a digest goes on, beside one that has none', () => {
  const digests = [kernel, initrd, 'hsqs..'].map(file => `sha=${sha256(file)}`).join(' ')
  const url = 'url=http://s/vmlinuz,http://s/initrd.img,http://s/node.squashfs,http://s/more.iso'
  const ended = boot(`${url} ${digests}`, { serve: { ...servedEach, 'http://s/more.iso': 'CD001' } })
  assert.match(ended.console, 'verify: /tmp/url-3/node.squashfs: digest holds, by sha\n')
  assert.match(ended.console, 'verify: 1 images have no digest: not verified, not booted\n')
  assert.match(ended.loaded?.commandLine ?? '', /^root=live:\/node\.img /)
  assert.not.match(ended.loaded?.initrd?.toString('latin1') ?? '', 'CD001')
})

test('an image and no initrd, or no such part: it is left behind, and the console says so', () => {
  const { vmlinuz, 'node.squashfs': image } = withImage
  const said = 'kexec: 1 other files are not handed over\n'
  assert.match(beside({ vmlinuz, 'node.squashfs': image }).console, said)
  assert.match(beside(withImage, '', { without: ['image-segments'] }).console, said)
})

/** Its setup header takes so many bytes. */
const withLimit = (bytes: number): string => {
  const changed = Buffer.from(kernel, 'latin1')
  changed.writeUInt32LE(bytes, 0x238)
  return changed.toString('latin1')
}

test('a command line that is longer than the next kernel takes', () => {
  const line = 'x'.repeat(300)
  const serve = { 'http://s/k': withLimit(299) }
  const ended = boot(`kernel_url=http://s/k next_kernel_params=${line}`, { serve })
  const words = 'kexec: the next command line has 300 bytes, and /tmp/kernel/k takes 299\n'
  assert.match(ended.console, words)
  assert.not.ok(ended.ran('kexec'))
  assert.is(ended.end, 'reboot after 30 s')
  const enough = boot(`kernel_url=http://s/k next_kernel_params=${line}`, {
    serve: { 'http://s/k': withLimit(300) },
  })
  assert.is(enough.loaded?.commandLine, line)
})

test('kexec -e that fails: the failure action follows', () => {
  assert.is(boot(both, { kexec: 'no jump' }).end, 'reboot after 30 s')
})

test('several initrds are joined at multiples of four bytes', () => {
  const serve = { 'http://s/k': kernel, 'http://s/a': 'aaaaa', 'http://s/b': 'bbbb', 'http://s/c': 'c' }
  const ended = boot(
    'kernel_url=http://s/k initrd_url=http://s/a initrd_url=http://s/b initrd_url=http://s/c',
    { serve },
  )
  assert.is(ended.loaded?.initrd?.toString(), 'aaaaa\0\0\0bbbbc\0\0\0')
  assert.is(ended.file('/tmp/initrd-1/a'), undefined, 'memory holds an initrd only once')
  assert.ok(ended.ran('kexec', '-s', '-l', '/tmp/kernel/k', '--command-line=', '--initrd=/tmp/initrds'))
})

test('too little memory is said before kexec tries', () => {
  const big = kernel + 'x'.repeat(3 * 1024 * 1024)
  const ended = boot(both, { memory: 15 * 1024, serve: { ...served, 'http://s/k': big } })
  assert.match(
    ended.console,
    /kexec: not enough memory: kexec needs 45058 KiB for its copies, \d+ KiB are free\n/,
  )
  assert.not.ok(ended.ran('kexec'))
  assert.is(ended.end, 'reboot after 30 s')
})

test.run()

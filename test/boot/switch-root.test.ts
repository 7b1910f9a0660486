// boot=switch_root: images of url= are the root of the first kernel, which starts their init.
import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { silent } from '../../generator/host/console/progress.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { keyFolder, selfSigned } from '../support/certificates.ts'
import { cli } from '../support/cli.ts'
import { needs } from '../support/needs.ts'
import { type BootCase, declareBoots } from './boot-cases.ts'
import {
  laySmallRoot,
  makeCpio,
  makeErofs,
  makeSquashfs,
  makeTar,
  rootComesUp,
  rootMarker,
} from './next-systems.ts'
import { startSite } from './site.ts'

const programs = {
  mksquashfs: 'squashfs-tools',
  'mkfs.erofs': 'erofs-utils',
  'mkfs.ext4': 'e2fsprogs',
  cpio: 'cpio',
  openssl: 'openssl',
  xz: 'xz-utils',
  veritysetup: 'cryptsetup-bin',
}

/** Has veritysetup make an image's hash tree, behind it or in a file of its own; the root hash. */
function makeHashTree(image: string, tree = image): string {
  const { size } = statSync(image)
  const behind = tree === image ? [`--hash-offset=${size}`, `--data-blocks=${size / 4096}`] : []
  const said = execFileSync('veritysetup', ['format', ...behind, image, tree], { encoding: 'utf8' })
  return /^Root hash:\s+([0-9a-f]{64})$/m.exec(said)?.[1] ?? `veritysetup said: ${said}`
}

async function declareRoots(): Promise<void> {
  // What it takes is not what only a person at the rescue shell has.
  const site = await startSite({ modules: ['virtual', 'storage'], without: ['rescue-shell'] })
  const signer = selfSigned(keyFolder(), 'site')
  const trusting = await startSite({ modules: ['virtual', 'storage'], trust: [signer.certificate] })
  const work = mkdtempSync(join(tmpdir(), 'aria2-initrd-roots-'))
  test.after(async () => {
    rmSync(work, { recursive: true, force: true })
    await site.close()
    await trusting.close()
  })
  const [small, empty] = [join(work, 'small'), join(work, 'empty')]
  mkdirSync(small)
  mkdirSync(empty)
  laySmallRoot(small, (await provideBinaries(silent)).busybox.path)
  makeSquashfs(small, join(site.folder, 'small.squashfs'))
  makeSquashfs(empty, join(site.folder, 'empty.squashfs'))
  makeErofs(small, join(site.folder, 'small.erofs'))
  makeTar(small, join(site.folder, 'small.tar.xz'))
  makeTar(small, join(site.folder, 'whole.tar.gz'))
  writeFileSync(
    join(site.folder, 'half.tar.gz'),
    readFileSync(join(site.folder, 'whole.tar.gz')).subarray(0, -9),
  )
  makeCpio(small, join(site.folder, 'small.cpio'))
  const ext4 = ['-q', '-d', small, join(site.folder, 'small.ext4'), '220M']
  execFileSync('mkfs.ext4', ext4, { stdio: 'pipe' })

  const inSite = (name: string) => join(site.folder, name)
  copyFileSync(inSite('small.squashfs'), inSite('proven.squashfs'))
  const behind = makeHashTree(inSite('proven.squashfs'))
  const beside = makeHashTree(inSite('small.erofs'), inSite('small.verity'))
  const flipped = readFileSync(inSite('proven.squashfs'))
  flipped[100_000] = (flipped[100_000] ?? 0) ^ 1
  site.write('flipped.squashfs', flipped)

  const off = 'retries=1 on_failure=poweroff failure_delay=1'
  const root = (image: string, more = '') => `url=${site.url(image)} boot=switch_root ${more} ${off}`
  /** A root that has come up, by its own words. */
  const comesUp = (name: string, append: string, ...has: (string | RegExp)[]): BootCase => ({
    name,
    append,
    expected: rootComesUp,
    has: [rootMarker, ...has, 'release: ID=small', /\/run\/aria2-initrd\s/],
    not: ['kexec: ', 'left over: '],
    limit: 200,
  })
  const noRoot = 'no root is started; the cause is told'
  const fails = (name: string, append: string, cause: string): BootCase => ({
    name,
    append,
    expected: noRoot,
    has: [`switch-root: ${cause}`, 'boot failed; poweroff in 1 s'],
    not: [rootMarker],
    limit: 200,
  })

  /** Publishes the root and its hash tree, signed, as an admin does; NAME.manifest's parameter. */
  const publish = (name: string): string => {
    for (const file of ['small.erofs', 'small.verity'])
      copyFileSync(inSite(file), join(trusting.folder, file))
    const { status, stderr } = cli(
      ...['publish', join(trusting.folder, 'small.erofs'), join(trusting.folder, 'small.verity')],
      ...['--output', trusting.folder, '--base-url', trusting.url('').replace(/\/$/, ''), '--name', name],
      ...['--stage-one', join(trusting.image.initrd, '..'), '--boot', 'switch_root', '--roothash', beside],
      ...['--overlay', 'tmpfs:size=32m', '--next-kernel-params', 'quiet signed=1'],
      ...['--sign', signer.key, '--certificate', signer.certificate],
    )
    assert.is(status, 0, stderr)
    return `manifest=${trusting.url(`${name}.manifest`)}`
  }
  const signed = publish('signed')
  const altered = publish('altered')
  const manifest = readFileSync(join(trusting.folder, 'altered.manifest'), 'utf8')
  trusting.write('altered.manifest', manifest.replace(beside, behind))
  const signedRoots: BootCase[] = [
    {
      name: 'a signed manifest: root, root hash, layer and command line are what was signed',
      expected: rootComesUp,
      append: `${signed} systemd.unit=rescue.target ${off}`,
      has: [
        rootMarker,
        /signed\.manifest: signed by site; serial 1/,
        'small.erofs: all of it is held against roothash=',
        /^overlay \/ overlay rw/m,
        /^command line: console=ttyS0 quiet signed=1$/m,
      ],
      not: ['left over: '],
      limit: 200,
    },
    {
      name: 'a signed manifest whose root hash was altered',
      append: `${altered} ${off}`,
      expected: noRoot,
      has: ['altered.manifest: the file is not the one that was signed', 'boot failed; poweroff in 1 s'],
      not: [rootMarker],
      limit: 200,
    },
    {
      name: 'a root hash beside a signed manifest',
      append: `${signed} roothash=${behind} ${off}`,
      expected: noRoot,
      has: ['roothash= is for the manifest to say', 'boot failed; poweroff in 1 s'],
      not: [rootMarker],
    },
  ]
  declareBoots(test, trusting, signedRoots, 'signed-roots')

  const roots: BootCase[] = [
    comesUp(
      'squashfs below a layer in memory',
      root('small.squashfs', 'rd.overlay=tmpfs:size=32m'),
      /^overlay \/ overlay rw/m,
      'writable',
    ),
    comesUp('squashfs, read-only', root('small.squashfs'), /^\/dev\/loop0 \/ squashfs ro/m, 'read-only'),
    comesUp('erofs', root('small.erofs', 'rd.overlay=tmpfs'), /^overlay \/ overlay rw/m, 'writable'),
    {
      ...comesUp(
        'ext4, read-only, larger than what either of two NUMA nodes has free',
        root('small.ext4', 'loglevel=7'),
        /NODE_DATA\(1\) allocated/,
        /^\/dev\/loop0 \/ ext4 ro/m,
        /^read-only$/m,
      ),
      memory: [220, 220],
    },
    comesUp(
      'a tar that xz has compressed, in memory of a size',
      root('small.tar.xz', 'rd.overlay=tmpfs:size=40m'),
      /^tmpfs \/ tmpfs rw.*size=40960k/m,
      'writable',
    ),
    comesUp('a cpio archive, read-only', root('small.cpio'), /^tmpfs \/ tmpfs ro/m, 'read-only'),
    comesUp(
      'squashfs with a hash tree behind it',
      root('proven.squashfs', `roothash=${behind}`),
      'no digest given: the root alone is verified, by roothash=',
      /^\/dev\/dm-0 \/ squashfs ro/m,
      'read-only',
    ),
    comesUp(
      'erofs with a hash tree in a file of its own, below a layer in memory',
      root(`small.erofs,${site.url('small.verity')}`, `roothash=${beside} rd.overlay=tmpfs`),
      /^overlay \/ overlay rw/m,
      'writable',
    ),
    fails(
      'one bit of the file system is another one than the hash tree knows',
      root('flipped.squashfs', `roothash=${behind}`),
      '/tmp/url-1/flipped.squashfs: from byte 98304 on not what the root hash says',
    ),
    fails(
      'the root hash of another file system',
      root('proven.squashfs', `roothash=${beside}`),
      '/tmp/url-1/proven.squashfs: from byte 0 on not what the root hash says',
    ),
    fails(
      'a tar whose last bytes are missing',
      root('half.tar.gz'),
      '/tmp/url-1/half.tar.gz: damaged, or no room in memory for what it holds',
    ),
    fails(
      'a file system that the image has no driver for',
      root('small.squashfs', 'rd.driver.blacklist=squashfs'),
      'this kernel has no squashfs: build the image with --modules storage',
    ),
    fails(
      'a root without folders',
      root('empty.squashfs'),
      '/tmp/url-1/empty.squashfs: not a root: it has no folder /dev',
    ),
    {
      name: 'boot=none: the kernel is fetched and not started',
      expected: 'nothing is started',
      append: `url=${site.url('vmlinuz')} boot=none on_complete=poweroff`,
      has: ['all files are in /tmp; poweroff (on_complete)'],
      not: ['kexec: starting'],
    },
  ]
  declareBoots(test, site, roots, 'roots')
}

const generator = '/lib/systemd/system-generators/systemd-veritysetup-generator'
needs(test, { [generator]: 'systemd' })(
  'systemd makes a unit of roothash=, and none with systemd.verity=no',
  () => {
    const unitsOf = (cmdline: string): string[] => {
      const folder = mkdtempSync(join(tmpdir(), 'aria2-initrd-units-'))
      try {
        const env = { ...process.env, SYSTEMD_PROC_CMDLINE: cmdline }
        execFileSync(generator, [folder, folder, folder], { env, stdio: 'pipe' })
        return readdirSync(folder)
      } finally {
        rmSync(folder, { recursive: true })
      }
    }
    const roothash = `boot=switch_root roothash=${'ab'.repeat(32)}`
    assert.ok(unitsOf(roothash).includes('systemd-veritysetup@root.service'))
    assert.equal(unitsOf(`${roothash} systemd.verity=no`), [])
  },
)

// Where a program is missing nothing is made, and the one line tells.
const declare = needs(test, programs)
if (declare === test) await declareRoots()
else declare('boot=switch_root', () => {})
test.run()

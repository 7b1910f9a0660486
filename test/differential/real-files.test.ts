// What files are that the tools of this field make, packed as people pack them: the same under every shell and in `publish`.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { findProgram } from '../../generator/host/debian/host-packages.ts'
import { callStage } from '../../generator/simulator/simulate.ts'
import { needs } from '../support/needs.ts'
import { initrd, kernel } from '../support/payload.ts'
import { makeBench } from './boots.ts'
import { compareCases } from './cases.ts'
import { shellPackages } from './shells.ts'

const folder = mkdtempSync(join(tmpdir(), 'real-files-'))
const bench = process.getuid?.() === 0 ? await makeBench() : undefined
test.after(() => {
  rmSync(folder, { recursive: true })
  bench?.remove()
})

/** A small tree with text that compresses and bytes that do not. */
mkdirSync(join(folder, 'tree/etc'), { recursive: true })
writeFileSync(join(folder, 'tree/etc/motd'), 'welcome\n'.repeat(200))
writeFileSync(
  join(folder, 'tree/noise'),
  Buffer.from(Array.from({ length: 9000 }, (_, n) => (n * n * 7919) >> 5)),
)
writeFileSync(join(folder, 'linux'), Buffer.from(kernel, 'latin1'))
writeFileSync(join(folder, 'disk'), Buffer.alloc(1 << 20))

/** A kind of file: what makes it at $1 from the folder that it runs in. */
interface Kind {
  program: string
  package: string
  script: string
  is: 'kernel' | 'initrd' | 'image'
}

const stub = '/usr/lib/systemd/boot/efi/linuxx64.efi.stub'
const kinds: Record<string, Kind> = {
  newc: {
    program: 'cpio',
    package: 'cpio',
    script: 'cd tree && find . | cpio -o -H newc >"$1"',
    is: 'initrd',
  },
  tar: { program: 'tar', package: 'tar', script: 'tar -C tree -cf "$1" .', is: 'image' },
  squashfs: {
    ...{ program: 'mksquashfs', package: 'squashfs-tools', is: 'image' },
    script: 'mksquashfs tree "$1" -quiet -no-progress',
  },
  erofs: { program: 'mkfs.erofs', package: 'erofs-utils', script: 'mkfs.erofs "$1" tree', is: 'image' },
  ext4: {
    ...{ program: 'mkfs.ext4', package: 'e2fsprogs', is: 'image' },
    script: 'cp disk "$1" && mkfs.ext4 -q "$1"',
  },
  qcow2: {
    ...{ program: 'qemu-img', package: 'qemu-utils', is: 'image' },
    script: 'qemu-img convert -O qcow2 disk "$1"',
  },
  iso: {
    program: 'genisoimage',
    package: 'genisoimage',
    script: 'genisoimage -quiet -o "$1" tree',
    is: 'image',
  },
  uki: {
    ...{ program: stub, package: 'systemd-boot-efi', is: 'kernel' },
    script: `objcopy --add-section .linux=linux --change-section-vma .linux=0x2000000 ${stub} "$1"`,
  },
  'efi program': { program: stub, package: 'systemd-boot-efi', script: `cp ${stub} "$1"`, is: 'image' },
}

/** What compresses it, and whether /init can look through it. */
const compressors: Record<string, { program: string; script: string; isSeen: boolean }> = {
  plain: { program: 'cat', script: 'cat', isSeen: true },
  gzip: { program: 'gzip', script: 'gzip -9', isSeen: true },
  xz: { program: 'xz', script: 'xz -9', isSeen: true },
  'xz for kernels': { program: 'xz', script: 'xz --check=crc32 --x86 --lzma2', isSeen: true },
  lz4: { program: 'lz4', script: 'lz4 -l', isSeen: false },
  zstd: { program: 'zstd', script: 'zstd -19', isSeen: false },
  bzip2: { program: 'bzip2', script: 'bzip2', isSeen: false },
  lzop: { program: 'lzop', script: 'lzop', isSeen: false },
}

for (const [name, kind] of Object.entries(kinds)) {
  const packages = {
    ...shellPackages,
    chroot: 'coreutils',
    [kind.program]: kind.package,
    objcopy: 'binutils',
  }
  needs(
    test,
    packages,
    true,
  )(`${name}: ${kind.is}`, async () => {
    const made = join(folder, name)
    execFileSync('sh', ['-ec', kind.script, 'sh', made], { cwd: folder, stdio: 'pipe' })
    const cases = Object.entries(compressors)
      .filter(([, { program }]) => findProgram(program) !== undefined)
      .map(([how, { script, isSeen }]) => {
        const content = execFileSync('sh', ['-ec', `${script} <"$1"`, 'sh', made], { maxBuffer: 1 << 26 })
        // The name says the opposite of what it is.
        const path = `/tmp/case/${kind.is === 'initrd' ? 'disk' : 'initrd'}`
        return {
          how,
          isSeen,
          call: 'verdictOn',
          values: [path],
          files: { [path]: content.toString('latin1') },
        }
      })
    for (const { how, isSeen, files, values } of cases) {
      const { value } = callStage('verdictOn', values, { cmdline: '' }, machine => {
        for (const [path, text] of Object.entries(files))
          machine.files.place(path, Buffer.from(text, 'latin1'))
      })
      if (isSeen) assert.is(value, `${kind.is}, by its content`, how)
      else
        assert.match(
          String(value),
          new RegExp(`^${kind.is}, by its content$|: nothing here unpacks it$`),
          how,
        )
    }
    if (bench === undefined) return
    const verdicts = await compareCases(bench, cases)
    // What the file holds is no help.
    const wrong = verdicts.map((verdict, index) =>
      verdict === undefined ? '' : `${cases[index]?.how}: ${verdict.replace(/"files":.*/g, '')}`,
    )
    assert.equal(
      wrong.filter(text => text !== ''),
      [],
    )
  })
}

needs(
  test,
  { ...shellPackages, chroot: 'coreutils', [stub]: 'systemd-boot-efi', objcopy: 'binutils' },
  true,
)('a UKI that binutils put together is taken apart, byte for byte', async () => {
  const sections = {
    '.linux': kernel,
    '.initrd': `${initrd}odd`,
    '.cmdline': 'root=x quiet',
    '.ucode': initrd,
  }
  const words = Object.entries(sections).flatMap(([name, content], index) => {
    const file = join(folder, `section${name}`)
    writeFileSync(file, Buffer.from(content, 'latin1'))
    return [
      '--add-section',
      `${name}=${file}`,
      '--change-section-vma',
      `${name}=0x${(index + 2).toString(16)}000000`,
    ]
  })
  const made = join(folder, 'whole-uki')
  execFileSync('objcopy', [...words, stub, made], { stdio: 'pipe' })
  const uki = '/tmp/case/uki'
  const each = {
    call: 'takeUkiApart',
    values: [uki, '/tmp/case/apart'],
    files: { [uki]: readFileSync(made, 'latin1') },
  }
  const { machine } = callStage(each.call, each.values, { cmdline: '' }, prepared => {
    prepared.files.place(uki, Buffer.from(each.files[uki] ?? '', 'latin1'))
  })
  const read = (name: string) => machine.files.read(`/tmp/case/apart/${name}`).toString('latin1')
  assert.is(read('linux'), kernel)
  assert.is(read('cmdline'), sections['.cmdline'])
  assert.is(read('initrds/1-microcode'), initrd)
  assert.is(read('initrds/2-initrd'), `${initrd}odd`)
  if (bench !== undefined) assert.equal(await compareCases(bench, [each]), [undefined])
})

test.run()

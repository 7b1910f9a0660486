// Archives as the packed BusyBox unpacks them, by the function of /init.
import { execFileSync, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { silent } from '../../generator/host/console/progress.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { needs } from '../support/needs.ts'
import { root } from '../support/root.ts'

const work = mkdtempSync(join(tmpdir(), 'unpack-archive-'))
test.after(() => rmSync(work, { recursive: true, force: true }))
const inRoot = (path: string): string => join(work, 'root', path)
const script = (text: string): Buffer =>
  execFileSync('sh', ['-ec', text], { cwd: join(work, 'tree'), maxBuffer: 1 << 26 })

const declare = needs(test, { cpio: 'cpio', xz: 'xz-utils', chroot: 'coreutils' }, true)

for (const folder of ['tree', 'root/bin', 'root/dev', 'root/run/aria2-initrd'])
  mkdirSync(join(work, folder), { recursive: true })
writeFileSync(join(work, 'tree/file'), 'content')
copyFileSync((await provideBinaries(silent)).busybox.path, inRoot('bin/busybox'))
for (const applet of ['cat', 'cpio', 'tar', 'xzcat', 'zcat']) symlinkSync('busybox', inRoot(`bin/${applet}`))
writeFileSync(inRoot('dev/null'), '')

/** Whether it takes the archive, and with what it came to lie in the folder. */
function unpack(content: Buffer, program: string, archiver: string): string {
  writeFileSync(inRoot('archive'), content)
  rmSync(inRoot('new'), { recursive: true, force: true })
  rmSync(inRoot('run/aria2-initrd/damaged'), { force: true })
  mkdirSync(inRoot('new'))
  const helper = readFileSync(join(root, 'shell-templates/helpers/unpack_archive.sh'), 'utf8')
  const call = `PATH=/bin\n${helper}\nunpack_archive ${program} /archive ${archiver} /new`
  const { status } = spawnSync('chroot', [join(work, 'root'), '/bin/busybox', 'sh', '-c', call], {
    stdio: 'ignore',
  })
  const file = existsSync(inRoot('new/file')) ? readFileSync(inRoot('new/file'), 'utf8') : 'nothing'
  return `${status === 0 ? 'taken' : 'refused'}, ${file}`
}

/** More than a pipe holds: whoever writes it would wait for a reader that has gone. */
const padding = 'head -c 1048576 /dev/zero'
const archivers = { cpio: 'find . -name file | cpio -o -H newc --quiet', tar: 'tar -cf - file' }
const packers = { cat: 'cat', zcat: 'gzip', xzcat: 'xz' }

for (const [archiver, pack] of Object.entries(archivers))
  for (const [program, packer] of Object.entries(packers)) {
    const bytes = (more: string) => script(`{ ${pack}; ${more}; } | ${packer}`)
    declare(`${archiver}, ${packer}: what goes on behind its end is whole, too`, () => {
      assert.is(unpack(bytes(padding), program, archiver), 'taken, content')
      assert.is(unpack(bytes(':'), program, archiver), 'taken, content')
    })
    if (program === 'cat') continue
    declare(
      `${archiver}, ${packer}: one that ends too soon is refused, even behind the archive's end`,
      () => {
        assert.match(unpack(bytes(padding).subarray(0, -9), program, archiver), /^refused/)
      },
    )
  }

test.run()

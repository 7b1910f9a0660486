// `build` and `inspect` as a person calls them: what is printed where, and the exit status.
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { madeUpKernel, madeUpModule } from '../image/made-up-kernel.ts'
import { cli } from '../support/cli.ts'

const output = mkdtempSync(join(tmpdir(), 'build-'))
const kernelRoot = madeUpKernel({ 'kernel/card.ko': madeUpModule() })

test('build makes three files and says on stdout what takes the space; inspect reads them', () => {
  const made = cli('build', '-o', output, '--kernel-root', kernelRoot, '--modules', 'card')
  assert.is(made.status, 0, made.stderr)
  assert.match(made.stdout, `${output}/initrd.img`)
  for (const part of [
    'aria2c',
    'busybox',
    'kexec',
    'CA certificates',
    'init',
    'kernel modules',
    'together',
  ]) {
    assert.match(made.stdout, new RegExp(`^${part} .* \\d+\\.\\d %$`, 'm'))
  }
  for (const name of ['initrd.img', 'vmlinuz', 'init']) assert.ok(existsSync(join(output, name)), name)

  const image = join(output, 'initrd.img')
  const init = cli('inspect', image, '--cat', 'init')
  assert.is(init.stdout, readFileSync(join(output, 'init'), 'utf8'))
  assert.match(cli('inspect', image).stdout, /^-rwxr-xr-x +\d+ {2}usr\/bin\/aria2c$/m)
  assert.is(cli('inspect', image, '--cat', '/etc/mtab').status, 1)
  assert.is(cli('inspect', image, '--extract', join(output, 'tree')).status, 0)
  assert.ok(existsSync(join(output, 'tree/lib/modules/6.0-test/kernel/card.ko')))
  const again = cli('inspect', image, '--extract', join(output, 'tree'))
  assert.equal([again.status, again.stdout], [1, ''])
  assert.match(again.stderr, 'is not empty')
})

/** Of 5 GiB, all of it a hole. */
const huge = join(output, 'huge.ts')
writeFileSync(huge, '')
truncateSync(huge, 5 * 2 ** 30)
const hugeKernel = madeUpKernel({ 'kernel/card.ko': madeUpModule() })
truncateSync(join(hugeKernel, 'boot/vmlinuz-6.0-test'), 5 * 2 ** 30)

const wrongUsage: string[][] = [
  ['build', '--nonsense'],
  ['build', 'stray'],
  ['build', '--kernel-version', '6.1'],
  ['build', '--kernel', 'linux-image-amd64', '--kernel-root', '/'],
  ['build', '--modules', 'virtual,'],
  ['build', '--modules', 'none,virtual'],
  ['build', '--modules', '../../etc'],
  ['inspect'],
  ['inspect', 'x', '--cat', 'a', '--extract', 'b'],
]

const failures: string[][] = [
  ['build', '--kernel-root', '/nowhere'],
  ['build', '--kernel-root', kernelRoot, '--kernel-version', '5'],
  ['build', '--kernel-root', kernelRoot, '--modules', 'nothing-like-it'],
  ['build', '--kernel', 'not-a-kernel'],
  ['build', '--kernel-root', kernelRoot, '--modules', 'card', '--firmware', '/nowhere'],
  ['build', '--kernel-root', kernelRoot, '--modules', 'virtual,ethernet'],
  ['build', '--kernel-root', hugeKernel, '--modules', 'card'],
  ['build', '--kernel-root', kernelRoot, '--modules', 'card', '--ca', huge],
  ['build', '--kernel-root', kernelRoot, '--modules', 'card', '--add', huge],
  ['build', '--kernel-root', kernelRoot, '--modules', 'card', '--stage', huge, '--after', 'network'],
  ['build', '--config', huge],
  ['inspect', huge],
  ['inspect', '/nowhere'],
  ['inspect', '/etc/passwd'],
  ['inspect', '/tmp'],
]

for (const [status, calls] of [
  [2, wrongUsage],
  [1, failures],
] as const) {
  for (const call of calls) {
    test(`exit status ${status}, one clear error, old image untouched: ${call.join(' ')}`, () => {
      const image = join(output, 'initrd.img')
      writeFileSync(image, 'the old image')
      const words = call[0] === 'build' ? [...call, '-o', output] : call
      const failed = cli(...words)
      assert.is(failed.status, status, failed.stderr)
      assert.is(failed.stdout, '')
      assert.match(failed.stderr, /(^|\n)aria2-initrd: error: .+\nhelp: .+\n$/)
      assert.not.match(failed.stderr, /\n {4}at /)
      assert.is(readFileSync(image, 'utf8'), 'the old image')
    })
  }
}

test.after(() => {
  for (const folder of [output, kernelRoot, hugeKernel]) rmSync(folder, { recursive: true })
})

test.run()

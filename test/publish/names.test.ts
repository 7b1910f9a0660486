// A name that cannot be published: the error says which can, and the line that helps, which is pasted here.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { CommandError } from '../../generator/host/console/command-error.ts'
import { shownLines } from '../../generator/host/console/foreign-text.ts'
import { checkFiles } from '../../generator/publish/check-options.ts'

const folder = mkdtempSync(join(tmpdir(), "published names, it's a "))
test.after(() => rmSync(folder, { recursive: true }))

const names = {
  'with a blank.img': 'with_a_blank.img',
  "it's.img": 'it_s.img',
  '"quoted" $(reboot) `x` \\ %s.img': '_quoted_reboot_x_s.img',
  '-rf': 'rf',
  '--': 'file_2',
  '.hidden': 'hidden',
  'two\nlines': 'two_lines',
  'ends with a newline\n': 'ends_with_a_newline_',
  '\x1b[2Jclears.img': '_2Jclears.img',
  'ünïcode.img': 'unicode.img',
  '計算.img': '_.img',
  'mårk\u0301\u0302\u0303\u0304s': 'marks',
  'right\u202eto left': 'right_to_left',
  [`${'long'.repeat(40)}`]: 'long'.repeat(25),
}

for (const [name, free] of Object.entries(names)) {
  test(JSON.stringify(name), async () => {
    const path = join(folder, name)
    writeFileSync(path, name)
    const refusal = await checkFiles([path]).then(
      () => undefined,
      (error: unknown) => error,
    )
    assert.instance(refusal, CommandError)
    const { message, help } = refusal as CommandError
    assert.match(message, 'a name may hold the letters A to Z and a to z, digits, . _ + -')
    assert.is(shownLines(help), help, 'a terminal shows the line as it is')
    const { status, stderr } = spawnSync('sh', ['-c', help], { encoding: 'utf8' })
    assert.is(status, 0, `${help}\n${stderr}`)
    const [published] = await checkFiles([join(folder, free)])
    assert.is(published?.name, free)
    assert.is(readFileSync(join(folder, free), 'utf8'), name)
  })
}

test('relative paths, and a name beside it that is taken', async () => {
  const before = process.cwd()
  process.chdir(folder)
  try {
    writeFileSync('a b', 'x')
    writeFileSync('a_b', 'taken')
    const refusal = await checkFiles(['a b']).catch((error: unknown) => error)
    assert.is((refusal as CommandError).help, "ln -s -- 'a b' a_b_2")
  } finally {
    process.chdir(before)
  }
})

test.run()

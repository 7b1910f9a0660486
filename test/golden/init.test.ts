// The whole /init, to the letter.
//   UPDATE=1 npm test -- golden    takes what comes out now
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compile, textOf } from '../../generator/compiler/generate-init.ts'
import { root } from '../../generator/compiler/root.ts'
import { requireClean } from '../../generator/compiler/shellcheck/gate.ts'
import { needs } from '../support/needs.ts'
import { runScript, shells } from '../support/shells.ts'

const golden = `${root}test/golden/init.golden`
const init = textOf(compile())
const lines = init.split('\n')

/** The first lines that differ, with what is around them. */
function shortDiff(wanted: string[], got: string[]): string {
  const start = wanted.findIndex((line, index) => line !== got[index])
  const first = start === -1 ? wanted.length : start
  const isSameEnd = (back: number) => wanted.at(-back) === got.at(-back)
  let end = 1
  while (end <= Math.min(wanted.length, got.length) - first && isSameEnd(end)) end += 1
  const piece = (all: string[], sign: string) =>
    all
      .slice(first, all.length - end + 1)
      .slice(0, 12)
      .map(line => `${sign} ${line}\n`)
      .join('')
  return `line ${first + 1}:\n  ${wanted[first - 1] ?? ''}\n${piece(wanted, '-')}${piece(got, '+')}`
}

test('/init is the one that was reviewed', () => {
  if (process.env.UPDATE === '1') writeFileSync(golden, init)
  const wanted = readFileSync(golden, 'utf8')
  if (wanted === init) return
  const diff = shortDiff(wanted.split('\n'), lines)
  assert.unreachable(`${diff}read it; UPDATE=1 npm test -- golden takes it as it is now`)
})

test('a difference is shown with the line before it', () => {
  assert.is(shortDiff(['a', 'b', 'c', 'd'], ['a', 'x', 'y', 'c', 'd']), 'line 2:\n  a\n- b\n+ x\n+ y\n')
  assert.is(shortDiff(['a', 'b'], ['a', 'b', 'c']), 'line 3:\n  b\n+ c\n')
})

test('it comes out the same twice', () => {
  assert.is(textOf(compile()), init)
})

const disabled = (line: string): boolean => line.startsWith('# shellcheck disable=')

test('ShellCheck with all its checks finds nothing', async () => {
  await requireClean(init)
  // What is left out says why in the line above.
  for (const [index, line] of lines.entries()) {
    if (disabled(line))
      assert.match(lines[index - 1] ?? '', /^# \S.*[.:]$/, `line ${index + 1}: a reason for ${line}`)
  }
})

for (const shell of shells) {
  needs(test, { [shell.command[0]]: shell.package })(`${shell.name} can read it`, () => {
    assert.equal(runScript(shell, init, '-n'), { status: 0, stdout: '', stderr: '' })
    assert.is.not(runScript(shell, `${init}fi\n`, '-n').status, 0)
  })
}

test('no line is over 100 columns, none has blanks at its end, all is ASCII', () => {
  const wide = lines.filter(line => line.length > 100 || /\s$/.test(line) || /[^ -~]/.test(line))
  assert.equal(wide, [])
})

test('what a careful person would not write is not in it', () => {
  const code = lines.filter(line => !line.trimStart().startsWith('#')).join('\n')
  for (const word of [
    'local',
    'eval',
    'echo',
    'typeset',
    'declare',
    'function',
    'source',
    'let',
    // A line of a file of the kernel's, or of what a program prints, is another thing.
    'read(?! -r [a-z0-9_]+( </proc/|; do$))',
    '\\[\\[',
    '`',
  ])
    assert.not.match(
      code.replace(/'[^'\n]*'|"(?:[^"\\\n]|\\.)*"/g, "''"),
      new RegExp(`(^|[;&|(\\s])${word}(\\s|$)`, 'm'),
    )
  // Numbered temporaries, but for names that are in the sources.
  const assigned = [...code.matchAll(/(?:^|\s)(_?[a-z_]*[0-9]+|_[a-z_]+)=/gm)].map(match => match[1])
  assert.equal(
    assigned.filter(name => name !== 'next_kernel_params_b64'),
    [],
  )
  // A variable is set and never read, a function defined and never called: dead code.
  const functions = [...code.matchAll(/^([a-z0-9_]+)\(\) \{/gm)].map(match => match[1] ?? '')
  const uncalled = functions.filter(name => code.split(new RegExp(`\\b${name}\\b`)).length < 3)
  assert.equal(uncalled, [])
  assert.is(new Set(functions).size, functions.length)
})

test('main is the last line', () => {
  assert.equal(lines.slice(-2), ['main "$@"', ''])
  assert.is(lines[0], '#!/bin/sh')
})

test.run()

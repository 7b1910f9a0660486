/** Standard output and standard error that cannot be written to, of any command. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { publishFolder } from '../serve/published.ts'

const bin = fileURLToPath(new URL('../../generator/commands/bin.mjs', import.meta.url))
const { folder } = await publishFolder()

const line = 'kernel_url=http://10.0.0.1/k'
const printing = [['--help'], ['generate'], ['cmdline', line]]
const serving = ['serve', folder, '--print', 'nginx']

/** Runs the command by a shell that puts its output elsewhere. */
function run(words: string[], elsewhere: string): { status: number | null; stdout: string; stderr: string } {
  const script = `"$@" ${elsewhere}`
  return spawnSync('bash', ['-c', script, 'bash', process.execPath, bin, ...words], { encoding: 'utf8' })
}

test('a full disk: one error, status 1', () => {
  for (const words of [...printing, ['params', '--format', 'json'], serving]) {
    const { status, stderr } = run(words, '>/dev/full')
    assert.is(status, 1, words.join(' '))
    assert.is(
      stderr,
      'aria2-initrd: error: cannot write to standard output: the disk is full\n' +
        'help: what was printed is not whole: make room, or print it elsewhere\n',
    )
  }
})

test('a reader who leaves: not a word, and a status that pipefail sees when something is lost', () => {
  for (const words of printing) {
    const { stderr, stdout } = run(words, '| head -c 1; echo " ${PIPESTATUS[0]}"')
    assert.is(stderr, '', words.join(' '))
    assert.match(stdout, /^.? [01]\n$/s, words.join(' '))
  }
  assert.match(run(['generate'], '| (exec true); echo " ${PIPESTATUS[0]}"').stdout, / 1\n$/)
})

test('closed, or an error that cannot be told: no stack trace, the status stays', () => {
  assert.is(run(serving, '>&-').stderr, '')
  for (const elsewhere of ['2>&- >/dev/null', '2>/dev/full >/dev/null'])
    assert.is(run(serving, elsewhere).status, 0, elsewhere)
  for (const elsewhere of ['2>&-', '2>/dev/full', '>/dev/full 2>/dev/full', '2> >(exec true)'])
    assert.is(run(['no-such-command'], elsewhere).status, 2, elsewhere)
})

test('a folder that cannot be written to is one error', () => {
  for (const words of [
    ['generate', '-o', '/proc/x/init'],
    ['publish', '/etc/hostname', '--base-url', 'http://10.0.0.1', '--no-stage-one', '-o', '/proc/x'],
    ['publish', '/etc/hostname', '--base-url', 'http://10.0.0.1', '--no-stage-one', '-o', '/dev/null/x'],
  ]) {
    const { status, stderr } = run(words, '')
    assert.is(status, 1, words.join(' '))
    assert.match(stderr, /^(reading .*\n)?aria2-initrd: error: cannot write .*\nhelp: .*\n$/, words.join(' '))
  }
})

test('control characters in what a person types come back by their numbers', () => {
  const { status, stderr } = run(['serve', '/absent\x1b[2J\x9b\u202e'], '')
  assert.is(status, 1)
  assert.match(stderr, '/absent\\u{1b}[2J\\u{9b}\\u{202e}')
  assert.match(run(['--\x1b[2J'], '').stderr, '--\\u{1b}[2J')
})

test.run()

// The gate stays shut whatever calls itself ShellCheck, and whatever lies in the cache.
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { takeBinary } from '../../generator/compiler/shellcheck/fetched.ts'
import { findingsOf, keepFindings, keptFindings } from '../../generator/compiler/shellcheck/gate.ts'
import { nativeEngine } from '../../generator/compiler/shellcheck/native.ts'

const folder = mkdtempSync(join(tmpdir(), 'shellcheck-'))
test.after(() => rmSync(folder, { recursive: true }))
process.env.XDG_CACHE_HOME = join(folder, 'cache')
// No network in these tests: as after a failure.
mkdirSync(join(folder, 'cache/aria2-initrd/shellcheck'), { recursive: true })
const note = join(folder, 'cache/aria2-initrd/shellcheck/not-fetched')
writeFileSync(note, '')
const path = process.env.PATH
/** Pipes that the runner of the tests may have given. */
const stdio = process.getActiveResourcesInfo().filter(name => name === 'PipeWrap').length

const faulty = '#!/bin/sh\nls $1\n'

/** A program called shellcheck, first on PATH. */
function standIn(text: string): string {
  const bin = mkdtempSync(join(folder, 'bin-'))
  const file = join(bin, 'shellcheck')
  writeFileSync(file, `#!/bin/sh\n${text}\n`)
  chmodSync(file, 0o755)
  process.env.PATH = `${bin}:${path}`
  return file
}

const known = `file=$(for last in "$@"; do :; done; printf %s "$last")`
const found = (code: number, file = '$file') =>
  `{\\"file\\":\\"${file}\\",\\"line\\":2,\\"column\\":1,\\"code\\":${code},\\"message\\":\\"m\\"}`

const impostors: Record<string, string> = {
  'succeeds and says nothing': 'exit 0',
  'succeeds with an empty list': "echo '[]'",
  'fails with an empty list': "echo '[]'; exit 1",
  'fails and says nothing': 'exit 1',
  'prints garbage': 'head -c 3000 /dev/urandom; exit 1',
  'downloads first, and cannot': "echo '[INFO ] ShellCheck binary not found, downloading'; exit 1",
  'is killed': 'kill -9 $$',
  'lacks the optional checks': "echo 'unrecognized option --enable=all' >&2; exit 3",
  'prints an object': "echo '{}'; exit 1",
  'prints a list of something else': "echo '[1]'; exit 1",
  'never stops talking': 'exec yes shellcheck',
  'never stops talking JSON': "printf '['; while :; do printf '%s' '{},'; done",
  'is an old version':
    "case $* in *--norc*) echo 'unrecognized option --norc' >&2; exit 4 ;; esac; echo '[]'; exit 1",
  'counts its columns in words': `echo '[{"file":"-","line":1,"column":"two","code":2086,"message":"m"}]'; exit 1`,
  'answers for another format': "echo 'In - line 2:'; echo 'ls $1'; exit 1",
  'ends well in spite of findings': `${known}\necho "[${found(2086)},${found(2250)}]"; exit 0`,
  'warns and says nothing': 'echo warning >&2; exit 1',
  'finds only what is found without the optional checks': `${known}\necho "[${found(2086)}]"; exit 1`,
  'finds the same in every script': `echo "[${found(2086, '-')},${found(2250, '-')}]"; exit 1`,
}

for (const [what, text] of Object.entries(impostors)) {
  test(`a program that ${what} is not believed`, async () => {
    assert.is(await nativeEngine(standIn(text))?.lint(faulty), undefined)
  })
}

test('one that hangs is ended with what it started, and the next engine is asked', async () => {
  const file = standIn('sleep 60 & sleep 60')
  const start = Date.now()
  assert.is(await nativeEngine(file, 300)?.lint(faulty), undefined)
  assert.ok(Date.now() - start < 20_000)
})

test('one that leaves a process behind, out of its group and at its standard output, is not waited for', async () => {
  const left = join(folder, 'left')
  const stand = standIn(`setsid sh -c 'echo $$ >${left}; exec sleep 60' & exit 1`)
  assert.is(await nativeEngine(stand, 1000)?.lint(faulty), undefined)
  // Nothing of it keeps this process alive; Node closes a pipe a little later.
  await new Promise(resolve => setTimeout(resolve, 200))
  const pipes = process.getActiveResourcesInfo().filter(name => name === 'PipeWrap')
  process.kill(Number(readFileSync(left, 'utf8')))
  assert.equal(pipes.slice(stdio), [])
})

test('warnings on standard error do no harm to one that works', async () => {
  const works = `${known}\necho warning >&2\necho "[${found(2086, '-')},${found(2086)},${found(2250)}]"; exit 1`
  const findings = await nativeEngine(standIn(works))?.lint(faulty)
  assert.equal(findings, [[{ line: 2, column: 1, code: 'SC2086', message: 'm' }]])
})

test('where the program on PATH is none, WebAssembly finds the fault, and again from what was kept', async () => {
  standIn('exit 0')
  const codes = async () => (await findingsOf(faulty)).map(({ code }) => code)
  const first = await codes()
  assert.ok(first.includes('SC2086'))
  // npm's wrapper would download: it is not even started.
  const file = standIn('exit 0')
  assert.equal(await codes(), first)
  assert.ok(file)
})

test('of a script with banners only the pieces that are new are given, and one with a finding as a whole again', async () => {
  const log = join(folder, 'log')
  const counting = `${known}
for last in "$@"; do case $last in -?*) ;; *) echo "$last"; esac; done | wc -l >>${log}
case $(cat) in *ls*) own=${`"${found(2086, '-')},"`};; *) own=; esac
echo "[$own${found(2086)},${found(2250)}]"; exit 1`
  standIn(counting)
  const script = (...names: string[]) =>
    `#!/bin/sh\n# shellcheck disable=SC2250\n${names.map(name => `# ---- ${name}\n${name} x\n`).join('')}`
  const given = async (text: string): Promise<string[]> => {
    writeFileSync(log, '')
    const { length } = await findingsOf(text)
    return [...readFileSync(log, 'utf8').trim().split(/\s+/).filter(Boolean), `${length} found`]
  }
  // Each time the known script is among them.
  assert.equal(await given(script('id', 'cd', 'pwd')), ['5', '0 found'])
  assert.equal(await given(script('id', 'cd', 'pwd')), ['0 found'])
  assert.equal(await given(script('id', 'pwd')), ['0 found'])
  assert.equal(await given(script('id', 'cd', 'df', 'pwd')), ['2', '0 found'])
  assert.equal(await given(script('ls', 'cd', 'pwd')), ['2', '2', '1 found'])
})

test('a kept result is believed whole or not at all', async () => {
  const cache = join(folder, 'cache/aria2-initrd/shellcheck')
  for (const name of readdirSync(cache)) if (name.endsWith('.json')) rmSync(join(cache, name))
  const finding = { line: 2, column: 4, code: 'SC2086', message: 'quote it' }
  await keepFindings('engine 1', faulty, [finding])
  assert.equal(keptFindings('engine 1', faulty), [finding])
  assert.is(keptFindings('engine 2', faulty), undefined)
  assert.is(keptFindings('engine 1', `${faulty}#`), undefined)
  const [name = ''] = readdirSync(cache).filter(each => each.endsWith('.json'))
  const record = join(cache, name)
  const text = readFileSync(record, 'utf8')
  const { subject, digest } = JSON.parse(text)
  const damaged = ['', '[]', '{}', text.slice(0, -2), text.replace('SC2086', 'SC2087'), '{"result":[]}']
  for (const each of [...damaged, JSON.stringify({ subject, result: [], digest })]) {
    writeFileSync(record, each)
    assert.is(keptFindings('engine 1', faulty), undefined, each)
  }
  writeFileSync(record, text)
  assert.equal(keptFindings('engine 1', faulty), [finding])
  chmodSync(record, 0o666)
  assert.is(keptFindings('engine 1', faulty), undefined, 'others can write it')
})

test('a cache that cannot be written does no harm', async () => {
  process.env.XDG_CACHE_HOME = '/proc/no'
  await keepFindings('engine 1', faulty, [])
  assert.is(keptFindings('engine 1', faulty), undefined)
  process.env.XDG_CACHE_HOME = join(folder, 'cache')
})

test('an archive with another digest is not unpacked', async () => {
  assert.is(await takeBinary(Buffer.from('not the archive'), '0'.repeat(64)), undefined)
  assert.not.ok(
    readdirSync(join(folder, 'cache/aria2-initrd/shellcheck')).some(name => name.startsWith('shellcheck-')),
  )
})

test('after a failure the network is left alone for a week', async () => {
  const before = readFileSync(note, 'utf8')
  await findingsOf(`${faulty}# 2\n`)
  assert.is(readFileSync(note, 'utf8'), before, 'it was not tried')
  const old = Date.now() / 1000 - 8 * 24 * 3600
  utimesSync(note, old, old)
})

test.run()

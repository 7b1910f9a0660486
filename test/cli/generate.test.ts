import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { cli } from '../support/cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'generate-'))
test.after(() => rmSync(folder, { recursive: true }))

/** Two lines for a person and no stack trace. */
function refuses(words: string[], status: number, what: RegExp, help: RegExp): void {
  const run = cli(...words)
  assert.is(run.status, status, run.stderr)
  assert.is(run.stdout, '')
  assert.match(run.stderr, /^aria2-initrd: error: /)
  assert.match(run.stderr, what)
  assert.match(run.stderr, help)
  assert.not.match(run.stderr, /^\s+at /m)
}

const init = cli('generate').stdout

test('generate prints /init; -o writes the same bytes, to be executed', () => {
  assert.match(init, /^#!\/bin\/sh\n/)
  assert.ok(init.endsWith('\nmain "$@"\n'))
  const path = join(folder, 'init')
  assert.is(cli('generate', '-o', path).status, 0)
  assert.is(readFileSync(path, 'utf8'), init)
  assert.is(statSync(path).mode & 0o777, 0o755)
})

test('a folder that cannot be written: one error, and what was there stays', () => {
  writeFileSync(join(folder, 'file'), 'before')
  refuses(['generate', '-o', join(folder, 'file/init')], 1, /cannot write/, /^help: /m)
  assert.is(readFileSync(join(folder, 'file'), 'utf8'), 'before')
  assert.not.ok(readdirSync(folder).some(name => name.endsWith('.tmp')))
})

test('generate --stage NAME prints that part of /init', () => {
  const { stdout } = cli('generate', '--stage', 'verify')
  assert.match(stdout, /^# ---- trust\/verify -+\n/)
  assert.match(stdout, /^verify_once\(\) \{$/m)
  assert.ok(init.includes(stdout.trimEnd()))
  assert.is(stdout.match(/^# ---- /gm)?.length, 1)
})

test('generate --explain LINE names the TypeScript behind every line of a stage', () => {
  const lines = init.split('\n')
  const line = lines.indexOf('    got=$(digest_like "$file" "$wanted") || return') + 1
  assert.ok(line > 0)
  const { stdout } = cli('generate', '--explain', String(line))
  const source = readFileSync(
    new URL('../../generator/stages/trust/digest.ts', import.meta.url),
    'utf8',
  ).split('\n')
  const at = source.findIndex(text => text.includes('const got = digestLike(file, wanted)')) + 1
  assert.match(stdout, `from generator/stages/trust/digest.ts:${at}:`)
  assert.match(stdout, 'const got = digestLike(file, wanted)')
  assert.match(cli('generate', '--explain', '2').stdout, 'shell-templates/init.hbs')
})

test('wrong usage of generate is status 2 with what to do', () => {
  refuses(['generate', '--frobnicate'], 2, /unknown option '--frobnicate'/, /^help: /m)
  refuses(['generate', '--explain', '0'], 2, /number of a line/, /^help: /m)
  refuses(['generate', '--explain', '999999'], 2, /has no line 999999/, /lines 1 to/)
  refuses(['generate', '--stage', 'nope'], 2, /no part of \/init is called 'nope'/, /verify/)
  refuses(['generate', '--after', 'network'], 2, /--stage FILE\.ts and --after STAGE/, /^help: /m)
  refuses(['nope'], 2, /unknown command 'nope'/, /^help: /m)
})

test('a stage of a site that is wrong: where, why and what to write instead', () => {
  const path = join(folder, 'fabric.ts')
  writeFileSync(
    path,
    [
      "import { log } from 'aria2-initrd/machine'",
      "import type { Network } from 'aria2-initrd/network'",
      'export function waitForFabric(network: Network): void {',
      '  log(`up on ${network.bootInterface}`)',
      '}',
      '',
    ].join('\n'),
  )
  assert.is(cli('generate', '--stage', path, '--after', 'network').status, 0)
  refuses(
    ['generate', '--stage', path, '--after', 'drivers'],
    1,
    /fabric\.ts:3:31: error\[not-provided\]/,
    /--after/,
  )
  refuses(['generate', '--stage', path, '--after', 'nope'], 2, /no such stage/, /drivers, network, download/)
  refuses(
    ['generate', '--stage', join(folder, 'none.ts'), '--after', 'network'],
    1,
    /no such file/,
    /^help: /m,
  )
  writeFileSync(path, 'export function waitForFabric(): void {\n  eval("1")\n}\n')
  refuses(['generate', '--stage', path, '--after', 'network'], 1, /fabric\.ts:2:3: error\[/, /^help: /m)
})

test('params prints text, Markdown and JSON of the same parameters', () => {
  const parameters = JSON.parse(cli('params', '--format', 'json').stdout) as {
    name: string
    aliases: string[]
  }[]
  const names = parameters.flatMap(({ name, aliases }) => [name, ...aliases])
  for (const name of [
    'url',
    'output_dir',
    'aria2_options',
    'next_kernel_params',
    'kernel_url',
    'initrd_url',
  ]) {
    assert.ok(names.includes(name), name)
  }
  for (const name of ['kernel_sha', 'initrd_sha', 'ramdisk_url', 'ramdisk_sha'])
    assert.ok(names.includes(name), name)
  const [text, markdown] = [cli('params').stdout, cli('params', '--format', 'md').stdout]
  for (const name of names) {
    assert.ok(text.includes(name), name)
    assert.ok(markdown.includes(`\`${name}\``), name)
  }
  refuses(['params', '--format', 'xml'], 2, /Allowed choices are text, md, json/, /^help: /m)
})

test('every command has --help, and --version is that of the package', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  assert.is(cli('--version').stdout, `${version}\n`)
  const commands = [...cli('--help').stdout.matchAll(/^ {2}([a-z]+) .*$/gm)].map(([, name]) => name ?? '')
  assert.ok(commands.length >= 6)
  for (const command of commands.filter(name => name !== 'help')) {
    const { status, stdout } = cli(command, '--help')
    assert.is(status, 0)
    assert.match(stdout, `Usage: aria2-initrd ${command}`)
  }
})

test.run()

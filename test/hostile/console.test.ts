// What stands on the console is true, bounded, and holds no control characters and no passwords.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { examine } from '../../generator/kernel-command-line/examine.ts'
import { stageOneLine } from '../../generator/publish/stage-one-line.ts'
import { shellPackages } from '../differential/shells.ts'
import { both, failed } from '../scenarios/scenario.ts'
import { needs } from '../support/needs.ts'
import { initrd, kernel } from '../support/payload.ts'
import { declareInputs, type HostileInput } from './inputs.ts'
import { removeBench, type StageInput, stageInput } from './stage-run.ts'

/** What no console may hold: control characters, bytes outside of ASCII, a line of ours that somebody else began. */
const untrue = /[^\n -~]|^aria2-initrd: verify: digest holds/m
const forged = 'x\naria2-initrd: verify: digest holds\n'

const once = `${both} retries=1`
/** A failed download whose cause is somebody else's text. */
const cause = (
  input: string,
  text: string,
  says: StageInput['says'],
  never: RegExp = untrue,
): StageInput => ({
  ...{ input, says, never, cmdline: once, end: failed },
  expected: 'one line, printable',
  world: { serve: { 'http://s/k': { status: 6, cause: text } } },
})
const status = (number: number, words: string): StageInput => ({
  ...{ input: `aria2c ends with ${number}`, says: words, cmdline: once, end: failed },
  expected: 'words for it, and the cause of this run',
  world: { serve: { 'http://s/k': { status: number, cause: 'of this run' } } },
  ...(number < 128 ? { never: 'aria2c(1) tells' } : { never: 'ended by signal' }),
})
const starred = (input: string, address: string, says: string): StageInput => ({
  ...{ input, says, never: 'secret', cmdline: `kernel_url=${address} retries=1`, end: failed },
  expected: 'the password is stars',
  world: { serve: {} },
})
const sentence = (input: string, cmdline: string, says: string): StageInput => ({
  ...{ input, cmdline, says, end: failed, never: 'network:' },
  expected: 'a sentence of its own, before the network',
})
const files = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`f${String(n).padStart(4, '0')}`, 'x']))
const torrent = (names: Record<string, string>) => ({ serve: { 'http://s/t': { files: names } } })
const harmless = (input: string, names: Record<string, string>, says: StageInput['says']): StageInput => ({
  ...{ input, says, never: untrue, cmdline: 'url=http://s/t', end: 'kexec', world: torrent(names) },
  expected: 'one line, printable',
})

const stageInputs: StageInput[] = [
  cause(
    'a cause with a newline and a line of ours',
    `${forged}y`,
    'http://s/k: network problem (aria2 status 6: x\\x0aaria2-initrd: verify: digest holds\\x0ay)',
  ),
  cause('a cause with ESC', 'a\x1b[2Jb\x1b]0;t\x07', 'status 6: a\\x1b[2Jb\\x1b]0;t\\x07)'),
  cause('a cause with bytes outside of ASCII', 'gr\xc3\xbc\x9b\xff', 'status 6: gr\\xc3\\xbc\\x9b\\xff)'),
  cause(
    'a cause with carriage returns and backspaces',
    'a\rb\b\b\bok',
    'status 6: a\\x0db\\x08\\x08\\x08ok)',
  ),
  cause('a cause of 60,000 characters', 'x'.repeat(60_000), 'status 6: xxxx', /.{4200}/),
  cause('a cause of 200,000 characters', 'x'.repeat(200_000), 'network problem (aria2 status 6', /.{4200}/),
  cause('a cause that holds format characters', '%s%n\\n\\033', 'status 6: %s%n\\n\\033)'),
  {
    ...{
      input: 'a cause in the log of the try before',
      says: 'http://b/k: timed out (aria2 status 2)',
      end: failed,
    },
    ...{ cmdline: 'kernel_url=http://a/k,http://b/k retries=1', expected: 'no cause for this try' },
    world: { serve: { 'http://a/k': { status: 6, cause: 'old' }, 'http://b/k': { status: 2 } } },
  },
  starred('a password in http://', 'http://user:secret@s/k', 'fetching http://user:***@s/k'),
  starred('a password in ftp:// with @ in it', 'ftp://user:sec@secret@s/k', 'fetching ftp://user:***@s/k'),
  starred('a password without a user', 'http://:secret@s/k', 'fetching http://:***@s/k'),
  starred('a password with % and $', 'http://u:$(secret)%s@s/k', 'fetching http://u:***@s/k'),
  starred(
    'a password in a refused address',
    'gopher://u:secret@s/k',
    "'gopher://u:***@s/k' is not a supported URL",
  ),
  starred(
    'passwords in two addresses of a refused list',
    'http://a:secret@s/k,,http://b:secret@t/k',
    'kernel_url=http://a:***@s/k,,http://b:***@t/k',
  ),
  {
    ...{
      input: 'a password beside a torrent',
      end: failed,
      never: 'secret',
      expected: 'the password is stars',
    },
    ...{ cmdline: 'url=http://u:secret@s/t.torrent retries=1', says: 'adding web server http://u:***@s/' },
    world: { serve: { 'http://u:secret@s/t.torrent': { status: 7 } } },
  },
  {
    ...starred('an address with @ and : in its path', 'http://s:80/a:b@c', 'fetching http://s:80/a:b@c'),
    expected: 'shown as it is',
  },
  sentence('url=,http://s/k', 'url=,http://s/k', 'url=,http://s/k: empty URL; check the commas'),
  sentence('kernel_url=,', 'kernel_url=,', 'kernel_url=,: empty URL'),
  sentence(
    'two commas in initrd_url',
    `${both} initrd_url=http://s/i,,http://t/i`,
    'initrd_url=http://s/i,,http://t/i: empty URL',
  ),
  sentence('an address with ESC', 'url=\x1b[2Jx', "'\\x1b[2Jx' is not a supported URL"),
  sentence('seed_ratio with ESC', `${both} seed_ratio=\x1b[2J`, 'seed_ratio=\\x1b[2J: not a number'),
  {
    ...{ input: 'a Metalink without files', cmdline: 'url=http://s/m.meta4 retries=1', end: failed },
    ...{ says: 'http://s/m.meta4: the Metalink lists no file', expected: 'a sentence of its own' },
    world: { serve: { 'http://s/m.meta4': { files: {} } } },
  },
  {
    ...{ input: 'a choice with ESC and a newline', cmdline: `${both} "on_failure=\x1b[2J\nx"`, end: 'kexec' },
    ...{
      says: 'on_failure=\\x1b[2J\\x0ax: ignored; expected one of reboot',
      never: untrue,
      expected: 'one line, printable',
    },
  },
  {
    ...{
      input: 'next_kernel_params with ESC',
      cmdline: `${both} next_kernel_params="a\x1b[2J"`,
      end: 'kexec',
    },
    ...{ says: 'with: a\\x1b[2J', never: untrue, expected: 'one line, printable' },
  },
  harmless(
    'a torrent whose file has a newline and a line of ours',
    { k: kernel, [forged]: initrd },
    'removed files with control characters',
  ),
  harmless(
    'a torrent whose file has ESC',
    { k: kernel, 'a\x1b[2J': initrd },
    'removed files with control characters',
  ),
  harmless(
    'a torrent whose folder has a newline',
    { k: kernel, 'a\nb/i': initrd },
    'removed files with control characters',
  ),
  harmless(
    'a torrent whose file has DEL',
    { k: kernel, '\x7f': initrd },
    'removed files with control characters',
  ),
  harmless(
    'a torrent whose file is not ASCII',
    { k: kernel, 'gr\xc3\xbc\x9b': initrd },
    '/tmp/url-1/gr\\xc3\\xbc\\x9b: initrd',
  ),
  {
    ...harmless('a torrent of 3,000 files', { k: kernel, ...files(3000) }, 'have 3001 files in all'),
    ...{ isLarge: true, never: /(have \/tmp[\s\S]*?){21}/, expected: 'twenty of them, then a count' },
  },
  {
    ...{ input: 'a torrent of 30 images', cmdline: 'url=http://s/t on_complete=halt', end: 'halt' },
    ...{
      says: 'have 30 files in all',
      never: /(by its content[\s\S]*?){21}/,
      expected: 'twenty of them, then a count',
    },
    world: torrent(files(30)),
  },
  ...[
    [8, 'the server has no parts of that file (aria2 status 8: of this run)'],
    [12, 'the same torrent is requested twice (aria2 status 12: of this run)'],
    [10, 'piece length differs from the previous try (aria2 status 10: of this run)'],
    [15, 'cannot write to output_dir (aria2 status 15: of this run)'],
    [16, 'cannot write to output_dir (aria2 status 16: of this run)'],
    [18, 'cannot write to output_dir (aria2 status 18: of this run)'],
    [127, 'cannot run aria2c (aria2 status 127: of this run)'],
    [132, 'crashed (signal 4): a bug in aria2, or an attack (aria2 status 132: of this run)'],
    [134, 'crashed (signal 6): a bug in aria2, or an attack (aria2 status 134: of this run)'],
    [135, 'crashed (signal 7): a bug in aria2, or an attack (aria2 status 135: of this run)'],
    [136, 'crashed (signal 8): a bug in aria2, or an attack (aria2 status 136: of this run)'],
    [137, 'killed: out of memory, or over 2 hours in one try (aria2 status 137: of this run)'],
    [139, 'crashed (signal 11): a bug in aria2, or an attack (aria2 status 139: of this run)'],
  ].map(([number, words]) => status(number as number, words as string)),
  {
    ...status(143, 'ended by signal 15 (aria2 status 143: of this run)'),
    never: 'aria2c(1) tells',
  },
]

// ---- what the kernel hands on to /init

const many = (count: number, end = '') => Array.from({ length: count }, (_, n) => `x${n}${end}`).join(' ')
const onHost = (input: string, line: string, right: string | undefined): HostileInput => ({
  ...{
    input,
    run: 'CLI',
    expected: right === undefined ? 'nothing to say' : 'refused, with count and limit',
  },
  see() {
    const found = examine(`${both} ${line}`).findings.find(({ text }) => text.includes('panics before /init'))
    assert.is(found?.text.slice(0, right?.length), right)
    return found === undefined ? 'no panic' : `${found.severity}: ${found.text.slice(0, 120)}`
  },
})
const variables = (count: number) => `it has ${count} names with a value that the kernel does not know`
const words = (count: number) => `it has ${count} words without a value that the kernel does not know`
/** What publish puts on the line are three names here, and boot loaders add BOOTIF. */
const published = (append: string): string =>
  stageOneLine({
    ...{ append, baseUrl: 'http://s', name: 'node', generation: 'node', isSwarm: true, sha256: new Map() },
    roles: {
      ...{ files: [], images: [] },
      kernel: { name: 'vmlinuz', path: '', size: 0 },
      initrds: [{ name: 'initrd.img', path: '', size: 0 }],
    },
  })
const onPublish = (count: number, right: string | undefined): HostileInput => ({
  ...{ input: `publish --append with ${count} names`, run: 'CLI' },
  expected: right === undefined ? 'published' : 'refused, with count and limit',
  see() {
    let said: string | undefined
    try {
      published(many(count, '=y'))
    } catch (error) {
      said = (error as Error).message
    }
    assert.is(said?.includes(right ?? '-'), right === undefined ? undefined : true, said)
    return said?.slice(0, 160) ?? 'published'
  },
})
const inputs: HostileInput[] = [
  ...stageInputs.map(stageInput),
  onHost('31 names that the kernel does not know', many(29, '=y'), undefined),
  onHost('32 names that the kernel does not know', many(30, '=y'), variables(32)),
  onHost('32 bare words', many(32), undefined),
  onHost('33 bare words', many(33), words(33)),
  onHost('33 words after --', `-- ${many(33, '=y')}`, words(33)),
  onHost('100 names of modules', many(100, '.a=y'), undefined),
  onHost('100 times one name', Array(100).fill('x=y').join(' '), undefined),
  onHost('100 parameters of the kernel', Array(50).fill('console=tty0 quiet').join(' '), undefined),
  onPublish(27, undefined),
  onPublish(28, variables(32)),
  onHost('names in quotes', Array.from({ length: 30 }, (_, n) => `"x${n}=a b"`).join(' '), variables(32)),
]

test.after(removeBench)
declareInputs(test, 'console', inputs, needs(test, { ...shellPackages, chroot: 'coreutils' }, true))
test.run()

// What parts decide is decided when /init is made: branches, operands and list members go, and so does all that only they
// came to. What is left stays at its line and column.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { chooseComments } from '../../../generator/compiler/parts/choose.ts'
import { factsOf } from '../../../generator/compiler/parts/facts.ts'
import { foldParts } from '../../../generator/compiler/parts/fold.ts'
import { textWithout } from '../../../generator/compiler/parts/parameters-without.ts'
import { prune } from '../../../generator/compiler/parts/prune.ts'
import { SourceText } from '../../../generator/compiler/parts/source-text.ts'
import type { PartName } from '../../../generator/stages/api/parts.ts'

const withHeader = (text: string): string =>
  text.includes('parts.') ? `import { parts } from './parts.ts'\n${text}` : text

/** Lines that have something left, without the blanks that took the place of what went. */
const tidy = (text: string): string =>
  text
    .split('\n')
    .map(line => line.trim().replace(/ +/g, ' '))
    .map(line => line.replace(/([([]) /g, '$1').replace(/ ([)\],])/g, '$1'))
    .filter(line => line !== '' && line !== '*')
    .join('\n')
    .replace(/\n,/g, ',')

/** The modules as they are without some parts. */
function without(parts: PartName[], ...texts: string[]): string {
  const files = texts.map((text, index) => new SourceText(`/${index}.ts`, withHeader(text)))
  const before = factsOf(files)
  for (const file of files) {
    chooseComments(file, parts)
    foldParts(file, parts, new Set(['fail']))
  }
  prune(files, before)
  for (const [index, { text }] of files.entries())
    assert.is(text.length, withHeader(texts[index] ?? '').length, 'every character keeps its place')
  return tidy(files.map(({ text }) => text).join('\n'))
}

const main = (body: string): string => `export function main(): void {\n${body}\n}`
const bodyOf = (text: string): string => text.replace(/^export function main\(\): void \{\n?|\n?\}$/g, '')
const bodyWithout = (parts: PartName[], body: string): string => bodyOf(without(parts, main(body)))

test('a branch that is always taken takes the place of its if, with the comment above', () => {
  const body = "// why\nif (parts.debug) {\nlog('a')\n} else {\nlog('b')\n}\nlog('c')"
  assert.is(bodyWithout([], body), "// why\nlog('a')\nlog('c')")
  assert.is(bodyWithout(['debug'], body), "// why\nlog('b')\nlog('c')")
})

test('a branch that is never taken goes with the comment above', () => {
  const body = "log('c')\n// why\nif (parts.debug) {\nlog('a')\n}"
  assert.is(bodyWithout(['debug'], body), "log('c')")
})

test('a comment loses what it says of a part that is out', () => {
  const body = "// Why. {@part debug Loudly\n// and clearly.}\nlog('a')"
  assert.is(bodyWithout([], body), "// Why. Loudly\n// and clearly.\nlog('a')")
  assert.is(bodyWithout(['debug'], body), "// Why.\nlog('a')")
})

test('the mark behind what a comment loses closes up', () => {
  const body = "// One{@part debug , or\n// two}; and so on{@part debug  (loudly)}.\nlog('a')"
  assert.match(bodyWithout([], body), /^\/\/ One,\s+or\n\/\/ two; and so on\s+\(loudly\)\.\s*\nlog/)
  assert.match(bodyWithout(['debug'], body), /^\/\/ One;\s+and so on\.\nlog/)
})

test('a group of parts is out when all of them are', () => {
  const body = "if (parts.layers) {\nlog('a')\n}\nlog('b')"
  assert.is(bodyWithout(['bond', 'vlan'], body), "log('a')\nlog('b')")
  assert.is(bodyWithout(['bond', 'vlan', 'infiniband'], body), "log('b')")
})

test('conditions lose the operands that are decided', () => {
  const body = (test: string) => `if (${test}) {\nlog('a')\n}`
  assert.is(bodyWithout([], body('parts.debug && x === y')), "if (x === y) {\nlog('a')\n}")
  assert.is(bodyWithout([], body('x === y && parts.debug')), "if (x === y) {\nlog('a')\n}")
  assert.is(bodyWithout(['debug'], body('x === y && parts.debug')), '')
  assert.is(bodyWithout(['debug'], body('!parts.debug || x === y')), "log('a')")
  assert.is(bodyWithout([], body('!parts.debug || x === y')), "if (x === y) {\nlog('a')\n}")
  assert.is(bodyWithout(['debug'], body('parts.debug && parts.metalink')), '')
  assert.is(bodyWithout([], body('(parts.debug || x === y) && z')), "if (z) {\nlog('a')\n}")
})

test('else if', () => {
  const body = "if (x) {\nlog('a')\n} else if (parts.debug) {\nlog('b')\n} else {\nlog('c')\n}"
  assert.is(bodyWithout([], body), "if (x) {\nlog('a')\n} else {\nlog('b')\n}")
  assert.is(bodyWithout(['debug'], body), "if (x) {\nlog('a')\n} else\n{\nlog('c')\n}")
  const last = "if (x) {\nlog('a')\n} else if (parts.debug) {\nlog('b')\n}"
  assert.is(bodyWithout(['debug'], last), "if (x) {\nlog('a')\n}")
})

test('lists take the members of what they spread', () => {
  const body = "const options = ['x', ...(parts.debug ? ['a', 'b'] : []), 'y']\nuse(options)"
  assert.is(bodyWithout([], body), "const options = ['x', 'a', 'b', 'y']\nuse(options)")
  assert.is(bodyWithout(['debug'], body), "const options = ['x', 'y']\nuse(options)")
  const last = "const options = [\n'x',\n...(parts.debug ? ['a'] : []),\n]\nuse(options)"
  assert.is(bodyWithout(['debug'], last), "const options = [\n'x',\n]\nuse(options)")
})

test('what stands behind a branch that ends is not reached', () => {
  const body = "if (parts.debug) {\nreturn\n}\nlog('later')"
  assert.is(bodyWithout([], body), 'return')
  assert.is(bodyWithout(['debug'], body), "log('later')")
  assert.is(bodyWithout([], "if (parts.debug) {\nfail('no')\n}\nlog('later')"), "fail('no')")
})

test('a choice between two values', () => {
  const body = "const x = parts.debug ? 'a' : 'b'\nlog(x)"
  assert.is(bodyWithout([], body), "const x = 'a'\nlog(x)")
  assert.is(bodyWithout(['debug'], body), "const x = 'b'\nlog(x)")
})

test('functions that only a part calls go, in other modules too; shared ones stay', () => {
  const one = `import { peers, shared } from './1.ts'\n${main('if (parts.bittorrent) {\npeers()\n}\nshared()')}`
  const other =
    '/** About the module. */\nimport { log } from "./machine.ts"\n/** Peers. */\nexport function peers(): void {\ndeep()\nshared()\n}\nfunction deep(): void {\nlog("deep")\n}\nexport function shared(): void {\nlog("s")\n}'
  const text = without(['bittorrent'], one, other)
  assert.is(
    text,
    `import { shared } from './1.ts'
export function main(): void {
shared()
}
/** About the module. */
import { log } from "./machine.ts"
export function shared(): void {
log("s")
}`,
  )
  assert.match(without([], one, other), 'function deep')
})

test('parameters that nobody reads go, with what callers gave and what the comment says of them', () => {
  const text = without(
    ['bittorrent'],
    `/**\n * Runs it.\n * @param torrent a file\n */\nfunction run(torrent: string, address: string): void {\nif (parts.bittorrent) {\nlog(torrent)\n}\nlog(address)\n}\n${main("const file = 'f'\nrun(file, 'a')\nrun('', 'b')")}`,
  )
  assert.is(
    text,
    "/**\n* Runs it.\n*/\nfunction run(address: string): void {\nlog(address)\n}\nexport function main(): void {\nrun('a')\nrun('b')\n}",
  )
})

test('a parameter stays where a caller does something to give it', () => {
  const text = without(
    ['debug'],
    `function run(given: string): void {\nif (parts.debug) {\nlog(given)\n}\nlog('b')\n}\n${main('run(readFile(path))')}`,
  )
  assert.match(text, 'function run(given: string)')
  assert.match(text, 'run(readFile(path))')
})

test('constants, records and their fields go with their last reader', () => {
  const text = without(
    ['bittorrent'],
    `const peers = 24\nconst streams = 1\ninterface Network {\n/** Its name. */\niface: string\n/** Kept. */\nkept: string\n}\nfunction up(): Network {\nlet iface = ''\niface = 'eth0'\nconst kept = 'k'\nreturn { iface, kept }\n}\n${main('const network = up()\nlog(network.kept)\nif (parts.bittorrent) {\nlog(network.iface)\nlog(`${peers}`)\n}\nlog(`${streams}`)')}`,
  )
  assert.is(
    text,
    "const streams = 1\ninterface Network {\n/** Kept. */\nkept: string\n}\nfunction up(): Network {\nconst kept = 'k'\nreturn { kept }\n}\nexport function main(): void {\nconst network = up()\nlog(network.kept)\nlog(`${streams}`)\n}",
  )
})

test('a function whose value nobody reads returns nothing, and is still called', () => {
  const text = without(
    ['bittorrent'],
    `function lease(name: string): string {\nif (name === '') {\nreturn fail('no name')\n}\nudhcpc(name)\nreturn name\n}\n${main("const name = 'eth0'\nlet iface = ''\niface = lease(name)\nif (parts.bittorrent) {\nlog(iface)\n}")}`,
  )
  assert.is(
    text,
    "function lease(name: string): void {\nif (name === '') {\nreturn fail('no name')\n}\nudhcpc(name)\n}\nexport function main(): void {\nconst name = 'eth0'\nlease(name)\n}",
  )
})

test('a value that is read somewhere stays', () => {
  const text = without(
    ['bittorrent'],
    `function lease(): string {\nreturn 'x'\n}\n${main('const one = lease()\nconst two = lease()\nif (parts.bittorrent) {\nlog(one)\n}\nlog(two)')}`,
  )
  assert.match(text, 'function lease(): string')
  assert.match(text, 'const one = lease()')
})

test('arms that are left with nothing to do go, but not where there is a default', () => {
  const body = (last: string) =>
    `switch (status) {\ncase 3:\nlog('c')\nbreak\ncase 25:\ncase 26:\nif (parts.bittorrent) {\nlog('t')\n}\nbreak\n${last}}`
  assert.is(bodyWithout(['bittorrent'], body('')), "switch (status) {\ncase 3:\nlog('c')\nbreak\n}")
  assert.match(bodyWithout(['bittorrent'], body("default:\nlog('d')\n")), 'case 26:')
})

test('an if and a loop that are left empty go, but not what they ask for by doing it', () => {
  assert.is(bodyWithout(['debug'], 'if (x) {\nif (parts.debug) {\nlog(x)\n}\n}'), '')
  assert.is(bodyWithout(['debug'], 'for (const a of b) {\nif (parts.debug) {\nlog(a)\n}\n}'), '')
  assert.match(
    bodyWithout(['debug'], 'if (succeeds(() => mount(x))) {\nif (parts.debug) {\nlog(x)\n}\n}'),
    'mount',
  )
})

test('what nobody used before stays, for the checks to complain of', () => {
  const text = without(
    ['debug'],
    `import { idle } from './machine.ts'\nfunction unused(never: string): void {\nlog('u')\n}\n${main("const dead = 'd'\nif (parts.debug) {\nlog('x')\n}")}`,
  )
  for (const kept of ['import { idle }', 'function unused(never: string)', "const dead = 'd'"])
    assert.match(text, kept)
})

test('parts of another kind are not the boot’s', () => {
  const file = new SourceText(
    '/0.ts',
    "import { parts } from './machines.ts'\nif (parts.debug) {\nlog('a')\n}",
  )
  const { text } = file
  foldParts(file, ['debug'], new Set())
  assert.is(file.text, text)
})

test('what a parameter says of a part may hold braces', () => {
  const text = 'addresses{@part placeholders , with `{mac}` in them}.'
  assert.is(textWithout(text, []), 'addresses, with `{mac}` in them.')
  assert.is(textWithout(text, ['placeholders']), 'addresses.')
})

test.run()

/** What people look for in a stage because Node or a browser has it, and what a stage has in its place. */
import { type Said, says } from './catalogue.ts'

const instead: Record<string, string> = {
  console: 'print a line on the console with log(message)',
  process: 'a stage reads kernel parameters, and ends with fail(message)',
  require: 'import what the stage calls: import { log } from …',
  setTimeout: 'wait with sleep(seconds)',
  setInterval: 'ask again in a while loop, with sleep(seconds) in it',
  fetch: 'let aria2c fetch it',
  Buffer: 'text is bytes: use strings',
  Promise: 'commands run one after the other, there is nothing to wait for',
  JSON: 'cut text with before(), after() and split()',
  RegExp: 'use startsWith, endsWith, includes, consistsOf, before and after',
  Date: 'uptime() tells the seconds since the kernel started',
  Array: 'a function has one word list: const words: string[] = …',
  Map: 'keep lines of text, and walk over them with lines(text)',
  Set: 'keep lines of text, and walk over them with lines(text)',
  Object: 'a record is an interface of text and numbers',
  String: 'a number stands in a template as it is: `${count}`',
  Number: 'wholeNumber(text) makes a number of text',
  parseInt: 'wholeNumber(text) makes a number of text',
}

/** For a name that is the platform's, not the machine's; undefined for others. */
export function wordsForName(name: string): Said | undefined {
  return Object.hasOwn(instead, name) ? says['unknown-name'].platform(name, instead[name] ?? '') : undefined
}

/** For a module that a stage cannot import. */
export const wordsForModule = (name: string): Said =>
  name.startsWith('node:') || ['fs', 'path', 'os', 'child_process'].includes(name)
    ? says['not-in-subset'].nodeModule(name)
    : says['not-in-subset'].import(name)

/** What TypeScript says, in our words where it speaks of what a stage cannot have. */
export function inOurWords(code: number, message: string): Said | undefined {
  const named = /'([^']*)'/.exec(message)?.[1] ?? ''
  // Cannot find name; cannot find module. Each has several codes, with advice on types of Node.
  if ([2304, 2552, 2580, 2584, 2591].includes(code))
    return named.startsWith('node:') ? wordsForModule(named) : wordsForName(named)
  if (code === 2307 || code === 2792) return named.startsWith('.') ? undefined : wordsForModule(named)
  return undefined
}

/**
 * A kernel command line as /init takes it apart. It is the stage's own code that runs here (stages/command-line.ts), so
 * that what is told of a line is what the boot does with it. Text is bytes, one character each.
 */

import { callStage } from '../simulator/simulate.ts'
import { SimulatedMachine } from '../simulator/simulated-machine.ts'
import type { Parameters } from '../stages/parameters/parameters.ts'

/** One parameter, ours or not. */
export interface Parameter {
  name: string
  /** Undefined: it stands there without a `=`. */
  value: string | undefined
  /** As it was written, with its quotes. */
  word: string
}

export interface Cut {
  parameters: Parameter[]
  /** The words after a bare `--`: the kernel gives them to /init as arguments, nobody takes them for parameters. */
  tail: string[]
}

/** Writes down what the stage would take. */
class Listener extends SimulatedMachine {
  readonly taken: Omit<Parameter, 'word'>[] = []
  override setParameter = (_: Parameters, name: string, value: string): void => {
    this.taken.push({ name, value })
  }
  override setFlag = (_: Parameters, name: string): void => {
    this.taken.push({ name, value: undefined })
  }
}

const noMachine = { cmdline: '', network: [] }

/** The words of a line with their quotes. */
export function wordsOf(line: string): string[] {
  const words: string[] = []
  let rest = line
  while (rest !== '') {
    const word = callStage('firstParameter', [rest], noMachine).value as string
    if (word !== '') words.push(word)
    rest = rest.slice(word.length + 1)
  }
  return words
}

/** The parameter that a word is. */
function parameterOf(word: string): Parameter {
  const { machine } = callStage('takeParameter', [word, {}], noMachine, undefined, Listener)
  const [taken = { name: '', value: undefined }] = (machine as Listener).taken
  return { ...taken, word }
}

const isEnd = (word: string): boolean => word === '--' || word === '"--"'

/** Takes a line apart. */
export function cut(line: string): Cut {
  const words = wordsOf(line)
  const end = words.findIndex(isEnd)
  const ours = end === -1 ? words : words.slice(0, end)
  return { parameters: ours.map(parameterOf), tail: end === -1 ? [] : words.slice(end + 1) }
}

const same = (left: Parameter[], right: Parameter[]): boolean =>
  left.length === right.length &&
  left.every(({ name, value }, index) => name === right[index]?.name && value === right[index]?.value)

/** Whether a word means this parameter and nothing else, whatever follows it on the line. */
function stands(word: string, parameter: Parameter): boolean {
  const { parameters, tail } = cut(`${word} x=y z`)
  const expected = [parameter, { name: 'x', value: 'y', word: '' }, { name: 'z', value: undefined, word: '' }]
  return tail.length === 0 && same(parameters, expected)
}

/** A parameter as a word that can stand anywhere on a line; undefined where quotes in it forbid that. */
export function wordFor(parameter: Parameter): string | undefined {
  const { name, value, word } = parameter
  const forms =
    value === undefined
      ? [word, name, `"${name}"`]
      : [word, `${name}=${value}`, `${name}="${value}"`, `"${name}=${value}"`]
  return forms.find(form => form !== '' && stands(form, parameter))
}

/** A text of people, UTF-8, as the bytes that the kernel sees. */
export const asBytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

/** Bytes for a person to read: UTF-8 where they are that. */
export const asText = (bytes: string): string => {
  const text = Buffer.from(bytes, 'latin1').toString('utf8')
  return text.includes('\ufffd') ? bytes : text
}

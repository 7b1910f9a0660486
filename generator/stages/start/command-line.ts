/**
 * The kernel's command line, cut as the kernel cuts it (next_arg in lib/cmdline.c): blanks between parameters, double
 * quotes keep blanks, there are no escapes, single quotes mean nothing.
 */
import {
  after,
  before,
  beforeAny,
  decodeBase64Url,
  fail,
  readFile,
  setFlag,
  setParameter,
  withoutFirst,
  withoutPrefix,
  withoutSuffix,
} from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { noteForeign } from './foreign-parameters.ts'

/** What the kernel takes for a blank, and the quote. */
export const blanksAndQuote = ' \t\n\v\f\r"'

/** Refuses what belongs to a part of the boot that this image does without. */
export function refuseWithout(refused: string, part: string): never {
  return fail(`${refused} is not in this image: built --without ${part}`)
}

/** The first parameter of a text: all up to a blank outside of quotes. */
export function firstParameter(text: string): string {
  let rest = text
  let parameter = ''
  let inQuotes = ''
  while (rest !== '') {
    let piece = before(rest, '"')
    if (inQuotes === '') {
      piece = beforeAny(rest, blanksAndQuote)
    }
    parameter = `${parameter}${piece}`
    rest = withoutPrefix(rest, piece)
    if (!rest.startsWith('"')) {
      break
    }
    parameter = `${parameter}"`
    rest = withoutFirst(rest)
    inQuotes = inQuotes === '' ? 'yes' : ''
  }
  return parameter
}

/** Takes one parameter: `k="a b"` and `"k=a b"` mean the same. */
function takeParameter(parameter: string, parameters: Parameters): void {
  const text = withoutPrefix(parameter, '"')
  const name = before(text, '=')
  if (name === text || name === '') {
    const flag = text === parameter ? text : withoutSuffix(text, '"')
    setFlag(parameters, flag)
    return
  }
  const given = after(text, '=')
  let value = withoutPrefix(given, '"')
  if (text !== parameter || value !== given) {
    value = withoutSuffix(value, '"')
  }
  setParameter(parameters, name, value)
  if (parts.foreignParameters) {
    noteForeign(name, value)
  }
}

/** Reads /proc/cmdline up to a bare `--`. The last value of a name counts. */
export function readCommandLine(parameters: Parameters): void {
  let rest = readFile('/proc/cmdline')
  while (rest !== '') {
    let parameter = beforeAny(rest, blanksAndQuote)
    const behind = withoutPrefix(rest, parameter)
    if (behind.startsWith('"')) {
      parameter = firstParameter(rest)
    }
    if (parameter === '--' || parameter === '"--"') {
      break
    }
    if (parameter !== '') {
      takeParameter(parameter, parameters)
    }
    rest = withoutPrefix(rest, parameter)
    rest = withoutFirst(rest)
  }
}

/** Puts what next_kernel_params_b64 means in place of next_kernel_params. */
export function decodeNextParameters(parameters: Parameters): void {
  if (parameters.nextKernelParamsB64 !== '') {
    const decoded = decodeBase64Url(parameters.nextKernelParamsB64)
    setParameter(parameters, 'next_kernel_params', decoded)
  }
}

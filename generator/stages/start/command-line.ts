/**
 * The kernel's command line, cut as the kernel cuts it (next_arg in lib/cmdline.c): blanks between parameters, double
 * quotes keep blanks, there are no escapes, single quotes mean nothing.
 */
import {
  after,
  before,
  beforeAny,
  decodeBase64Url,
  defaultParameters,
  readFile,
  setFlag,
  setParameter,
  withoutFirst,
  withoutPrefix,
  withoutSuffix,
} from '../api/machine.ts'
import type { Parameters } from '../parameters/parameters.ts'

/** What the kernel takes for a blank, and the quote. */
const blanksAndQuote = ' \t\n\v\f\r"'

/** The first parameter of a text with its quotes: all up to a blank outside of quotes. */
function firstParameter(text: string): string {
  let remaining = text
  let parameter = ''
  let inQuotes = ''
  while (remaining !== '') {
    let piece = ''
    if (inQuotes === '') {
      piece = beforeAny(remaining, blanksAndQuote)
    } else {
      piece = before(remaining, '"')
    }
    parameter = `${parameter}${piece}`
    remaining = withoutPrefix(remaining, piece)
    if (!remaining.startsWith('"')) {
      break
    }
    parameter = `${parameter}"`
    remaining = withoutFirst(remaining)
    if (inQuotes === '') {
      inQuotes = 'yes'
    } else {
      inQuotes = ''
    }
  }
  return parameter
}

/** Whether a parameter holds a digest. */
function isDigestName(parameterName: string): boolean {
  return parameterName === 'kernel_sha' || parameterName === 'initrd_sha' || parameterName === 'ramdisk_sha'
}

/**
 * Takes a parameter as it was cut off: `k="a b"` and `"k=a b"` both mean k with the value `a b`. A
 * digest without a value must not pass for none: it becomes one that is refused.
 */
function takeParameter(rawParameter: string, parameters: Parameters): void {
  let bare = rawParameter
  let isQuoted = ''
  if (bare.startsWith('"')) {
    bare = withoutFirst(bare)
    isQuoted = 'yes'
  }
  const name = before(bare, '=')
  if (name === bare || name === '') {
    if (isQuoted !== '') {
      bare = withoutSuffix(bare, '"')
    }
    if (isDigestName(bare)) {
      setParameter(parameters, bare, '(empty)')
      return
    }
    setFlag(parameters, bare)
    return
  }
  let value = after(bare, '=')
  if (value.startsWith('"')) {
    value = withoutFirst(value)
    value = withoutSuffix(value, '"')
  } else if (isQuoted !== '') {
    value = withoutSuffix(value, '"')
  }
  if (value === '' && isDigestName(name)) {
    value = '(empty)'
  }
  setParameter(parameters, name, value)
}

/** Reads /proc/cmdline. A bare `--` ends what is ours; the last value of a name wins. */
export function readCommandLine(): Parameters {
  const parameters = defaultParameters()
  let rest = readFile('/proc/cmdline')
  while (rest !== '') {
    const rawWord = firstParameter(rest)
    if (rawWord === '--' || rawWord === '"--"') {
      break
    }
    if (rawWord !== '') {
      takeParameter(rawWord, parameters)
    }
    rest = withoutPrefix(rest, rawWord)
    // What follows is a blank, or nothing.
    rest = withoutFirst(rest)
  }
  return parameters
}

/** next_kernel_params_b64 in place of next_kernel_params. */
export function decodeNextParameters(parameters: Parameters): void {
  if (parameters.nextKernelParamsB64 !== '') {
    const decoded = decodeBase64Url(parameters.nextKernelParamsB64)
    setParameter(parameters, 'next_kernel_params', decoded)
  }
}

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
  let rest = text
  let parameter = ''
  let inQuotes = ''
  while (rest !== '') {
    let piece = ''
    if (inQuotes === '') {
      piece = beforeAny(rest, blanksAndQuote)
    } else {
      piece = before(rest, '"')
    }
    parameter = `${parameter}${piece}`
    rest = withoutPrefix(rest, piece)
    if (!rest.startsWith('"')) {
      break
    }
    parameter = `${parameter}"`
    rest = withoutFirst(rest)
    if (inQuotes === '') {
      inQuotes = 'yes'
    } else {
      inQuotes = ''
    }
  }
  return parameter
}

/** Whether a parameter holds a digest. */
function isDigestName(name: string): boolean {
  return name === 'kernel_sha' || name === 'initrd_sha' || name === 'ramdisk_sha'
}

/**
 * Takes a parameter as it was cut off: `k="a b"` and `"k=a b"` both mean k with the value `a b`. A
 * digest without a value must not pass for none: it becomes one that is refused.
 */
function takeParameter(parameter: string, parameters: Parameters): void {
  let unquoted = parameter
  let isQuoted = ''
  if (unquoted.startsWith('"')) {
    unquoted = withoutFirst(unquoted)
    isQuoted = 'yes'
  }
  const name = before(unquoted, '=')
  if (name === unquoted || name === '') {
    if (isQuoted !== '') {
      unquoted = withoutSuffix(unquoted, '"')
    }
    if (isDigestName(unquoted)) {
      setParameter(parameters, unquoted, '(empty)')
      return
    }
    setFlag(parameters, unquoted)
    return
  }
  let value = after(unquoted, '=')
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
    const parameter = firstParameter(rest)
    if (parameter === '--' || parameter === '"--"') {
      break
    }
    if (parameter !== '') {
      takeParameter(parameter, parameters)
    }
    rest = withoutPrefix(rest, parameter)
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

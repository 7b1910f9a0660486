/** What the next system needs of this boot's command line, where its own does not say it. */

import { before, beforeAny, fail, log, readFile, withoutFirst, withoutPrefix } from '../api/machine.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { blanksAndQuote, firstParameter } from '../start/command-line.ts'

/** The parameters of a line that have a name, each with a blank behind it, as they are written; up to a bare `--`. */
export function parametersNamed(wantedName: string, line: string): string {
  let rest = line
  let found = ''
  while (rest !== '') {
    let parameter = beforeAny(rest, blanksAndQuote)
    const behind = withoutPrefix(rest, parameter)
    if (behind.startsWith('"')) {
      parameter = firstParameter(rest)
    }
    if (parameter === '--' || parameter === '"--"') {
      break
    }
    const text = withoutPrefix(parameter, '"')
    const name = before(text, '=')
    if (name === wantedName) {
      found = `${found}${parameter} `
    }
    rest = withoutPrefix(rest, parameter)
    rest = withoutFirst(rest)
  }
  return found
}

/**
 * What goes before the next command line, a blank behind each: there the site's own values win, and what it writes for init
 * stays at the end.
 */
export function inheritedBefore(line: string, parameters: Parameters): string {
  const ours = readFile('/proc/cmdline')
  let inherited = ''
  let names = parameters.inherit
  while (names !== '') {
    const name = before(names, ',')
    names = withoutPrefix(names, name)
    names = withoutPrefix(names, ',')
    if (parametersNamed(name, line) === '') {
      const taken = parametersNamed(name, ours)
      inherited = `${inherited}${taken}`
    }
  }
  if (inherited !== '') {
    log(`the next system inherits: ${inherited}(inherit=${parameters.inherit})`)
  }
  return inherited
}

/**
 * What goes before a next command line that is for this image again: how many boots led to it, a blank behind it. One that
 * leads to itself would go on for ever; it ends here.
 */
export function phaseBefore(line: string, parameters: Parameters): string {
  const nextUrls = parametersNamed('url', line)
  const nextKernelUrls = parametersNamed('kernel_url', line)
  const nextManifests = parametersNamed('manifest', line)
  if (`${nextUrls}${nextKernelUrls}${nextManifests}` === '') {
    return ''
  }
  if (parameters.bootPhase >= parameters.bootPhases) {
    fail(`boot_phases=${parameters.bootPhases}: as many boots led to this one; is it a loop?`)
  }
  const next = parameters.bootPhase + 1
  return `boot_phase=${next} `
}

/** An examination and a carried line as a person reads them: one screen. */
import { shown as printable } from '../host/console/foreign-text.ts'
import type { Carried } from './carry.ts'
import { asText, type Parameter } from './cut.ts'
import type { Examination } from './examine.ts'
import type { Plan, PlannedFile, PlannedNetwork } from './plan.ts'

/** A label in the left column, its lines beside it. */
function block(label: string, lines: string[]): string[] {
  return lines.map((line, index) => `${(index === 0 ? label : '').padEnd(10)}${line}`)
}

const shown = (bytes: string): string => printable(asText(bytes))

function networkLines(network: PlannedNetwork): string[] {
  const { means, address, gateway, nameServers, assumed } = network
  if (means.length === 0) return ['no address is set up']
  const how = means.includes('static')
    ? `${address} on ${network.interface}, gateway ${gateway === '' ? 'none' : gateway}`
    : `DHCP on ${network.interface}`
  const servers = `name servers: ${nameServers.length === 0 ? 'none' : nameServers.join(', ')}`
  return [how, servers, ...(assumed.length === 0 ? [] : [`assumed to be there: ${assumed.join(', ')}`])]
}

const unchecked = 'NOT CHECKED: what the server gives will run'

function roleText({ role, check, checked: whose }: PlannedFile, number: number, plan: Plan): string {
  const checked = check === 'none' ? unchecked : `${check} is checked`
  const tells = `what is in it tells ${plan.start === 'switch_root' ? 'whether it is the root' : 'kernel and initrd'}`
  switch (role) {
    case 'kernel':
      return `kernel: ${checked}`
    case 'initrd':
      return `initrd ${number}: ${checked}`
    case 'by its content':
      if (check === 'none' && plan.isProven) return `${tells}; the root is held against roothash=`
      return `${tells}; ${whose === undefined ? '' : whose === 'each' ? 'its ' : "the kernel's "}${checked}`
    case 'none':
      return 'fetched, and not used: kernel_url= gives the roles'
  }
}

/** The first, and what is asked where it does not answer. */
function mirrorLines(addresses: string[]): string[] {
  const [first = '', ...mirrors] = addresses.map(shown)
  return [first, ...mirrors.map(mirror => `else ${mirror}`)]
}

function fileLines(file: PlannedFile, number: number, plan: Plan): string[] {
  const kind = file.kind === 'file' ? '' : `${file.kind}; `
  return [...mirrorLines(file.addresses), `  ${kind}${roleText(file, number, plan)}`]
}

function manifestLines({ manifest, files }: Plan): string[] {
  const places = files.length === 0 ? ', which come from beside it' : ''
  return [...mirrorLines(manifest), `  signed; it names the files${places}`]
}

function fetchLines(plan: Plan): string[] {
  const { files, retries } = plan
  let number = 0
  const each = files.flatMap(file => {
    if (file.role === 'initrd') number += 1
    return fileLines(file, number, plan)
  })
  const tries = retries === 0 ? 'tried for ever' : `tried ${retries === 1 ? 'once' : `${retries} times`}`
  return [...each, `each is ${tries}`]
}

function endLines({ onFailure, failureDelay }: Plan): string[] {
  return [
    onFailure === 'shell'
      ? 'a shell on the console (on_failure)'
      : `${onFailure} after ${failureDelay} s (on_failure, failure_delay)`,
  ]
}

function startLines({ start, manifest, files, nextLine, hasKernel, onComplete }: Plan): string[] {
  if (start === 'switch_root' && manifest.length > 0)
    return ["/sbin/init of the manifest's root, with the command line that stands there"]
  if (start === 'switch_root') {
    const which = '/sbin/init of the root among the files (boot=switch_root)'
    return nextLine === undefined
      ? [which]
      : [`${which}, which sees this command line:`, `  ${shown(nextLine)}`]
  }
  if (start === 'kexec' && manifest.length > 0)
    return [
      'what the manifest says: its kernel by kexec, or its root; with the command line that stands there',
    ]
  if (start === 'none') return [`nothing (boot=none): ${onComplete} (on_complete)`]
  if (nextLine === undefined) return ['nothing']
  const isGiven = files.some(({ role }) => role === 'kernel')
  const which = isGiven
    ? 'the kernel'
    : hasKernel
      ? 'the kernel among the files'
      : 'a kernel, if one is among the files'
  return [
    `${which}, by kexec, with this command line:`,
    `  ${nextLine === '' ? '(empty)' : shown(nextLine)}`,
    ...(isGiven ? [] : [`no kernel among them: ${onComplete} (on_complete)`]),
  ]
}

const wordsLine = (parameters: Parameter[]): string => parameters.map(({ word }) => shown(word)).join(' ')

/** The examination, and below it each finding on a line. */
export function examinationText({ length, limit, ours, others, plan, findings }: Examination): string {
  const lines = [
    ...block('line', [
      `${length} bytes of ${limit - 1}; ${ours.length} parameter${ours.length === 1 ? '' : 's'} for /init, ${others.length} for the kernel or others`,
      ...(others.length > 0 ? [`for others: ${wordsLine(others)}`] : []),
    ]),
  ]
  if (plan !== undefined) {
    if (plan.network !== undefined) lines.push(...block('network', networkLines(plan.network)))
    if (plan.manifest.length > 0) lines.push(...block('manifest', manifestLines(plan)))
    if (plan.files.length > 0) lines.push(...block('fetch', fetchLines(plan)))
    lines.push(...block('start', startLines(plan)), ...block('failure', endLines(plan)))
  }
  if (findings.length > 0) lines.push('')
  for (const { severity, text } of findings) lines.push(...block(severity, [printable(text)]))
  return `${lines.join('\n')}\n`
}

/** A line as its carrier wants it, to be copied. */
export function carriedText({ carrier, place, text, before, line, after, changes }: Carried): string {
  const lines = [`via ${carrier}: write this ${place}:`, '', shown(text), '']
  for (const change of changes) lines.push(...block('changed', [change]))
  const whole = [before, line, after].filter(part => part !== '').join(' ')
  if (whole !== text)
    lines.push('the kernel will see (what the site sets itself is an example):', `  ${shown(whole)}`)
  return `${lines.join('\n').trimEnd()}\n`
}

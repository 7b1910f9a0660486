/** Brings a kernel command line through a boot loader or a boot service, unharmed or not at all. */
import { CommandError } from '../host/console/command-error.ts'
import { shown as printable } from '../host/console/foreign-text.ts'
import { bootService } from './carriers/boot-service.ts'
import { bss } from './carriers/bss.ts'
import type { Carrier, CarrierName, Delivered } from './carriers/carrier.ts'
import { grub } from './carriers/grub.ts'
import { ipxe } from './carriers/ipxe.ts'
import { pxelinux } from './carriers/pxelinux.ts'
import { asBytes, asText, type Cut, cut, type Parameter, wordFor } from './cut.ts'
import { tooManyHandedOn } from './handed-on.ts'
import { holdsAddresses, meaningOf, otherNames, toBase64Url, withEscapedPaths } from './meaning.ts'

const carriers: Record<CarrierName, Carrier> = { ipxe, bss, 'boot-service': bootService, grub, pxelinux }

/** A line that is ready for its carrier. */
export interface Carried {
  carrier: CarrierName
  /** What to write, in the carrier's own syntax; one line. */
  text: string
  /** Where to write it. */
  place: string
  /** What the kernel will see: `line`, and around it what the carrier adds, with usual values. */
  before: string
  line: string
  after: string
  /** What is written in another way than it was given, and why; a sentence each. */
  changes: string[]
}

/** No way of writing the line makes it arrive. */
export class CannotCarry extends CommandError {
  override name = 'CannotCarry'
  constructor(
    readonly carrier: CarrierName,
    /** Each what is in the way. */
    readonly reasons: string[],
    help: string,
  ) {
    super(`${carrier} cannot carry this line: ${reasons.join('; ')}`, help)
  }
}

/** A word as part of a sentence, for a person to read. */
function shown(word: string): string {
  const text = printable(asText(word))
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

/** The same parameter in other words, the plainest first. */
function rewritings(parameter: Parameter): Parameter[] {
  const { name, value } = parameter
  if (value === undefined) return []
  if (name === 'next_kernel_params') {
    return [{ name: 'next_kernel_params_b64', value: toBase64Url(value), word: '' }]
  }
  const values = holdsAddresses(name) ? [...new Set([value, withEscapedPaths(value)])] : [value]
  return values.flatMap(text =>
    [name, ...otherNames(name)].map(other => ({ name: other, value: text, word: '' })),
  )
}

/** A word for the parameter that the carrier takes, or what it has against the word as it was given. */
function acceptable(parameter: Parameter, carrier: Carrier): { word: string } | { objection: string } {
  const given = wordFor(parameter)
  const objection = given === undefined ? 'its quotes do not end' : carrier.objection(given)
  if (given !== undefined && objection === undefined) return { word: given }
  for (const rewritten of rewritings(parameter)) {
    const word = wordFor(rewritten)
    if (word !== undefined && carrier.objection(word) === undefined) return { word }
  }
  return { objection: objection ?? 'it cannot be written' }
}

/** With the plain form in one place and base64url in another the latter would win, whatever the order: all or none. */
function withOneForm(parameters: Parameter[], carrier: Carrier): Parameter[] {
  const isPlain = ({ name, value }: Parameter) => name === 'next_kernel_params' && value !== undefined
  const mustChange = parameters.some(each => {
    const word = wordFor(each)
    return isPlain(each) && (word === undefined || carrier.objection(word) !== undefined)
  })
  return mustChange ? parameters.flatMap(each => (isPlain(each) ? rewritings(each) : [each])) : parameters
}

interface Wording {
  words: string[]
  changes: string[]
  /** What is in the way. */
  reasons: string[]
}

/** A word for each parameter, in order. */
function wordingOf({ parameters, tail }: Cut, carrier: Carrier): Wording {
  const wording: Wording = { words: [], changes: [], reasons: [] }
  const written = withOneForm(parameters, carrier)
  const hasBase64 = parameters.some(({ name }) => name === 'next_kernel_params_b64')
  if (hasBase64 && written !== parameters) {
    wording.reasons.push(
      'next_kernel_params and next_kernel_params_b64 are both given, and only one of them can be',
    )
  }
  parameters.forEach((original, index) => {
    const found = acceptable(written[index] ?? original, carrier)
    if ('objection' in found) {
      wording.reasons.push(`${shown(original.word)}: ${found.objection}`)
      return
    }
    wording.words.push(found.word)
    if (found.word === original.word) return
    const ends = wordFor(original) === original.word
    const why = ends ? carrier.objection(original.word) : 'its quotes do not end'
    wording.changes.push(`${shown(original.word)} is written ${shown(found.word)}: ${why}`)
  })
  for (const word of tail) {
    const objection = carrier.objection(word)
    if (objection !== undefined) wording.reasons.push(`${shown(word)}: ${objection}`)
  }
  if (tail.length > 0) wording.words.push('--', ...tail)
  return wording
}

/** Why the line does not fit, where it does not. */
function lengthFault({ before, line, after }: Delivered, longest: number): string | undefined {
  const whole = [before, line, after].filter(part => part !== '').join(' ')
  if (whole.length <= longest) return undefined
  const added = whole.length - line.length
  const ofThem = added > 0 ? ` (${added} of them are added on the way)` : ''
  return `it is ${whole.length} bytes long${ofThem}, and ${longest} arrive`
}

/**
 * How a line has to be written for a carrier, so that the kernel and /init see the same parameters as in `line`.
 * @param limit COMMAND_LINE_SIZE of the kernel's architecture: it keeps one byte less; 2,048 on x86 and arm64
 * @throws CannotCarry where the carrier would mangle it in every form that means the same
 */
export function carry(line: string, carrierName: CarrierName, limit = 2048): Carried {
  const carrier = carriers[carrierName]
  const asked = cut(asBytes(line))
  const isLeft = ({ name }: Parameter) => carrier.ownInitrd !== undefined && name === 'initrd'
  const wanted: Cut = { ...asked, parameters: asked.parameters.filter(each => !isLeft(each)) }
  const leftOut = asked.parameters.some(isLeft) ? [`initrd= is left out: ${carrier.ownInitrd}`] : []
  const { words, changes, reasons } = wordingOf(wanted, carrier)
  if (reasons.length > 0) throw new CannotCarry(carrierName, reasons, helpFor(reasons))

  const text = carrier.write(words)
  const delivered = carrier.deliver(text)
  if (!arrives(delivered, wanted)) {
    throw new CannotCarry(carrierName, ['it would arrive as another line'], helpFor([]))
  }
  const fault = lengthFault(delivered, Math.min(carrier.longest, limit - 1))
  if (fault !== undefined) {
    const help =
      'publish one torrent or Metalink and give its address alone as url=, or use shorter addresses'
    throw new CannotCarry(carrierName, [fault], help)
  }
  const tooMany = tooManyHandedOn(cut([delivered.before, delivered.line, delivered.after].join(' ')))
  if (tooMany !== undefined) {
    throw new CannotCarry(carrierName, [tooMany], 'what is for the next kernel goes into next_kernel_params')
  }
  return { carrier: carrierName, text, place: carrier.place, ...delivered, changes: [...leftOut, ...changes] }
}

/** Whether the kernel sees what is wanted, between what the carrier adds. */
function arrives({ before, line, after }: Delivered, wanted: Cut): boolean {
  const seen = cut([before, line, after].join(' '))
  const first = cut(before).parameters.length
  // After a bare -- what is added goes to /init's arguments.
  const hasTail = wanted.tail.length > 0
  const last = cut(after)
  const ours: Cut = {
    parameters: seen.parameters.slice(
      first,
      hasTail ? undefined : seen.parameters.length - last.parameters.length,
    ),
    tail: seen.tail.slice(0, wanted.tail.length),
  }
  return meaningOf(ours) === meaningOf(wanted)
}

function helpFor(reasons: string[]): string {
  if (reasons.some(reason => /not ASCII|control character/.test(reason))) {
    return 'write an address with %XX (RFC 3986); what is for the next kernel goes into next_kernel_params'
  }
  if (reasons.some(reason => reason.includes('magnet:'))) {
    return 'serve the .torrent file and give its address, and the tracker as tracker='
  }
  if (reasons.some(reason => reason.includes('iPXE replaces'))) {
    return 'what iPXE is to fill in goes into its script, beside this line; here stands what the kernel is to see'
  }
  return 'what is for the next kernel alone goes into next_kernel_params, which can be written as base64url'
}

/** How a kernel command line comes to the kernel, and what happens to it on the way. */

export const carrierNames = ['ipxe', 'bss', 'boot-service', 'grub', 'pxelinux'] as const
export type CarrierName = (typeof carrierNames)[number]

/** What arrives at the kernel. */
export interface Delivered {
  /** Words that the carrier puts before and after the line. Of values that only the site knows, a usual one. */
  before: string
  line: string
  after: string
}

export interface Carrier {
  name: CarrierName
  /** Where the text is to be written. */
  place: string
  /** How many bytes of the line arrive. */
  longest: number
  /** Why `initrd=` is left out, where it is the carrier's own; it is no parameter of /init. */
  ownInitrd?: string
  /** Why a word would not arrive as it is; undefined where it does. */
  objection(word: string): string | undefined
  /** The words in the carrier's syntax. */
  write(words: string[]): string
  /** What the carrier makes of a text that was written for it: a model of its reader, not of `write`. */
  deliver(text: string): Delivered
}

/** What no carrier can bring: a control character ends the line of a script or vanishes. */
export function commonObjection(word: string): string | undefined {
  const codes = [...word].map(character => character.charCodeAt(0))
  if (/[\t\n\v\f\r]/.test(word)) return 'it holds a tab or the end of a line'
  if (codes.some(code => code < 0x20 || code === 0x7f)) return 'it holds a control character'
  if (codes.some(code => code > 0x7f)) {
    return 'it is not ASCII, and boot loaders do not agree on what that is'
  }
  return undefined
}

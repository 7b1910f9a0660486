/** The manifest, once it is known to be genuine, and what stands in it. */
import { after, before } from '../api/machine.ts'

export const manifestFile = '/run/aria2-initrd/manifest'

/** What stands behind a word that begins a line of a manifest; nothing where none does. */
export function valueIn(text: string, word: string): string {
  const rest = after(text, `\n${word} `, '')
  return before(rest, '\n')
}

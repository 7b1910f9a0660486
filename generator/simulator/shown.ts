/** A text as the console shows it: shell-templates/helpers/shown.sh and log.sh, in TypeScript. */

/** Bytes of a message that a line of the console has. */
const longestMessage = 4096

/** Control characters and bytes outside of ASCII as `\xNN`, passwords in URLs as stars; cut where it is too long. */
export function shown(text: string): string {
  const visible = text.replace(/[^ -~]/g, byte => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`)
  return visible.replace(/(:\/\/[^/?#@: ]*:)[^/?# ]*@/g, '$1***@').slice(0, longestMessage)
}

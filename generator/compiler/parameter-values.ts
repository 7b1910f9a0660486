/**
 * What a kernel parameter takes, and what the console says that it wants: for /init, its rehearsal and the checks of
 * what parameters.ts declares.
 */

/** `a, b or c`; where that would not go on a line of /init, where to look them up. */
function alternatives(words: string[]): string {
  const all = words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
  return all.length > 50 ? 'one of those that aria2-initrd params lists' : all
}

export const wanted = {
  /** What is said of a parameter, or of one of its choices, where this image does without its part. */
  part: (part: string | undefined): string => ` is not in this image: built --without ${part}`,
  noValue: 'no value',
  value: 'a value',
  oneOf: alternatives,
  /** shell-templates/helpers/is_count.sh says and checks the same. */
  number: 'a whole number of at most 9 digits',
  numberPattern: /^(0|[1-9][0-9]{0,8})$/,
  /** What a flag holds once it was given. */
  flagGiven: 'yes',
}

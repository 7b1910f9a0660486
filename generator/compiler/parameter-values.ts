/**
 * What a kernel parameter takes, and what the console says was expected: for /init, its rehearsal and the checks of
 * what parameters.ts declares.
 */

export const wanted = {
  /** What is said of a parameter, or of one of its choices, where this image does without its part: shell-templates/helpers/left_out.sh. */
  part: (part: string | undefined): string => ` is not in this image: built --without ${part}`,
  noValue: 'no value',
  value: 'a value',
  oneOf: (words: string[]): string => `one of ${words.join(', ')}`,
  /** shell-templates/helpers/is_count.sh says and checks the same. */
  number: 'a whole number of at most 9 digits',
  numberPattern: /^(0|[1-9][0-9]{0,8})$/,
  /** What stands for a digest that is empty: it is refused like any other text that is none. */
  emptyDigest: '(empty)',
  /** What a flag holds once it was given. */
  flagGiven: 'yes',
}

/** Text and numbers made of others, by a command. */
import { value } from './verb.ts'

/** A count of thousandths as a decimal: 1500 is `1.500`. */
export const asDecimal = value<(count: number) => string>('asDecimal', 'as_decimal $1')
/** Text made a number: digits alone, at most 15, no leading zero; fails on anything else. */
export const wholeNumber = value<(text: string) => number>('wholeNumber', 'whole_number $1', {
  fails: 'the text is no whole number',
})
/** The number that hex digits are, at most 8. */
export const hexNumber = value<(digits: string) => number>('hexNumber', 'hex_number $1')
/** Letters A to Z made small. */
export const lowerCase = value<(text: string) => string>('lowerCase', 'lower_case $1')
/** base64url (RFC 4648, section 5; padding optional) made plain; fails on anything else. */
export const decodeBase64Url = value<(text: string) => string>('decodeBase64Url', 'decode_base64url $1', {
  fails: 'the text is not base64url',
})

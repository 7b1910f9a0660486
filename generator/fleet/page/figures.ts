/** Figures as a person reads them. */

const twoDigits = (number: number): string => String(number).padStart(2, '0')

/** Milliseconds: `43 s`, `2 m 05 s`, `1 h 02 m`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} m ${twoDigits(seconds % 60)} s`
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} m`
}

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** Bytes: `312 MB`, `1.2 GB`. */
export function bytes(count: number): string {
  let [left, unit] = [count, 0]
  while (left >= 999.5 && unit < units.length - 1) {
    left /= 1000
    unit += 1
  }
  return `${left < 9.95 && unit > 1 ? left.toFixed(1) : Math.round(left)} ${units[unit]}`
}

/** Of a whole, in percent, such that only all is 100. */
export const percentOf = (part: number, whole: number): number =>
  whole <= 0 ? 0 : Math.floor((100 * part) / whole)

/** The middle one of the values; undefined of none. */
export const middle = (values: number[]): number | undefined =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

const numbers = new Intl.NumberFormat('en')

/** `1,000`. */
export const number = (count: number): string => numbers.format(count)

/** `1,000 nodes`, `1 node`. */
export const counted = (count: number, thing: string): string =>
  `${number(count)} ${thing}${count === 1 ? '' : 's'}`

/** `15:04:12` of this machine's clock. */
export const timeOfDay = (at: number): string => new Date(at).toLocaleTimeString('en-GB')

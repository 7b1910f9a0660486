import { CommandError } from '../../generator/host/console/command-error.ts'

const sizes: { [unit: string]: number } = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }
const rates: { [unit: string]: number } = { bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9 }

function scaled(text: string, units: { [unit: string]: number }, form: string): number {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(text) ?? []
  const factor = units[unit]
  if (count === undefined || factor === undefined)
    throw new CommandError(`'${text}' is not what is wanted here`, form)
  return Number(count) * factor
}

/** Bytes of `64M`. */
export const bytesOf = (text: string): number =>
  scaled(text, sizes, 'a size is written 64M (K, M, G of 1,024)')
/** Bits a second of `50mbit`. */
export const bitsOf = (text: string): number =>
  scaled(text, rates, 'a rate is written 50mbit (kbit, mbit, gbit)')
/** Seconds of `2.5`. */
export const secondsOf = (text: string): number => scaled(text, { '': 1, s: 1 }, 'seconds are written 2.5')

/** `25%@5`: a share, and seconds after the start. */
export function cutOf(text: string): { share: number; at: number } {
  const [, percent, at] = /^(\d+)%@(\d+(?:\.\d+)?)$/.exec(text) ?? []
  if (percent === undefined || at === undefined)
    throw new CommandError(`'${text}' is not what is wanted here`, 'a cut is written 25%@5: share, seconds')
  return { share: Number(percent) / 100, at: Number(at) }
}

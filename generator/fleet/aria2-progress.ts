/** What aria2 says of a download that is under way: `[#2089b0 1.2MiB/30MiB(4%) CN:5 SD:2 DL:3.0MiB ETA:9s]`. */

export interface Aria2Progress {
  /** Bytes that are there, and that there will be; of all files that the line tells of. */
  have: number
  total: number
  /** Bytes a second. */
  rate: number
  /** They come from peers as well: `SD:` counts seeders. */
  isSwarm: boolean
}

const units: Record<string, number> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 }
const size = String.raw`(\d{1,16}(?:\.\d{1,3})?)([KMGT]i)?B`
const amounts = new RegExp(String.raw`${size}/${size}\(\d{1,3}%\)`, 'g')
const rates = new RegExp(String.raw`\bDL:${size}`, 'g')

/** More is not believed. */
const most = 2 ** 40

const bytesOf = (number = '0', unit = ''): number => Math.min(most, Number(number) * (units[`${unit}B`] ?? 1))

/** The progress in a text; undefined where it tells of none. With several files aria2 gives one rate for all. */
export function aria2Progress(text: string): Aria2Progress | undefined {
  const files = [...text.matchAll(amounts)]
  if (files.length === 0) return undefined
  const sum = (at: number) => files.reduce((all, match) => all + bytesOf(match[at], match[at + 1]), 0)
  const rate = [...text.matchAll(rates)].reduce((all, [, number, unit]) => all + bytesOf(number, unit), 0)
  return { have: sum(1), total: sum(3), rate, isSwarm: /\bSD:\d/.test(text) }
}

import { InvalidArgumentError } from 'commander'

/** Bytes of `500M`, `8G`, `12T`, or of a plain number: units of 1,024. */
export function size(text: string): number {
  const [, number, unit = ''] = /^(\d{1,15})([KMGT]?)$/i.exec(text) ?? []
  if (number === undefined) throw new InvalidArgumentError('give a size such as 500M, 8G or 1T')
  return Number(number) * 1024 ** ' KMGT'.indexOf(unit === '' ? ' ' : unit.toUpperCase())
}

/** Bits a second of `100M`, `2.5G`, `1T`: units of 1,000. */
export function bitRate(text: string): number {
  const [, number, unit = ''] = /^(\d{1,6}(?:\.\d{1,3})?)([MGT])$/i.exec(text) ?? []
  if (number === undefined || Number(number) === 0)
    throw new InvalidArgumentError('give bits a second, such as 100M, 2.5G or 1T')
  return Number(number) * 1000 ** ' KMGT'.indexOf(unit.toUpperCase())
}

/** How long the pieces of torrents and Metalinks are. */
import { CommandError } from '../command-error.ts'

const KiB = 1024
const MiB = 1024 * KiB

/** Small pieces spread through a swarm sooner; large ones collapse it (measured: 4 MiB is 4 times the bound). */
export function pieceLengthFor(bytes: number): number {
  if (bytes <= 256 * MiB) return 256 * KiB
  return bytes <= 1024 * MiB ? 512 * KiB : MiB
}

const units: Record<string, number> = { '': 1, k: KiB, m: MiB }

/** Reads `262144`, `256k` or `1M`: a power of two (BEP 3), and none that a swarm cannot work with. */
export function parsePieceLength(text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,8})([kKmM]?)$/.exec(text) ?? []
  const length = Number(digits) * (units[unit.toLowerCase()] ?? 0)
  if (Number.isInteger(Math.log2(length)) && length >= 16 * KiB && length <= 16 * MiB) return length
  throw new CommandError(
    `--piece-length ${text}: pieces are a power of two, from 16k to 16M`,
    'leave it out for what suits the size, or give 256k, 512k or 1M',
    2,
  )
}

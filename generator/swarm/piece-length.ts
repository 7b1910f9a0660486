/** How long the pieces of torrents and Metalinks are. */
import { CommandError } from '../host/console/command-error.ts'

const KiB = 1024
const MiB = 1024 * KiB

/**
 * Small pieces spread through a swarm sooner, for a node gives on only what it has whole; many make more messages. About
 * two thousand of them, from 64 KiB to 1 MiB (measured with test/lab/run.ts --piece-length, 16 nodes: 32 MiB in pieces of
 * 32, 64, 128, 256 KiB take 1.5, 1.3, 1.35, 1.6 times the lower bound; 128 MiB in pieces of 128 KiB 1.14 times).
 */
export function pieceLengthFor(bytes: number): number {
  const wanted = 2 ** Math.round(Math.log2(Math.max(1, bytes) / 2048))
  return Math.min(MiB, Math.max(64 * KiB, wanted))
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

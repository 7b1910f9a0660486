import cliProgress from 'cli-progress'
import { shown } from './foreign-text.ts'

/** What a long command tells the person who waits for it. Never part of a command's result. */
export interface Progress {
  /** Something begins: a short phrase such as `building aria2c`. */
  step(text: string): void
  /** Something whose size in bytes is known begins; call `done` on it, also after a failure. */
  track(label: string, total: number): Track
}

export interface Track {
  /** So many bytes more. */
  advance(by: number): void
  done(): void
}

/** Says nothing. */
export const silent: Progress = {
  step() {},
  track: () => ({ advance() {}, done() {} }),
}

/** A size for a person to read: `853 B`, `12.3 kB`, `2.1 MB`. */
export function readableSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}

const options: cliProgress.Options = {
  format: '{label} [{bar}] {percentage}% of {size}',
  barsize: 30,
  autopaddingChar: '',
  barGlue: '',
  barCompleteString: '='.repeat(31),
  barIncompleteString: ' '.repeat(31),
}

/** Ten frames a second are enough for the eye, and cost nothing. */
const frameTime = 100

/**
 * Progress for a person: on a terminal a line for each step and a bar while bytes move, elsewhere one line each.
 * The bar is drawn when bytes arrive and not by a timer, so that an unfinished one never keeps the process alive.
 */
export function terminalProgress(
  stream: { write(text: string): unknown; isTTY?: boolean; columns?: number } = process.stderr,
): Progress {
  const terminal = stream.isTTY === true
  const clear = () => terminal && stream.write('\r\x1b[K')

  return {
    step(text) {
      clear()
      stream.write(`${shown(text)}\n`)
    },
    track(name, total) {
      const label = shown(name)
      if (!terminal) stream.write(`${label} (${readableSize(total)})\n`)
      const startTime = Date.now()
      let value = 0
      let drawn = 0
      return {
        advance(by) {
          value += by
          if (!terminal || Date.now() - drawn < frameTime) return
          drawn = Date.now()
          const line = cliProgress.Format.Formatter(
            options,
            {
              progress: total > 0 ? Math.min(1, value / total) : 1,
              eta: 0,
              startTime,
              stopTime: drawn,
              total,
              value,
              maxWidth: stream.columns ?? 80,
            },
            { label, size: readableSize(total) },
          )
          // A wrapped line could not be cleared again.
          stream.write(`\r${line.slice(0, (stream.columns ?? 80) - 1)}\x1b[K`)
        },
        done: clear,
      }
    },
  }
}

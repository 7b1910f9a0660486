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

/** What is going on and how far it is. */
interface Running {
  label: string
  total: number
  value: number
}

/** One line for all that is going on at once: the first by its name, and how many bytes of all have come. */
function lineFor(running: Running[], width: number): string {
  const [first] = running
  const total = running.reduce((sum, each) => sum + each.total, 0)
  const value = running.reduce((sum, each) => sum + Math.min(each.value, each.total), 0)
  const label = running.length === 1 ? first?.label : `${first?.label} and ${running.length - 1} more`
  const line = cliProgress.Format.Formatter(
    options,
    {
      progress: total > 0 ? value / total : 1,
      eta: 0,
      startTime: 0,
      stopTime: 0,
      total,
      value,
      maxWidth: width,
    },
    { label, size: readableSize(total) },
  )
  // A wrapped line could not be cleared again.
  return line.slice(0, width - 1)
}

/**
 * Progress for a person: on a terminal a line for each step and one bar while bytes move, elsewhere one line each.
 * The bar is drawn when bytes arrive and not by a timer, so that an unfinished one never keeps the process alive.
 */
export function terminalProgress(
  stream: { write(text: string): unknown; isTTY?: boolean; columns?: number } = process.stderr,
): Progress {
  const terminal = stream.isTTY === true
  const running: Running[] = []
  let drawn = 0
  const clear = () => terminal && stream.write('\r\x1b[K')
  const draw = () => {
    if (!terminal || running.length === 0 || Date.now() - drawn < frameTime) return
    drawn = Date.now()
    stream.write(`\r${lineFor(running, stream.columns ?? 80)}\x1b[K`)
  }

  return {
    step(text) {
      clear()
      stream.write(`${shown(text)}\n`)
    },
    track(name, total) {
      const label = shown(name)
      if (!terminal) stream.write(`${label} (${readableSize(total)})\n`)
      const one = { label, total, value: 0 }
      running.push(one)
      return {
        advance(by) {
          one.value += by
          draw()
        },
        done() {
          const place = running.indexOf(one)
          if (place !== -1) running.splice(place, 1)
          clear()
        },
      }
    },
  }
}

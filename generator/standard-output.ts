// Results on standard output: of any length, and to readers that may go away.
import { StringDecoder } from 'node:string_decoder'
import { CommandError } from './command-error.ts'
import { shown } from './foreign-text.ts'
import { reasonOf } from './image/whole-file.ts'

/** So much is written at once. */
const batchSize = 64 << 10

class ReaderGone extends Error {}

/** Writes and waits until it has been taken. */
function write(piece: string | Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(piece, error => (error ? reject(failed(error)) : resolve()))
  })
}

function failed(error: NodeJS.ErrnoException): Error {
  // Who reads has seen enough, as head does.
  if (error.code === 'EPIPE') return new ReaderGone()
  return new CommandError(
    `cannot write to standard output: ${reasonOf(error)}`,
    'see that what it goes to takes it',
  )
}

async function untilReaderGoes(work: () => Promise<void>): Promise<void> {
  // The callback of each write has the error; without a listener it would end the process first.
  const ignore = () => {}
  process.stdout.on('error', ignore)
  try {
    await work()
  } catch (error) {
    if (!(error instanceof ReaderGone)) throw error
  } finally {
    process.stdout.off('error', ignore)
  }
}

/** Prints lines as they are made; ends quietly when the reader goes away. */
export async function printLines(lines: Iterable<string>): Promise<void> {
  await untilReaderGoes(async () => {
    let batch = ''
    for (const line of lines) {
      batch += line
      if (batch.length < batchSize) continue
      await write(batch)
      batch = ''
    }
    await write(batch)
  })
}

/** Prints the content of a foreign file: byte for byte, and on a terminal escaped, since it may drive that. */
export async function printContent(pieces: AsyncIterable<Buffer>): Promise<void> {
  const decoder = new StringDecoder('utf8')
  const escaped = (text: string) => text.replace(/[^\t\n]+/g, part => shown(part))
  const convert = (piece: Buffer) => (process.stdout.isTTY ? escaped(decoder.write(piece)) : piece)
  await untilReaderGoes(async () => {
    for await (const piece of pieces) await write(convert(piece))
    if (process.stdout.isTTY) await write(escaped(decoder.end()))
  })
}

// Results of any length on standard output: no faster than they are taken. Errors of it are watched for by cli.ts.
import { StringDecoder } from 'node:string_decoder'
import { shown } from './foreign-text.ts'

/** So much is written at once. */
const batchSize = 64 << 10

/** Writes, and waits until it has been taken. */
function write(piece: string | Buffer): Promise<void> {
  return new Promise(resolve => process.stdout.write(piece, () => resolve()))
}

/** Prints lines as they are made. */
export async function printLines(lines: Iterable<string>): Promise<void> {
  let batch = ''
  for (const line of lines) {
    batch += line
    if (batch.length < batchSize) continue
    await write(batch)
    batch = ''
  }
  await write(batch)
}

/** Prints the content of a foreign file: byte for byte, and on a terminal escaped, since it may drive that. */
export async function printContent(pieces: AsyncIterable<Buffer>): Promise<void> {
  const decoder = new StringDecoder('utf8')
  const escaped = (text: string) => text.replace(/[^\t\n]+/g, part => shown(part))
  const forTerminal = process.stdout.isTTY
  for await (const piece of pieces) await write(forTerminal ? escaped(decoder.write(piece)) : piece)
  if (forTerminal) await write(escaped(decoder.end()))
}

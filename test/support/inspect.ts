import { Command } from 'commander'
import { registerInspect } from '../../generator/commands/inspect.ts'
import { CommandError } from '../../generator/host/console/command-error.ts'

export interface Inspected {
  status: number
  stdout: string
  stderr: string
}

/** Runs `inspect` as the command line does, in this process. What is no CommandError is thrown: it would be a bug. */
export async function inspect(...words: string[]): Promise<Inspected> {
  const program = new Command().exitOverride().configureOutput({ outputError: () => {} })
  registerInspect(program)
  const streams = [process.stdout, process.stderr]
  const before = streams.map(stream => stream.write)
  const pieces: Buffer[][] = [[], []]
  for (const [index, stream] of streams.entries()) {
    stream.write = ((piece: string | Buffer, callback?: () => void) => {
      pieces[index]?.push(Buffer.from(piece as string))
      callback?.()
      return true
    }) as typeof stream.write
  }
  const ended = (status: number, more = '') => {
    const [stdout = '', stderr = ''] = pieces.map(some => Buffer.concat(some).toString())
    return { status, stdout, stderr: stderr + more }
  }
  try {
    await program.parseAsync(['inspect', ...words], { from: 'user' })
    return ended(0)
  } catch (error) {
    if (error instanceof CommandError) return ended(error.status, error.message)
    throw error
  } finally {
    for (const [index, stream] of streams.entries()) stream.write = before[index] as typeof stream.write
  }
}

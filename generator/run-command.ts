import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'

export interface CommandOptions {
  cwd?: string
  env?: NodeJS.ProcessEnv
  /** A file that gets the output as it comes, standard output and standard error together. */
  log?: string
  signal?: AbortSignal
}

export interface CommandResult {
  /** The exit status; null when the command was ended by a signal or could not be started at all. */
  status: number | null
  stdout: string
  /** Standard output and standard error in the order of their coming. */
  output: string
}

/** Runs a command to its end. It is for the caller to judge the status; output beyond 1 MB is kept by its end. */
export function runCommand(
  command: string,
  words: string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { log, ...spawnOptions } = options
  return new Promise(resolve => {
    const file = log === undefined ? undefined : createWriteStream(log)
    // A log that cannot be written (a full disk) must not hide the command's own failure.
    file?.on('error', () => {})
    let stdout = ''
    let output = ''
    const child = spawn(command, words, { ...spawnOptions, stdio: ['ignore', 'pipe', 'pipe'] })
    const collect = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-1_000_000)
      file?.write(chunk)
    }
    child.stdout.on('data', (chunk: Buffer) => {
      stdout = (stdout + chunk.toString()).slice(-1_000_000)
      collect(chunk)
    })
    child.stderr.on('data', collect)
    const end = (status: number | null) => {
      if (file === undefined || file.destroyed) resolve({ status, stdout, output })
      else file.end(() => resolve({ status, stdout, output }))
    }
    child.on('error', error => {
      output += `${error.message}\n`
      end(null)
    })
    child.on('close', end)
  })
}

/** The last lines of a command's output that say something, for the message about its failure. */
export function lastLines(output: string, count = 8): string {
  return output.trimEnd().split('\n').slice(-count).join('\n')
}

import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { endTree } from './process-tree.ts'

export interface CommandOptions {
  cwd?: string
  /** The whole environment; by default this process's own, in the C locale, so that what is said can be read. */
  env?: NodeJS.ProcessEnv
  /** A file that gets the output as it comes, standard output and standard error together. */
  log?: string
  /** Ends the command and all that it has started. */
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
  const { log, signal, ...spawnOptions } = options
  return new Promise(resolve => {
    const file = log === undefined ? undefined : createWriteStream(log)
    // A log that cannot be written (a full disk) must not hide the command's own failure.
    file?.on('error', () => {})
    let stdout = ''
    let output = ''
    const child = spawn(command, words, {
      env: cLocale(),
      ...spawnOptions,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const end = () => child.pid !== undefined && endTree(child.pid)
    if (signal?.aborted) end()
    signal?.addEventListener('abort', end)
    const collect = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-1_000_000)
      file?.write(chunk)
    }
    child.stdout.on('data', (chunk: Buffer) => {
      stdout = (stdout + chunk.toString()).slice(-1_000_000)
      collect(chunk)
    })
    child.stderr.on('data', collect)
    onEnd(child, (status, reason) => {
      signal?.removeEventListener('abort', end)
      if (reason !== undefined) output += `${reason}\n`
      if (signal?.aborted)
        output += `${signal.reason instanceof Error ? signal.reason.message : 'ended early'}\n`
      if (file === undefined || file.destroyed) resolve({ status, stdout, output })
      else file.end(() => resolve({ status, stdout, output }))
    })
  })
}

export interface FilterResult {
  /** As in `CommandResult`. */
  status: number | null
  /** All of standard output. */
  content: Buffer
  stderr: string
}

/** Gives bytes to a command, such as a decompressor, and takes back what it makes of them. */
export function runFilter(command: string, words: string[], input: Buffer): Promise<FilterResult> {
  return new Promise(resolve => {
    const child = spawn(command, words, { env: cLocale(), stdio: 'pipe' })
    const chunks: Buffer[] = []
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
    })
    onEnd(child, (status, reason) => {
      resolve({ status, content: Buffer.concat(chunks), stderr: stderr + (reason ?? '') })
    })
    // A command that ends before it has read everything says so by its status.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}

const cLocale = (): NodeJS.ProcessEnv => ({ ...process.env, LC_ALL: 'C.UTF-8' })

/** Calls back once with the exit status, or with null and the reason when the command did not start or was aborted. */
function onEnd(child: ChildProcess, callback: (status: number | null, reason?: string) => void): void {
  child.on('error', error => callback(null, error.message))
  child.on('close', status => callback(status))
}

/** The last lines of a command's output that say something, for the message about its failure. */
export function lastLines(output: string, count = 8): string {
  return output.trimEnd().split('\n').slice(-count).join('\n')
}

import { spawn } from 'node:child_process'

/** What a program did: its exit status (null when it could not start or was killed), and all it said. */
export interface Outcome {
  status: number | null
  stdout: Buffer
  stderr: string
}

/** Runs a program in the C locale, so that what it says can be read. Never throws. */
export function runProgram(
  program: string,
  words: string[],
  { input, folder, env }: { input?: Buffer; folder?: string; env?: Record<string, string> } = {},
): Promise<Outcome> {
  return new Promise(resolve => {
    const child = spawn(program, words, { cwd: folder, env: { ...process.env, LC_ALL: 'C.UTF-8', ...env } })
    const stdout: Buffer[] = []
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
    })
    child.on('error', error => resolve({ status: null, stdout: Buffer.alloc(0), stderr: error.message }))
    child.on('close', status => resolve({ status, stdout: Buffer.concat(stdout), stderr }))
    // A program that ends before it has read everything says so by its status.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}

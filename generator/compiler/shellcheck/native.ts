/**
 * ShellCheck as a program. Whatever is called so may be something else: a wrapper that downloads first, an old version, a
 * script that always succeeds. What it says counts only where it proves to be ShellCheck, with all of its checks.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine, Finding } from './finding.ts'

/** Milliseconds that a program has. /init in one piece takes ShellCheck 10 s on a quiet machine. */
export const nativeLimit = 60_000

/** Characters that are read of it: a finding has some 250. */
const outputLimit = 4_000_000

/** A second script that is checked with each: what it must be told of, the last by an optional check. */
const knownFaults = "#!/bin/sh\nname=$1\nprintf '%s\\n' $name\n"
const knownCodes = [2086, 2250]

interface Result {
  file: string
  line: number
  column: number
  code: number
  message: string
}

function isResult(value: unknown): value is Result {
  const { file, line, column, code, message } = (value ?? {}) as Record<string, unknown>
  return (
    [line, column, code].every(Number.isInteger) && typeof file === 'string' && typeof message === 'string'
  )
}

function results(text: string): Result[] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) && value.every(isResult) ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * Standard output of a program that is given the script. It is ended with all that it started when its time is over or it
 * says too much; what has left its group is not waited for.
 */
function output(program: string, words: string[], input: string, limit: number): Promise<string | undefined> {
  return new Promise(resolve => {
    const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'ignore'], detached: true })
    const end = (text?: string) => {
      clearTimeout(timer)
      child.stdout.destroy()
      resolve(text)
    }
    const giveUp = () => {
      try {
        process.kill(-(child.pid ?? 0), 'SIGKILL')
      } catch {}
      end()
    }
    const timer = setTimeout(giveUp, limit)
    let text = ''
    child.stdout.on('data', piece => {
      text += piece
      if (text.length > outputLimit) giveUp()
    })
    child.on('error', () => end())
    // 1 is the status of one that has findings, as it has in the known script.
    child.on('close', status => end(status === 1 ? text : undefined))
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}

async function lint(program: string, scripts: string[], limit: number): Promise<Finding[][] | undefined> {
  let folder: string | undefined
  try {
    folder = mkdtempSync(join(tmpdir(), 'aria2-initrd-shellcheck-'))
    const known = join(folder, 'known.sh')
    writeFileSync(known, knownFaults)
    const files = scripts.slice(1).map((script, index) => {
      const file = join(String(folder), `${index + 2}.sh`)
      writeFileSync(file, script)
      return file
    })
    const words = ['--norc', '--shell=sh', '--enable=all', '--format=json', '-', ...files, known]
    const found = results((await output(program, words, scripts[0] ?? '', limit)) ?? '')
    const ofKnown = found?.filter(({ file }) => file === known).map(({ code }) => code) ?? []
    if (found === undefined || !knownCodes.every(code => ofKnown.includes(code))) return undefined
    const names = new Set(['-', ...files])
    if (found.some(({ file }) => file !== known && !names.has(file))) return undefined
    return [...names].map(name =>
      found
        .filter(({ file }) => file === name)
        .map(({ line, column, code, message }) => ({ line, column, code: `SC${code}`, message })),
    )
  } catch {
    return undefined
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  }
}

/** A program, known by its file: an upgrade is another engine. Undefined where there is no such file. */
export function nativeEngine(path: string, limit = nativeLimit): Engine | undefined {
  try {
    const file = realpathSync(path)
    const { size, mtimeMs } = statSync(file)
    return { identity: `${file} ${size} ${mtimeMs}`, lint: (...scripts) => lint(file, scripts, limit) }
  } catch {
    return undefined
  }
}

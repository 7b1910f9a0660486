/** /init in a throwaway root, with commands that play what they did on the simulator. */
import { spawn } from 'node:child_process'
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { findProgram } from '../../generator/host/debian/host-packages.ts'
import type { Call } from '../../generator/simulator/simulated-machine.ts'
import type { Shell } from './shells.ts'
import { fixedNames, layDevices } from './throwaway-root.ts'

export interface Run {
  console: string
  trace: string[][]
  /** `machine` when the last command ended it, else how the shell itself ended. */
  end: string
  /** Every path with its text, directories with undefined. */
  files: Map<string, string | undefined>
}

/** A word for the shims' shell. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

const isPlain = (text: string): boolean => /^[\n\t -~]*$/.test(text)

/** The lines of shell that do to the files, and print, what a command did on the simulator. */
function callScript(call: Call, isLast: boolean, storeData: (bytes: Buffer) => string): string {
  const removed = call.changes.filter(({ kind }) => kind === 'removed').map(({ path }) => quoted(path))
  const made = call.changes.filter(({ kind }) => kind === 'directory').map(({ path }) => quoted(path))
  const written = call.changes.flatMap(change => {
    if (change.kind !== 'file') return []
    const text = change.bytes.toString('latin1')
    const source = isPlain(text) ? `printf '%s' ${quoted(text)}` : `busybox cat ${storeData(change.bytes)}`
    return [`${source} >${quoted(change.path)}`]
  })
  const { stdout, stderr, status } = call.outcome
  return [
    ...(removed.length > 0 ? [`busybox rm -rf ${removed.join(' ')}`] : []),
    ...(made.length > 0 ? [`busybox mkdir -p ${made.join(' ')}`] : []),
    ...written,
    ...(stdout === undefined ? [] : [`printf '%s' ${quoted(stdout)}`]),
    ...(stderr === undefined ? [] : [`printf '%s' ${quoted(stderr)} >&2`]),
    ...(isLast ? [] : [`exit ${status}`]),
    '',
  ].join('\n')
}

/** The kernel gives /init the words of its command line that it does not know as the environment. */
export function kernelEnvironment(cmdline: string): Record<string, string> {
  const environment: Record<string, string> = { HOME: '/', TERM: 'linux' }
  for (const [, name = '', quotedValue, value] of cmdline.matchAll(
    /(?:^|\s)([^\s="]+)=(?:"([^"]*)"?|(\S*))/g,
  )) {
    if (!name.includes('.')) environment[name] = quotedValue ?? value ?? ''
  }
  return environment
}

/** A name of any bytes, one character each, below a root. */
const bytePath = (root: string, path: string): Buffer => Buffer.from(`${root}${path}`, 'latin1')

/** Puts a root into the state in which a boot starts. */
function prepare(root: string, init: string, files: Map<string, Buffer | undefined>, calls: Call[]): void {
  for (const name of readdirSync(root)) {
    if (!fixedNames.has(name) || name === 'world') rmSync(join(root, name), { recursive: true, force: true })
  }
  layDevices(root)
  mkdirSync(join(root, 'world/calls'), { recursive: true })
  writeFileSync(join(root, 'world/next'), '0\n')
  writeFileSync(join(root, 'world/trace'), '')
  writeFileSync(join(root, 'init'), init, 'latin1')
  for (const [path, bytes] of files) {
    if (bytes === undefined) mkdirSync(bytePath(root, path), { recursive: true })
    else writeFileSync(bytePath(root, path), bytes)
  }
  let stored = 0
  const storeData = (bytes: Buffer): string => {
    stored += 1
    writeFileSync(join(root, `world/data-${stored}`), bytes)
    return `/world/data-${stored}`
  }
  for (const [index, call] of calls.entries()) {
    writeFileSync(
      join(root, `world/calls/${index}`),
      callScript(call, index === calls.length - 1, storeData),
      'latin1',
    )
  }
}

function parseTrace(bytes: Buffer): string[][] {
  const words = bytes.toString('latin1').split('\0')
  words.pop()
  const trace: string[][] = []
  while (words.length > 0) trace.push(words.splice(0, Number(words.shift()) + 1))
  return trace
}

function collect(root: string): Map<string, string | undefined> {
  const files = new Map<string, string | undefined>()
  const visit = (path: string): void => {
    const at = bytePath(root, path)
    const found = lstatSync(at)
    const isFolder = found.isDirectory()
    // Nobody reads the events.
    files.set(path, isFolder ? undefined : found.isFIFO() ? '' : readFileSync(at, 'latin1'))
    if (!isFolder) return
    for (const name of readdirSync(at, { encoding: 'latin1' })) visit(`${path}/${name}`)
  }
  for (const name of readdirSync(root)) if (!fixedNames.has(name)) visit(`/${name}`)
  return files
}

/** The boot's environment need not hold a PATH. */
const program = (name: string): string => findProgram(name) ?? name

/**
 * A chroot alone keeps nobody from this machine's network, mounts or power switch: should a command ever run for real,
 * it meets namespaces of its own, and no right to reboot.
 */
const isolation = [
  ...['--net', '--uts', '--ipc', '--mount', '--'],
  ...[program('setpriv'), '--bounding-set', '-sys_boot', '--', program('chroot')],
]

/** Starts a shell in its root and waits for its end. */
export function inRoot(
  root: string,
  words: string[],
  env: Record<string, string>,
  seconds: number,
): Promise<{ console: string; end: string }> {
  const log = join(root, 'world/console')
  const output = openSync(log, 'a')
  const keepPid = 'echo "$$" >/world/pid; exec "$@"'
  return new Promise((resolve, reject) => {
    const child = spawn(
      program('unshare'),
      [...isolation, root, '/bin/busybox', 'sh', '-c', keepPid, 'sh', ...words],
      {
        stdio: ['ignore', output, output],
        env,
      },
    )
    let late = false
    const timer = setTimeout(() => {
      late = true
      // Not TERM: /init's EXIT trap would keep it alive.
      child.kill('SIGKILL')
    }, seconds * 1000)
    child.on('error', reject)
    child.on('exit', (status, signal) => {
      clearTimeout(timer)
      closeSync(output)
      const ended = signal === 'SIGKILL' ? 'machine' : `${signal ?? `exit ${status}`}`
      const end = late ? `not within ${seconds} s` : ended
      resolve({ console: existsSync(log) ? readFileSync(log, 'latin1') : '', end })
    })
  })
}

/** One boot of /init under one shell. */
export async function replay(
  shell: Shell,
  root: string,
  init: string,
  boot: { cmdline: string; start: Map<string, Buffer | undefined>; calls: Call[] },
): Promise<Run> {
  prepare(root, init, boot.start, boot.calls)
  const { console, end } = await inRoot(root, [...shell.words, '/init'], kernelEnvironment(boot.cmdline), 300)
  const trace = parseTrace(readFileSync(join(root, 'world/trace')))
  return { console, end, trace, files: collect(root) }
}

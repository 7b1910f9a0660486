/** Stages run twice: as TypeScript in Node, and as the shell that the compiler makes of them. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { banner, type Line } from '../../../generator/compiler/print/print.ts'
import { root } from '../../../generator/compiler/root.ts'
import { shown } from '../../../generator/simulator/shown.ts'
import { CommandFailed, type List, type Machine, runOn } from '../../../generator/stages/api/machine.ts'
import { runScript, type Shell } from '../../support/shells.ts'

/** What a run said on the console, and how it ended. */
export interface Outcome {
  console: string
  status: number
}

/** A machine on a folder; commands say how they were called, one whose last word is a number ends with it. */
function machineOn(folder: string, say: (line: string) => void): Machine {
  const at = (path: string) => join(folder, path)
  const read = (path: string): string => {
    if (!existsSync(at(path))) throw new CommandFailed(path)
    return readFileSync(at(path), 'latin1').replace(/\n+$/, '')
  }
  const isThere = (path: string): boolean => existsSync(at(path))
  const called = (name: string, words: string[]): number => {
    say(`${name}${words.map(word => ` <${word}>`).join('')}`)
    return Number(/^[0-9]+$/.exec(words.at(-1) ?? '')?.[0] ?? 0)
  }
  const command =
    (name: string) =>
    (...words: string[]): void => {
      if (called(name, words) !== 0) throw new CommandFailed(name)
    }
  let stage = 'start'
  const log = (message: string): void => say(`aria2-initrd: ${stage}: ${shown(message)}`)
  const fail = (message: string): never => {
    log(message)
    throw new CommandFailed(message)
  }
  const ended: number[] = []
  const known: Partial<Machine> = {
    // What is started is waited for at once, so nothing else is said in between.
    start: call => {
      try {
        call()
        return ended.push(0) - 1
      } catch (error) {
        if (!(error instanceof CommandFailed)) throw error
        return ended.push(1) - 1
      }
    },
    waitFor: job => ended[job] ?? 127,
    setStage: name => {
      stage = name
    },
    log,
    fail,
    exists: isThere,
    isDirectory: path => isThere(path) && statSync(at(path)).isDirectory(),
    hasContent: path => isThere(path) && statSync(at(path)).size > 0,
    fileHasLine: (path, line) =>
      isThere(path) &&
      statSync(at(path)).isFile() &&
      readFileSync(at(path), 'latin1').split('\n').includes(line),
    readFile: read,
    writeFile: (path, text) => writeFileSync(at(path), `${text}\n`, 'latin1'),
    append: (source, target) => appendFileSync(at(target), `${read(source)}\n`, 'latin1'),
    namesIn: path => (isThere(path) ? readdirSync(at(path)).sort().join('\n') : '') as List,
    remove: path => rmSync(at(path), { recursive: true, force: true }),
    makeDirectory: path => mkdirSync(at(path), { recursive: true }),
    sizeOf: path => (isThere(path) ? statSync(at(path)).size : fail(path)),
    lowerCase: text => text.replace(/[A-Z]/g, letter => letter.toLowerCase()),
    wholeNumber: text =>
      /^(0|[1-9][0-9]{0,14})$/.test(text) ? Number(text) : fail(`'${text}' is not a whole number`),
    asDecimal: count => `${Math.trunc(count / 1000)}.${String(count % 1000).padStart(3, '0')}`,
    run: (name, ...words) => command(name)(...words),
    statusOf: (name, ...words) => called(name, words),
    ip: command('ip'),
    modprobe: command('modprobe'),
    mount: command('mount'),
    kexec: command('kexec'),
    aria2c: (seconds, ...words) => called('unprivileged_aria2c', [String(seconds), ...words]),
  }
  return known as Machine
}

/** The same commands for the shells. */
const stubs = `
called() {
    printf '%s' "$1" >&2
    shift
    last=0
    for last in "$@"; do
        printf ' <%s>' "$last" >&2
    done
    printf '\\n' >&2
    case $last in
        '' | *[!0-9]*) return 0 ;;
    esac
    return "$last"
}
limited() {
    shift
    "$@"
}
ethtool() { called ethtool "$@"; }
ip() { called ip "$@"; }
modprobe() { called modprobe "$@"; }
mount() { called mount "$@"; }
kexec() { called kexec "$@"; }
unprivileged_aria2c() { called unprivileged_aria2c "$@"; }
`

/** The lines of /init between two of its lines. */
function between(lines: Line[], first: string, last: string): string {
  const texts = lines.map(({ text }) => text)
  return texts
    .slice(texts.indexOf(first) + 1, texts.lastIndexOf(last))
    .join('\n')
    .trim()
}

/** What the modules became, without the frame: from the first banner after the parameters to the call of main. */
export function sections(lines: Line[]): string {
  const taking = lines.findIndex(({ text }) => text === 'set_parameter() {')
  const start = taking + lines.slice(taking).findIndex(({ text }) => text === '}') + 1
  return `${between(lines.slice(start), '', 'main "$@"')}\n`
}

/** A script without the trap, the mounts and the reboot of a real boot. */
export function scriptOf(lines: Line[], calls = 'main'): string {
  const helpers = between(
    lines,
    banner('helpers'),
    '# The net under everything: PID 1 must not end, or the kernel panics.',
  )
  return `set -fu\nnewline='\n'\nblanks=$(printf ' \\n\\t')\nIFS=$newline\nstage=start\n${helpers}\n${stubs}\n${sections(lines)}\n${calls}\n`
}

export function runInShell(shell: Shell, script: string): Outcome {
  const { status, stdout, stderr } = runScript(shell, script)
  // Which number a failure has is the failed command's affair.
  return { console: `${stdout}${stderr}`, status: status === null ? -1 : Math.min(status, 1) }
}

/** Runs something of a module in Node; `files` are modules by name. */
export async function runInNode<T extends object>(
  files: Record<string, string>,
  main: string,
  run: (module: T) => void,
): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'aria2-initrd-node-'))
  try {
    const machine = `export * from '${pathToFileURL(`${root}generator/stages/api/machine.ts`)}'\n`
    const all = {
      'package.json': '{ "type": "module" }',
      'machine.ts': machine,
      'parameters.ts': '',
      ...files,
    }
    for (const [name, text] of Object.entries(all)) writeFileSync(join(folder, name), text)
    mkdirSync(join(folder, 'run'))
    const module = (await import(pathToFileURL(join(folder, main)).href)) as T
    const said: string[] = []
    runOn(machineOn(join(folder, 'run'), line => said.push(`${line}\n`)))
    let status = 0
    try {
      run(module)
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error
      status = 1
    } finally {
      runOn(undefined)
    }
    return { console: said.join(''), status }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

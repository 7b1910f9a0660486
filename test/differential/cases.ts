/**
 * Many calls of /init's functions in one start of each shell, compared with the same calls on the simulator. The shell
 * reads the bytes of /init but for the last line, which is `main "$@"`.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { snakeCase } from '../../generator/compiler/declared-parameters.ts'
import { machineTable } from '../../generator/compiler/machine-table.ts'
import { declaredParameters } from '../../generator/simulator/boot-program.ts'
import { bytesOf, textOf } from '../../generator/simulator/captured.ts'
import { Failed } from '../../generator/simulator/outcome.ts'
import { callStage } from '../../generator/simulator/simulate.ts'
import { SimulatedMachine } from '../../generator/simulator/simulated-machine.ts'
import type { Bench } from './boots.ts'
import { withoutShellWords } from './compare.ts'
import { inRoot, quoted } from './replay.ts'
import type { Shell } from './shells.ts'

/** One call. */
export interface Case {
  /** A stage function, or `machine.` and a member that is a function in /init. */
  call: string
  values: (string | number)[]
  /** Files that are there; those below /tmp/case are compared afterwards. */
  files?: Record<string, string>
}

/** What came of a call. */
interface Result {
  value: string
  status: number
  stderr: string
  files: Record<string, string>
}

const caseFolder = '/tmp/case'

function shellName(call: string): string {
  const member = call.startsWith('machine.') ? machineTable[call.slice('machine.'.length)] : undefined
  if (call.startsWith('machine.') && member?.helper === undefined)
    throw new Error(`${call} is no function in /init`)
  if (call === 'readCommandLine') return 'read_and_show'
  if (call === 'parseIpForm') return 'parse_and_show'
  if (call === 'checkStatic') return 'parse_and_check'
  return member?.helper ?? snakeCase(call)
}

const isAscii = (text: string): boolean => [...text].every(c => c < '\x80')

/** Runs a call of the machine itself. */
function callMember(member: string, values: Case['values'], files: Record<string, string>): Result {
  const machine = new SimulatedMachine({ cmdline: '' })
  for (const [path, text] of Object.entries(files)) machine.files.place(path, bytesOf(text))
  const act = (machine as unknown as Record<string, (...given: unknown[]) => unknown>)[member]
  try {
    const value = act?.(...values)
    return { value: String(value ?? ''), status: 0, stderr: machine.console, files: filesOf(machine) }
  } catch (error) {
    if (!(error instanceof Failed)) throw error
    return { value: '', status: error.status, stderr: machine.console, files: filesOf(machine) }
  }
}

const filesOf = (machine: SimulatedMachine): Record<string, string> =>
  Object.fromEntries(
    [...machine.files.snapshot()]
      .filter(([path, bytes]) => path.startsWith(`${caseFolder}/`) && bytes !== undefined)
      .map(([path, bytes]) => [path, textOf(bytes ?? Buffer.alloc(0))]),
  )

/** What `ip=` asks for, and where that is an address, whether it can be right. */
function parseAndCheck(
  values: Case['values'],
  run: (name: string, words: unknown[]) => ReturnType<typeof callStage>,
) {
  const parsed = run('parseIpForm', values)
  const { method } = (parsed.value ?? {}) as { method?: string }
  return method === 'static' ? run('checkStatic', [...values, parsed.value]) : parsed
}

function onSimulator({ call, values, files = {} }: Case, without: Bench['without']): Result {
  if (call.startsWith('machine.')) return callMember(call.slice('machine.'.length), values, files)
  const parameters = new SimulatedMachine({ cmdline: '' }).defaultParameters()
  const given = call === 'readCommandLine' ? [parameters] : values
  const run = (name: string, words: unknown[]) =>
    callStage(name, words, { cmdline: '', without }, prepared => {
      for (const [path, text] of Object.entries(files)) prepared.files.place(path, bytesOf(text))
    })
  const { value, status, console, machine } =
    call === 'checkStatic' ? parseAndCheck(values, run) : run(call, given)
  const record = call === 'readCommandLine' ? parameters : value
  const shown =
    status === 0 && typeof record === 'object' && record !== null
      ? Object.values(record)
          .map(field => `<${field}>`)
          .join('\n')
      : String(value ?? '')
  if (typeof value === 'boolean')
    return { value: '', status: value ? 0 : 1, stderr: console, files: filesOf(machine) }
  return { value: shown, status, stderr: console, files: filesOf(machine) }
}

/** The script that a shell runs: /init's functions, then each case in a subshell of its own. */
function driver(init: string, cases: Case[]): string {
  const last = '\nmain "$@"\n'
  if (!init.endsWith(last)) throw new Error('the last line of /init is not main "$@"')
  const show = declaredParameters()
    .map(({ variable }) => `"$${variable}"`)
    .join(' ')
  const lines = cases.map(({ call, values, files = {} }, index) => {
    const words = values.map(value => quoted(String(value))).join(' ')
    const outside = Object.entries(files)
      .filter(([path]) => !path.startsWith(caseFolder))
      .map(([path, text]) => `printf '%s' ${quoted(text)} >${quoted(path)}\n`)
    return `${outside.join('')}one ${index} ${shellName(call)} ${words}`
  })
  return `${init.slice(0, -last.length)}
trap - EXIT
read_and_show() {
    read_command_line || return
    printf '<%s>\\n' ${show}
}
parse_and_show() {
    parse_ip_form "$1" || return
    printf '<%s>\\n' "$method" "$form_interface" "$client" "$peer" "$gateway" \\
        "$netmask" "$client_name" "$mtu" "$hardware_address" "$form_servers"
}
parse_and_check() {
    parse_ip_form "$1" || return
    if [ "$method" = static ]; then check_static "$1"; else parse_and_show "$1"; fi
}
one() {
    case_number=$1
    shift
    if [ -d "/world/files/$case_number" ]; then
        busybox mv "/world/files/$case_number" ${caseFolder}
    fi
    ( "$@" ) >"/world/out/$case_number" 2>"/world/err/$case_number"
    printf '%s\\n' "$?" >"/world/status/$case_number"
    if [ -d ${caseFolder} ]; then
        busybox mv ${caseFolder} "/world/files/$case_number"
    fi
}
${lines.join('\n')}
kill -9 "$$"
`
}

function readTree(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {}
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'latin1' })
      .map(name => [name, Buffer.from(`${folder}/${name}`, 'latin1')] as const)
      .filter(([, path]) => statSync(path).isFile())
      .map(([name, path]) => [`${caseFolder}/${name}`, readFileSync(path, 'latin1')]),
  )
}

async function underShell(shell: Shell, root: string, init: string, cases: Case[]): Promise<Result[]> {
  const world = join(root, 'world')
  for (const name of ['world', 'tmp', 'run', 'proc', 'sys', 'etc'])
    rmSync(join(root, name), { recursive: true, force: true })
  for (const name of ['out', 'err', 'status', 'files']) mkdirSync(join(world, name), { recursive: true })
  for (const name of ['tmp', 'etc']) mkdirSync(join(root, name))
  for (const [index, { files = {} }] of cases.entries()) {
    for (const [path, text] of Object.entries(files)) {
      const inside = path.startsWith(`${caseFolder}/`)
      const at = inside ? `${world}/files/${index}${path.slice(caseFolder.length)}` : `${root}${path}`
      mkdirSync(Buffer.from(dirname(at), 'latin1'), { recursive: true })
      if (inside) writeFileSync(Buffer.from(at, 'latin1'), text, 'latin1')
    }
  }
  writeFileSync(join(root, 'init'), driver(init, cases), 'latin1')
  writeFileSync(join(world, 'trace'), '')
  const { console, end } = await inRoot(root, [...shell.words, '/init'], {}, 600)
  if (end !== 'machine') throw new Error(`${shell.name}: the driver ended by itself: ${end}\n${console}`)
  const read = (kind: string, index: number) => readFileSync(join(world, kind, String(index)), 'latin1')
  return cases.map((_, index) => ({
    value: read('out', index).replace(/\n+$/, ''),
    status: Number(read('status', index)),
    stderr: read('err', index),
    files: readTree(`${world}/files/${index}`),
  }))
}

/** A failed function's output is never used. */
const essence = ({ value, status, stderr, files }: Result) =>
  JSON.stringify({
    value: status === 0 ? value : '',
    status,
    stderr: withoutShellWords(stderr),
    files: Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)),
  })

/** For each case what differs, in words; undefined where simulator and all shells agree. */
export async function compareCases(bench: Bench, cases: Case[]): Promise<(string | undefined)[]> {
  const expected = cases.map(each => essence(onSimulator(each, bench.without)))
  const found: (string | undefined)[] = cases.map(() => undefined)
  const settled = await Promise.allSettled(
    bench.shells.map(async ({ shell, root }) => {
      const taken = cases
        .map((each, index) => ({ each, index }))
        .filter(({ each, index }) => shell.takesAllBytes || isAscii(JSON.stringify(each) + expected[index]))
      const results = await underShell(
        shell,
        root,
        bench.init,
        taken.map(({ each }) => each),
      )
      for (const [position, { index }] of taken.entries()) {
        const result = results[position]
        const got = result === undefined ? 'nothing' : essence(result)
        if (got !== expected[index])
          found[index] ??= `${shell.name}:\n  simulator ${expected[index]}\n  shell     ${got}`
      }
      const trace = readFileSync(join(root, 'world/trace'), 'latin1')
      if (trace !== '') throw new Error(`${shell.name}: commands were started: ${JSON.stringify(trace)}`)
    }),
  )
  for (const each of settled) if (each.status === 'rejected') throw each.reason
  return found
}

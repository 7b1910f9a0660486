/** A whole boot on a simulated machine. */
import { runOn } from '../stages/api/machine.ts'
import { leaveOut, leftOutByDefault } from '../stages/api/parts.ts'
import { currentBoot } from './boot-program.ts'
import { textOf } from './captured.ts'
import type { Loaded } from './commands.ts'
import { Ended, Failed } from './outcome.ts'
import { type Call, programIn, SimulatedMachine } from './simulated-machine.ts'
import { stageFunctions } from './stages.ts'
import type { BootProgram } from './transpile.ts'
import type { World } from './world.ts'

/** A boot that has ended. */
export interface Boot {
  /** Everything that stood on the console. */
  console: string
  /** The programs that /init started, with their words, in order; `calls` has what runs them (`setpriv`, `setuidgid`), too. */
  trace: string[][]
  calls: Call[]
  /**
   * `kexec`; `reboot after 30 s`, `poweroff`, …; `shell` when a person was let in at the end; `switched off …` when
   * it went on for too long.
   */
  end: string
  /** The stages in which a shell was opened, by `break=` or at the end. */
  shells: string[]
  /** What kexec has loaded. */
  loaded: Loaded | undefined
  /** Seconds that the boot took. */
  seconds: number
  isTracing: boolean
  machine: SimulatedMachine
  /** Whether a command ran, with these words right after its name. */
  ran(command: string, ...words: string[]): boolean
  /** The commands of one name, as text. */
  commands(name: string): string[]
  /** A file's text at the end; undefined where there is none. */
  file(path: string): string | undefined
}

function endOf(machine: SimulatedMachine, main: () => unknown): string {
  const untilEnded = (act: () => unknown): string | undefined => {
    try {
      act()
      return undefined
    } catch (error) {
      if (error instanceof Ended) return error.message
      throw error
    }
  }
  let status = 0
  const end = untilEnded(() => {
    try {
      main()
    } catch (error) {
      if (!(error instanceof Failed)) throw error
      status = error.status
    }
  })
  return end ?? untilEnded(() => machine.onExit(status)) ?? 'nothing'
}

/** Lets stages act on a machine, with the parts that its image has. */
function actingOn<T>(machine: SimulatedMachine, { without = leftOutByDefault }: World, act: () => T): T {
  runOn(machine)
  leaveOut(without)
  try {
    return act()
  } finally {
    runOn(undefined)
    leaveOut(leftOutByDefault)
  }
}

/** Boots a machine with the stages as they are. */
export function simulate(world: World, program: BootProgram = currentBoot()): Boot {
  const machine = new SimulatedMachine(world, program.parameters)
  const main = stageFunctions(program).get('main')
  if (main === undefined) throw new Error('main.ts has no main()')
  const end = actingOn(machine, world, () => endOf(machine, main))
  const trace = machine.calls.map(({ words }) => programIn(words))
  return {
    console: machine.console,
    trace,
    calls: machine.calls,
    end,
    shells: machine.shells,
    loaded: machine.commands.loaded,
    seconds: machine.commands.now,
    isTracing: machine.isTracing,
    machine,
    ran: (command, ...words) =>
      trace.some(
        ([name, ...given]) => name === command && words.every((word, index) => given[index] === word),
      ),
    commands: name => trace.filter(([command]) => command === name).map(words => words.join(' ')),
    file: path => (machine.files.isFile(path) ? textOf(machine.files.read(path)) : undefined),
  }
}

/** What one stage function made of its values. */
export interface Called {
  value: unknown
  /** 0, or the status that it failed with. */
  status: number
  console: string
  machine: SimulatedMachine
}

/** Calls one stage function on a machine that has come as far as `prepare` says. */
export function callStage(
  name: string,
  values: unknown[],
  world: World,
  prepare: (machine: SimulatedMachine) => void = () => {},
  Kind: typeof SimulatedMachine = SimulatedMachine,
  program: BootProgram = currentBoot(),
): Called {
  const stage = stageFunctions(program).get(name)
  if (stage === undefined) throw new Error(`there is no stage function '${name}'`)
  const machine = new Kind(world, program.parameters)
  prepare(machine)
  try {
    const value = actingOn(machine, world, () => stage(...values))
    return { value, status: 0, console: machine.console, machine }
  } catch (error) {
    if (!(error instanceof Failed)) throw error
    return { value: undefined, status: error.status, console: machine.console, machine }
  }
}

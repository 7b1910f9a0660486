/**
 * For a site's own tests: boots on a simulated machine, with the site's stages in them. The machine is as strict as
 * /init: text is bytes, what a command prints comes without its trailing newlines, a failure ends the stage.
 */
import { resolve } from 'node:path'
import { simulate as boot, callStage as call, type Boot as WholeBoot } from './simulate.ts'
import { bootWith } from './site-boot.ts'
import type { World } from './world.ts'

export type { Broken, Content, Interface, Served, World } from './world.ts'

/** A stage of the site's own, as in `aria2-initrd.config.ts`. */
export interface Stage {
  /** A TypeScript file, absolute or from the current folder; its base name is the stage's name on the console. */
  file: string
  /** The stage that it follows. */
  after: string
}

/** What is around the machine; defaults are one that boots well. */
export interface Surroundings extends World {
  /** The site's stages, in the order of the boot. */
  stages?: Stage[]
}

/** A boot that has ended. */
export interface Boot {
  /** Everything that stood on the console. */
  console: string
  /** The programs that /init started, with their words, in order. */
  trace: string[][]
  /**
   * `kexec`; `reboot after 30 s`, `poweroff`, …; `shell` when a person was let in at the end; `switched off …` when
   * it went on for too long.
   */
  end: string
  /** The stages in which a shell was opened, by `break=` or at the end. */
  shells: string[]
  /** What kexec has loaded. */
  loaded: { kernel: Uint8Array; initrd: Uint8Array | undefined; commandLine: string } | undefined
  /** Seconds that the boot took, on the machine's clock. */
  seconds: number
  /** Whether a command ran, with these words right after its name. */
  ran(command: string, ...words: string[]): boolean
  /** The commands of one name, as text. */
  commands(name: string): string[]
  /** A file's text at the end; undefined where there is none. */
  file(path: string): string | undefined
}

/** What one function made of its values. */
export interface Called {
  /** What it returned; undefined where it failed. */
  value: unknown
  /** 0, or the status that it failed with. */
  status: number
  console: string
  file(path: string): string | undefined
}

const programOf = ({ stages = [] }: Surroundings) =>
  bootWith(stages.map(({ file, after }) => ({ path: resolve(file), after })))

/**
 * Boots a machine from power-on to the next kernel, or to what follows a failure.
 * @throws CompileError where TypeScript finds fault with a stage, or `boot` has nothing of what it takes
 */
export function simulate(surroundings: Surroundings): Boot {
  const { console, trace, end, shells, loaded, seconds, ran, commands, file }: WholeBoot = boot(
    surroundings,
    programOf(surroundings),
  )
  return { console, trace, end, shells, loaded, seconds, ran, commands, file }
}

/**
 * Calls one function of a stage, exported or not, on a machine whose file systems are mounted.
 * @param values what it is given: texts, numbers and records
 */
export function callStage(
  name: string,
  values: unknown[],
  surroundings: Omit<Surroundings, 'cmdline'>,
): Called {
  const world = { cmdline: '', ...surroundings }
  const { value, status, console, machine } = call(
    name,
    values,
    world,
    made => {
      made.mount('-t', 'proc', 'proc', '/proc')
      made.mount('-t', 'sysfs', 'sysfs', '/sys')
      made.mount('-t', 'tmpfs', 'tmpfs', '/run')
    },
    undefined,
    programOf(world),
  )
  return {
    value,
    status,
    console,
    file: path => (machine.files.isFile(path) ? machine.files.read(path).toString('latin1') : undefined),
  }
}

#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { CommandError } from '../host/console/command-error.ts'
import { shownLines } from '../host/console/foreign-text.ts'
import { watchStandardOutput } from '../host/console/standard-output.ts'
import { withoutSystemError } from '../host/console/system-error.ts'
import { prepareSurroundings } from '../host/processes/surroundings.ts'
import { registerBoot } from './boot.ts'
import { registerBuild } from './build.ts'
import { registerCmdline } from './cmdline.ts'
import { registerDemo } from './demo.ts'
import { registerFetch } from './fetch.ts'
import { registerFleet } from './fleet.ts'
import { registerGenerate } from './generate.ts'
import { registerInspect } from './inspect.ts'
import { registerHardware } from './list-devices.ts'
import { registerParams } from './params.ts'
import { registerPlan } from './plan-site.ts'
import { registerPublish } from './publish.ts'
import { registerServe } from './serve.ts'

/** Each command adds itself to the program; the order is that of --help. */
const commands: ((program: Command) => void)[] = [
  registerGenerate,
  registerBuild,
  registerFetch,
  registerHardware,
  registerInspect,
  registerParams,
  registerPlan,
  registerPublish,
  registerCmdline,
  registerServe,
  registerFleet,
  registerBoot,
  registerDemo,
]

/** Every failure ends here: two lines for a person, the stack only for --debug. What is foreign in them is shown. */
function report(error: unknown, debug: boolean): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0
    const what = error.message.replace(/^error: /, '')
    process.stderr.write(
      `aria2-initrd: error: ${shownLines(what)}\nhelp: aria2-initrd --help lists commands and options\n`,
    )
    return 2
  }
  const failure = error instanceof Error ? error : new Error(String(error))
  process.stderr.write(`aria2-initrd: error: ${shownLines(failure.message)}\n`)
  if (failure instanceof CommandError) process.stderr.write(`help: ${shownLines(failure.help)}\n`)
  else
    process.stderr.write(
      'help: this is a bug in aria2-initrd; run again with --debug and report what it prints\n',
    )
  if (debug) process.stderr.write(`${shownLines(failure.stack ?? '')}\n`)
  return failure instanceof CommandError ? failure.status : 1
}

async function main(): Promise<number> {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const program = new Command('aria2-initrd')
    .description('Generate the first stage of diskless boots: /init for review, initrd.img to boot.')
    .version(version)
    .option('--debug', 'print the stack trace of an error')
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .showHelpAfterError(false)
  for (const register of commands) register(program)
  // Subcommands do not inherit these from a program that they were added to by addCommand.
  for (const command of program.commands) command.exitOverride().configureOutput({ outputError: () => {} })
  try {
    await program.parseAsync()
    return 0
  } catch (error) {
    return report(withoutSystemError(error), program.opts().debug === true)
  }
}

prepareSurroundings()
watchStandardOutput()
process.exitCode = await main()

import { CommandError } from '../host/console/command-error.ts'

/** @throws CommandError on a machine that cannot run the compilers of the build root, nor what they make */
export function requireBuildMachine(architecture: string = process.arch): void {
  if (architecture === 'x64') return
  throw new CommandError(
    `images are made on x86-64 machines for x86-64 machines, and this one is ${architecture}`,
    'here generate, params, cmdline, fetch, inspect, publish and serve work; build on an x86-64 machine, or in its container where the engine emulates one: docker build --platform linux/amd64',
  )
}

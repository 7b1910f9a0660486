/** Programs of the machine that set the lab up: short, and in order. */
import { spawnSync } from 'node:child_process'
import { CommandError } from '../../generator/host/console/command-error.ts'
import { findProgram } from '../../generator/host/debian/host-packages.ts'

/** Runs a program to its end and hands back what it printed; throws a CommandError when it fails. */
export function command(name: string, words: string[], input = ''): string {
  const { status, stdout, stderr, error } = spawnSync(findProgram(name) ?? name, words, {
    input,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' },
    maxBuffer: 1 << 26,
  })
  if (error !== undefined || status !== 0)
    throw new CommandError(
      `${name} ${words.join(' ')}: ${error?.message ?? stderr.trim()}`,
      'the lab wants root, iproute2 and util-linux, and a kernel with veth, bridge and tbf',
    )
  return stdout
}

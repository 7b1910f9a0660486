import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { findProgram } from '../../generator/host/debian/host-packages.ts'
import type { LabHost } from './network.ts'

const program = (name: string): string => findProgram(name) ?? name

/**
 * Starts a program on a host of the lab. It ends when the lab does, however that ends, and has no right to reboot:
 * a stage that fails would.
 */
export function spawnOn(host: LabHost, words: string[], options: SpawnOptions): ChildProcess {
  return spawn(
    program('setpriv'),
    [
      ...['--pdeathsig', 'KILL', '--bounding-set', '-sys_boot', '--'],
      ...[program('nsenter'), `--net=/run/netns/${host.namespace}`, '--'],
      ...words,
    ],
    options,
  )
}

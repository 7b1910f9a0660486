/** The boot as a table of contents. */

import { log, rescueShell, setStage, succeeds, traceCommands } from './api/machine.ts'
import { parts } from './api/parts.ts'
import { download } from './fetch/download.ts'
import { findRoles } from './fetch/roles.ts'
import { endComplete, endFailed } from './handover/failure.ts'
import { startNextKernel } from './handover/kexec.ts'
import { bringUpNetwork } from './network/network.ts'
import type { Parameters } from './parameters/parameters.ts'
import { checkParameters } from './start/check-parameters.ts'
import { decodeNextParameters, readCommandLine } from './start/command-line.ts'
import { loadDrivers } from './start/drivers.ts'
import { mountFileSystems } from './start/mounts.ts'
import { verify } from './trust/verify.ts'

/** Names the stage, and stops before it when `break=` asks for that. */
function begin(stageName: string, parameters: Parameters): void {
  setStage(stageName)
  if (parts.rescueShell && parameters.break === stageName) {
    log(`break=${stageName}: here is a shell; leave it to go on`)
    rescueShell()
  }
}

/** From the parameters to the next kernel. It comes back only when there is no kernel to start, or when a stage fails. */
function boot(parameters: Parameters): void {
  decodeNextParameters(parameters)
  checkParameters(parameters)
  begin('drivers', parameters)
  loadDrivers()
  begin('network', parameters)
  const network = bringUpNetwork(parameters)
  begin('download', parameters)
  const downloads = download(parameters, network)
  const roles = findRoles(downloads)
  begin('verify', parameters)
  verify(parameters, roles)
  begin('kexec', parameters)
  startNextKernel(parameters, roles)
}

/** The whole life of PID 1. */
export function main(): void {
  setStage('mounts')
  mountFileSystems()
  setStage('command-line')
  const parameters = readCommandLine()
  if (parts.debug && parameters.debug !== '') {
    traceCommands()
  }
  if (!succeeds(() => boot(parameters))) {
    endFailed(parameters)
  }
  endComplete(parameters)
}

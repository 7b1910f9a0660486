/** The boot as a table of contents. */

import {
  defaultParameters,
  log,
  record,
  rescueShell,
  setStage,
  succeeds,
  traceCommands,
} from './api/machine.ts'
import { parts } from './api/parts.ts'
import { download } from './fetch/download.ts'
import { findRoles } from './fetch/roles.ts'
import { leaveRoom, prepareOutput, takeRoom } from './fetch/room.ts'
import { endComplete, endFailed } from './handover/failure.ts'
import { startNextKernel } from './handover/kexec.ts'
import { startRoot } from './handover/switch-root.ts'
import { bringUpNetwork } from './network/network.ts'
import type { Parameters } from './parameters/parameters.ts'
import { checkParameters } from './start/check-parameters.ts'
import { askTime, keepClock } from './start/clock.ts'
import { decodeNextParameters, readCommandLine } from './start/command-line.ts'
import { excludeDrivers, loadNamed } from './start/driver-choice.ts'
import { loadDrivers } from './start/drivers.ts'
import { refuseForeign } from './start/foreign-parameters.ts'
import { mountFileSystems } from './start/mounts.ts'
import { chooseKernelLog, startReports } from './start/reports.ts'
import { provenImages, verify } from './trust/verify.ts'

/** Names the stage{@part rescue-shell , and opens a shell before it where `break=` says so}. */
function enterStage(name: string, parameters: Parameters): void {
  if (parts.reports) {
    record('finished', '')
  }
  setStage(name)
  if (parts.reports) {
    record('entered', '')
  }
  if (parts.rescueShell && parameters.breakBefore === name) {
    log(`break=${name}: opening a shell; exit it to continue`)
    rescueShell()
  }
}

/** From power-on to the next kernel; returns {@part file-roles without one, or }where a stage fails. */
function boot(parameters: Parameters): void {
  setStage('mounts')
  mountFileSystems()
  setStage('command-line')
  if (parts.reports) {
    succeeds(() => chooseKernelLog())
    record('entered', '')
  }
  readCommandLine(parameters)
  if (parts.debug && parameters.debug !== '') {
    traceCommands()
  }
  if (parts.encodedLine) {
    decodeNextParameters(parameters)
  }
  if (parts.foreignParameters) {
    refuseForeign()
  }
  checkParameters(parameters)
  prepareOutput(parameters.outputDir)
  if (parts.clock) {
    keepClock()
  }
  enterStage('drivers', parameters)
  if (parts.driverChoice) {
    excludeDrivers(parameters.excludedDrivers)
    loadNamed(parameters.firstDrivers)
  }
  loadDrivers()
  if (parts.driverChoice) {
    loadNamed(parameters.lastDrivers)
  }
  enterStage('network', parameters)
  const network = bringUpNetwork(parameters)
  if (parts.reports) {
    startReports(parameters)
  }
  enterStage('download', parameters)
  if (parts.clock) {
    askTime(parameters)
  }
  if (parts.kexecReports) {
    leaveRoom(parameters)
  }
  const downloads = download(parameters, network)
  if (parts.kexecReports) {
    takeRoom(parameters)
  }
  const roles = findRoles(downloads)
  enterStage('verify', parameters)
  verify(parameters, roles, downloads)
  const images = parts.images ? provenImages(parameters, roles, downloads) : ''
  enterStage('kexec', parameters)
  if (parts.switchRoot && parameters.bootWay === 'switch_root') {
    startRoot(parameters, roles, images)
  }
  if (parts.switchRoot && parameters.bootWay === 'none') {
    return
  }
  startNextKernel(parameters, roles, images)
}

/** The whole life of PID 1. */
export function main(): void {
  const parameters = defaultParameters()
  if (parts.completion) {
    if (succeeds(() => boot(parameters))) {
      endComplete(parameters)
    }
  } else {
    succeeds(() => boot(parameters))
  }
  endFailed(parameters)
}

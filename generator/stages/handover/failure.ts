import { end, log, record, rescueShell, sleep } from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { endReports } from '../start/reports.ts'

/** The end of a boot that failed. The stage has said why. */
export function endFailed(parameters: Parameters): void {
  if (parts.reports) {
    record('gave-up', parameters.onFailure)
    endReports('5', parameters)
  }
  if (parts.rescueShell && parameters.onFailure === 'shell') {
    log('boot failed; opening a shell (on_failure); exit it to reboot')
    rescueShell()
    end('reboot')
  }
  log(`boot failed; ${parameters.onFailure} in ${parameters.failureDelay} s (on_failure, failure_delay)`)
  sleep(parameters.failureDelay)
  end(parameters.onFailure)
}

/** The end of a boot without a kernel to start. */
export function endComplete(parameters: Parameters): void {
  if (parts.reports) {
    record('complete', parameters.onComplete)
    endReports('5', parameters)
  }
  if (parts.rescueShell && parameters.onComplete === 'shell') {
    log(`all files are in ${parameters.outputDir}; opening a shell (on_complete); exit it to reboot`)
    rescueShell()
    end('reboot')
  }
  log(`all files are in ${parameters.outputDir}; ${parameters.onComplete} (on_complete)`)
  end(parameters.onComplete)
}

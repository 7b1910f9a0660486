import { end, log, rescueShell, sleep } from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Parameters } from '../parameters/parameters.ts'

/** The end of a boot that failed; the stage has said why. */
export function endFailed(parameters: Parameters): void {
  if (parts.rescueShell && parameters.onFailure === 'shell') {
    log('the boot failed; on_failure=shell: here is a shell; leave it to reboot')
    rescueShell()
    end('reboot')
  }
  log(`the boot failed; ${parameters.onFailure} in ${parameters.failureDelay} s (on_failure, failure_delay)`)
  sleep(parameters.failureDelay)
  end(parameters.onFailure)
}

/** The end of a boot that had no kernel to start. */
export function endComplete(parameters: Parameters): void {
  if (parts.rescueShell && parameters.onComplete === 'shell') {
    log(`all files are in ${parameters.outputDir}; on_complete=shell: here is a shell; leave it to reboot`)
    rescueShell()
    end('reboot')
  }
  log(`all files are in ${parameters.outputDir}; ${parameters.onComplete} follows (on_complete)`)
  end(parameters.onComplete)
}

import { lines, modaliases, modprobe, succeeds } from '../api/machine.ts'

/**
 * Loads the packed drivers of all devices, by their modalias. The driver of a bus reveals more devices, so this goes on
 * until none appears. A driver that does not load is no failure: the network stage says what is missing.
 */
export function loadDrivers(): void {
  let known = ''
  let aliases = modaliases()
  while (aliases !== known) {
    // Most devices need no module, or one that is not packed.
    succeeds(() => modprobe('-a', '-b', '-q', '--', ...lines(aliases)))
    known = aliases
    aliases = modaliases()
  }
}

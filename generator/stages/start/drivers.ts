import { lines, modaliases, modprobe, succeeds } from '../api/machine.ts'

/**
 * Loads the packed drivers of all devices, by their modalias, until none reveals more devices. One that does not load is
 * no failure: the network stage tells.
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

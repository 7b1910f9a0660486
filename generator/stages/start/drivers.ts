import { exists, lines, modaliases, modprobe, readFile, succeeds, writeFile } from '../api/machine.ts'

/** The modaliases of the devices that drivers have been looked for. */
const seenFile = '/run/aria2-initrd/modaliases'

/**
 * Loads the packed drivers of the devices that have appeared, by their modalias, until none reveals more. One that does not
 * load is no failure: the network stage tells.
 */
export function loadDrivers(): void {
  let known = ''
  if (exists(seenFile)) {
    known = readFile(seenFile)
  }
  let aliases = modaliases()
  while (aliases !== known) {
    // Most devices need no module, or one that is not packed.
    succeeds(() => modprobe('-a', '-b', '-q', '--', ...lines(aliases)))
    writeFile(seenFile, aliases)
    known = aliases
    aliases = modaliases()
  }
}

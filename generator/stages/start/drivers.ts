import { exists, lines, modaliases, modprobe, readFile, succeeds, writeFile } from '../api/machine.ts'

/** The modaliases of the devices that drivers have been looked for. */
const seenFile = '/run/aria2-initrd/modaliases'

/**
 * Loads the packed drivers of the devices that have appeared, by their modalias, until none reveals more. Most devices need
 * none; one that does not load is no failure: the network stage tells.
 */
export function loadDrivers(): void {
  let known = ''
  if (exists(seenFile)) {
    known = readFile(seenFile)
  }
  while (true) {
    const aliases = modaliases()
    if (aliases === known) {
      return
    }
    succeeds(() => modprobe('-a', '-b', '-q', '--', ...lines(aliases)))
    writeFile(seenFile, aliases)
    known = aliases
  }
}

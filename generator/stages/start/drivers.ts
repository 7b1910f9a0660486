import { lines, modaliases, modprobe, succeeds } from '../api/machine.ts'

/**
 * Loads what this initrd packs for the devices that the kernel found, by their modalias. A bus driver brings new
 * devices to light, so this goes on until none appears. A driver that does not load is no failure yet: the network
 * stage tells what is missing.
 */
export function loadDrivers(): void {
  let knownAliases = ''
  let aliases = modaliases()
  while (aliases !== knownAliases) {
    const wanted: string[] = []
    for (const alias of lines(aliases)) {
      wanted.push(alias)
    }
    // Most devices need no module, or one that is not packed.
    succeeds(() => modprobe('-a', '-b', '-q', '--', ...wanted))
    knownAliases = aliases
    aliases = modaliases()
  }
}

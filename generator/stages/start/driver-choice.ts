/** Drivers that the command line excludes or asks for (dracut.cmdline(7), modprobe(8)). */
import {
  consistsOf,
  lines,
  log,
  makeDirectory,
  modprobe,
  split,
  succeeds,
  writeFile,
} from '../api/machine.ts'

/** modprobe reads it. */
export const exclusionFile = '/etc/modprobe.d/blacklist.conf'

/** Whether a text is a module's name, and no option of modprobe; says so where it is none. */
function isModuleName(module: string): boolean {
  if (module !== '' && consistsOf(module, 'A-Za-z0-9_-') && !module.startsWith('-')) {
    return true
  }
  log(`driver '${module}' ignored: not the name of a module`)
  return false
}

/** Keeps drivers from being loaded for the devices that they fit. */
export function excludeDrivers(excluded: string): void {
  let text = ''
  for (const group of lines(excluded)) {
    for (const module of split(group, ',')) {
      if (isModuleName(module)) {
        text = `${text}blacklist ${module}\n`
        log(`${module}: excluded by the command line`)
      }
    }
  }
  if (text !== '') {
    makeDirectory('/etc/modprobe.d')
    writeFile(exclusionFile, text)
  }
}

/** Loads drivers by their names. */
export function loadNamed(named: string): void {
  for (const group of lines(named)) {
    for (const module of split(group, ',')) {
      if (isModuleName(module) && !succeeds(() => modprobe('-q', '--', module))) {
        log(`${module}: not in this initrd, or the kernel does not take it`)
      }
    }
  }
}

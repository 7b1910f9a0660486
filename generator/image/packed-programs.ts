/** The names of the programs that an image will hold, known before anything is built. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PartName } from '../stages/api/parts.ts'
import { placeOf, splitAddition } from './additions/addition.ts'

/** Where /init looks for programs (PATH in shell-templates/init.hbs). */
const programFolders = ['usr/sbin', 'usr/bin', 'sbin', 'bin']
const own = ['aria2c', 'kexec', 'sh']

/** Switches of BusyBox that are no applets. */
const noApplet =
  /^(feature_.*|ash_.*|shell_ash|sh_is_ash|busybox|desktop|float_duration|install_no_usr|lfs|long_opts|monotonic_syscall|nc_110_compat|nc_extra|sha.*_hwaccel|show_usage|time64|verbose_resolution_errors|volumeid)$/

/** BusyBox's applets, as its configuration names them; without those of parts as the recipe takes them out. */
export function configuredApplets(without: readonly PartName[] = []): string[] {
  const path = fileURLToPath(new URL('../programs/busybox.config', import.meta.url))
  let config = readFileSync(path, 'utf8')
  for (const part of without)
    config = config.replace(new RegExp(`^# ---- part ${part}:[^]*?^# ---- end of part ${part}$`, 'gm'), '')
  const switches = config.matchAll(/^CONFIG_([A-Z0-9_]+)=y/gm)
  // Two parts may need the same.
  return [...new Set([...[...switches].map(([, name = '']) => name.toLowerCase()), 'sh'])].filter(
    name => !noApplet.test(name),
  )
}

function namesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => !entry.isDirectory())
    .map(entry => posix.relative(folder, posix.join(entry.parentPath, entry.name)))
}

/** The paths that one `--add` brings. What is not there is the build's to report. */
function pathsOf(text: string): string[] {
  const addition = splitAddition(text)
  const found = statSync(addition.source, { throwIfNoEntry: false })
  if (found === undefined) return []
  const place = placeOf(addition, found.isDirectory())
  return found.isDirectory() ? namesBelow(addition.source).map(name => posix.join(place, name)) : [place]
}

/**
 * @param add what `--add` says, each `SRC` or `SRC:DEST`
 * @param without parts of the boot that are left out, with what only they need
 */
export function packedPrograms(add: string[] = [], without: readonly PartName[] = []): Set<string> {
  const added = add
    .flatMap(pathsOf)
    .filter(path => programFolders.includes(posix.dirname(path)))
    .map(path => posix.basename(path))
  const verifier = without.includes('signatures') ? [] : ['cms-verify']
  return new Set([...own, ...verifier, ...configuredApplets(without), ...added])
}

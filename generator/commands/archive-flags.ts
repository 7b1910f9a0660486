import { type Command, InvalidArgumentError } from 'commander'
import type { ArchiveOptions } from '../host/debian/archive-options.ts'
import { collected } from './stage-flags.ts'

/** The options that tell where Debian's files are looked for. */
export interface ArchiveFlags {
  mirror?: string[]
  securityMirror?: string
  snapshot?: string
  offline?: boolean
  locked?: boolean
}

/** The address of a folder on a server, as apt takes it too. */
export function archiveAddress(text: string): string {
  if (!/^(https?|ftp|file):\/\/\S+$/.test(text)) {
    throw new InvalidArgumentError('give an address that begins with http://, https:// or file://')
  }
  return text.replace(/\/+$/, '')
}

/** Adds the options to a command. */
export function withArchiveFlags(command: Command): Command {
  return command
    .option(
      '--mirror <url>',
      "a mirror of Debian that is asked where the machine's own lacks a file; may be given several times",
      (text: string, before: string[] | undefined) => collected(archiveAddress(text), before),
    )
    .option(
      '--security-mirror <url>',
      "the mirror of Debian's security updates (default: that of the machine's apt)",
      archiveAddress,
    )
    .option(
      '--snapshot <url>',
      'an archive of all that Debian ever had; archive/ and file/ lie below the address (default: the one that apt knows)',
      archiveAddress,
    )
    .option('--locked', 'refuse to go on with newer versions where nobody has those of the lock')
}

/** The flags, as the archive takes them. */
export function archiveOptions({
  mirror,
  securityMirror,
  snapshot,
  offline,
  locked,
}: ArchiveFlags): ArchiveOptions & { locked?: boolean } {
  return {
    ...(mirror === undefined ? {} : { mirrors: mirror }),
    ...(securityMirror === undefined ? {} : { securityMirror }),
    ...(snapshot === undefined ? {} : { snapshot }),
    ...(offline === undefined ? {} : { offline }),
    ...(locked === undefined ? {} : { locked }),
  }
}

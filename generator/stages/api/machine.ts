/**
 * The machine as a stage sees it: the only API that a stage may call.
 *
 * In TypeScript a call goes to the machine that `runOn` has set (the simulator, in tests). In /init the same call is a
 * command, an expansion or a small shell function: `compiler/machine-table.ts` says which. A test holds the two, and
 * the simulator, together.
 *
 * What can fail says so by throwing `CommandFailed`; in shell that is a non-zero status, which the compiler hands on.
 * Text is bytes, one character each; what a command prints comes without its trailing newlines, as `$( )` gives it.
 */
import type { Parameters } from '../parameters/parameters.ts'

/** Thrown where a command would end with a non-zero status. */
export class CommandFailed extends Error {
  override name = 'CommandFailed'
}

/** What a machine must be able to do: one member for each function below that is not pure text. */
export interface Machine {
  setStage(name: string): void
  log(message: string): void
  fail(message: string): never
  traceCommands(): void
  defaultParameters(): Parameters
  setParameter(parameters: Parameters, name: string, value: string): void
  setFlag(parameters: Parameters, name: string): void
  exists(path: string): boolean
  hasContent(path: string): boolean
  isDirectory(path: string): boolean
  fileHasLine(path: string, line: string): boolean
  readFile(path: string): string
  writeFile(path: string, text: string): void
  lastLineWith(path: string, text: string): string
  append(source: string, target: string): void
  padToWords(path: string): void
  remove(path: string): void
  makeDirectory(path: string): void
  chmod(mode: string, path: string): void
  chown(owner: string, path: string): void
  takeOver(source: string, target: string): void
  entries(directory: string): string
  filesUnder(directory: string): string
  sizeOf(path: string): number
  hexAt(path: string, offset: number, count: number): string
  sha256sum(path: string): string
  sha512sum(path: string): string
  decodeBase64Url(text: string): string
  lowerCase(text: string): string
  thousandths(count: number): string
  wholeNumber(text: string): number
  uptime(): number
  sleep(seconds: number): void
  mount(...words: string[]): void
  modaliases(): string
  modprobe(...words: string[]): void
  ip(...words: string[]): void
  udhcpc(seconds: number, ...words: string[]): number
  setHostname(name: string): void
  aria2c(seconds: number, ...words: string[]): number
  kexec(...words: string[]): void
  rescueShell(): void
  end(action: string): never
}

let machine: Machine | undefined

/** The machine that stages act on from now on; undefined takes it away again. */
export function runOn(next: Machine | undefined): void {
  machine = next
}

function current(): Machine {
  if (machine === undefined) throw new Error('no machine: call runOn(…) before a stage')
  return machine
}

// ---- console and flow

/** Names the stage that the lines on the console belong to. */
export const setStage = (name: string): void => current().setStage(name)
/** One line on the console: `aria2-initrd: STAGE: message`. */
export const log = (message: string): void => current().log(message)
/** Says why on the console and ends the stage: it never returns. */
export const fail = (message: string): never => current().fail(message)
/** Whether a command or a stage function ends well. As a statement: it may fail, and nothing follows from that. */
export function succeeds(call: () => void): boolean {
  try {
    call()
    return true
  } catch (error) {
    if (error instanceof CommandFailed) return false
    throw error
  }
}
/** From here on every command is shown before it runs (`set -x`). */
export const traceCommands = (): void => current().traceCommands()

// ---- the command line

/** The kernel parameters with their defaults. */
export const defaultParameters = (): Parameters => current().defaultParameters()
/** Takes `name=value` when it is one of ours: checked as its type says, a bad value is reported and not taken. */
export const setParameter = (parameters: Parameters, name: string, value: string): void =>
  current().setParameter(parameters, name, value)
/** Takes a parameter without a value. */
export const setFlag = (parameters: Parameters, name: string): void => current().setFlag(parameters, name)

// ---- text: what parameter expansion can do

/** What stands before the first `separator`; all of the text where there is none. */
export function before(text: string, separator: string): string {
  const at = text.indexOf(separator)
  return at === -1 ? text : text.slice(0, at)
}

/** What stands after the first `separator`; all of the text where there is none. */
export function after(text: string, separator: string): string {
  const at = text.indexOf(separator)
  return at === -1 ? text : text.slice(at + separator.length)
}

/** What stands before the last `separator`; all of the text where there is none. */
export function beforeLast(text: string, separator: string): string {
  const at = text.lastIndexOf(separator)
  return at === -1 ? text : text.slice(0, at)
}

/** What stands after the last `separator`; all of the text where there is none. */
export function afterLast(text: string, separator: string): string {
  const at = text.lastIndexOf(separator)
  return at === -1 ? text : text.slice(at + separator.length)
}

/** What stands before the first character that is one of `characters`; all of the text where there is none. */
export function beforeAny(text: string, characters: string): string {
  let end = 0
  while (end < text.length && !characters.includes(text.charAt(end))) end += 1
  return text.slice(0, end)
}

/** The text without `prefix`, where it starts with it. */
export const withoutPrefix = (text: string, prefix: string): string =>
  text.startsWith(prefix) ? text.slice(prefix.length) : text

/** The text without `suffix`, where it ends with it. */
export const withoutSuffix = (text: string, suffix: string): string =>
  text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text

/** The text without its first character. */
export const withoutFirst = (text: string): string => text.slice(1)

/** Whether every character of the text is one of `characters` (ranges as in `0-9`); true for the empty text. */
export function consistsOf(text: string, characters: string): boolean {
  return !new RegExp(`[^${characters}]`).test(text)
}

/** A count of thousandths as a decimal: 1500 is `1.500`. */
export const thousandths = (count: number): string => current().thousandths(count)
/** Text made a number: digits alone, at most 15, no leading zero; fails on anything else. */
export const wholeNumber = (text: string): number => current().wholeNumber(text)
/** Letters A to Z made small. */
export const lowerCase = (text: string): string => current().lowerCase(text)

/** base64url (RFC 4648, section 5; padding optional) made plain; fails on anything else. */
export const decodeBase64Url = (text: string): string => current().decodeBase64Url(text)

// ---- words: only to walk over with for-of

/** The lines of a text that are not empty. */
export const lines = (text: string): string[] => text.split('\n').filter(line => line !== '')

/** The words of a text between blanks, tabs and newlines. */
export const words = (text: string): string[] => text.split(/[ \t\n]+/).filter(word => word !== '')

/** The fields of a text between one-character separators; an empty last field is not one (POSIX, 2.6.5). */
export function split(text: string, separator: string): string[] {
  const fields = text.split(separator)
  if (fields.at(-1) === '') fields.pop()
  return fields
}

// ---- files

export const exists = (path: string): boolean => current().exists(path)
/** A file that exists and is not empty. */
export const hasContent = (path: string): boolean => current().hasContent(path)
export const isDirectory = (path: string): boolean => current().isDirectory(path)
/** Whether a file can be read and one of its lines is just that. */
export const fileHasLine = (path: string, line: string): boolean => current().fileHasLine(path, line)
/** A file's text; fails where it cannot be read. */
export const readFile = (path: string): string => current().readFile(path)
/** Writes a text and a newline, in place of what was there. */
export const writeFile = (path: string, text: string): void => current().writeFile(path, text)
/** The last line in a file's last 64 KiB that holds a text, visible ASCII alone; nothing where there is none. */
export const lastLineWith = (path: string, text: string): string => current().lastLineWith(path, text)
/** Adds one file's bytes to the end of another. */
export const append = (source: string, target: string): void => current().append(source, target)
/** Adds zero bytes until the size divides by four: where the kernel looks for the next initramfs segment. */
export const padToWords = (path: string): void => current().padToWords(path)
/** Removes a file or a whole directory; one that is not there is no error. */
export const remove = (path: string): void => current().remove(path)
/** Makes a directory and those above it; one that is there is no error. */
export const makeDirectory = (path: string): void => current().makeDirectory(path)
/** Sets the mode of a path, in octal digits. */
export const chmod = (mode: string, path: string): void => current().chmod(mode, path)
/** Gives a path to `USER:GROUP` of /etc/passwd and /etc/group. */
export const chown = (owner: string, path: string): void => current().chown(owner, path)
/**
 * Moves a folder that another user wrote to where only root can: regular files alone, none with a control character in
 * its name. The target must not exist.
 */
export const takeOver = (source: string, target: string): void => current().takeOver(source, target)
/** The names in a directory, one a line, sorted; nothing where there is no such directory. */
export const entries = (directory: string): string => current().entries(directory)
/** The paths of all regular files below a directory, one a line, sorted; those that hold a newline are left out. */
export const filesUnder = (directory: string): string => current().filesUnder(directory)
/** A file's size in bytes. */
export const sizeOf = (path: string): number => current().sizeOf(path)
/** Bytes of a file as lower-case hex digits; fewer where the file ends before. */
export const hexAt = (path: string, offset: number, count: number): string =>
  current().hexAt(path, offset, count)
/** SHA-256 (FIPS 180-4) of a file, 64 hex digits. */
export const sha256sum = (path: string): string => current().sha256sum(path)
/** SHA-512 (FIPS 180-4) of a file, 128 hex digits. */
export const sha512sum = (path: string): string => current().sha512sum(path)

// ---- the system

/** Whole seconds since the kernel started. */
export const uptime = (): number => current().uptime()
export const sleep = (seconds: number): void => current().sleep(seconds)
export const mount = (...words: string[]): void => current().mount(...words)
/** The modalias of every device that the kernel knows, one a line. */
export const modaliases = (): string => current().modaliases()
export const modprobe = (...words: string[]): void => current().modprobe(...words)
export const ip = (...words: string[]): void => current().ip(...words)
/** udhcpc's exit status: 0 with a lease, which it keeps in the background; 137 when it had none after `seconds`. */
export const udhcpc = (seconds: number, ...words: string[]): number => current().udhcpc(seconds, ...words)
export const setHostname = (name: string): void => current().setHostname(name)
/**
 * Runs aria2c as a user of its own; KILL ends it after so many seconds. Its exit status (0 done; aria2c(1), EXIT STATUS;
 * above 128 a signal's). Nothing of that user runs afterwards.
 */
export const aria2c = (seconds: number, ...words: string[]): number => current().aria2c(seconds, ...words)
export const kexec = (...words: string[]): void => current().kexec(...words)
/** A shell on the console; goes on when the person leaves it. */
export const rescueShell = (): void => current().rescueShell()
/** Ends this machine's run: `reboot`, `poweroff` or `halt`. It never returns. */
export const end = (action: string): never => current().end(action)

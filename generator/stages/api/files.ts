/** Files and folders. */
import { programLimits } from './program-limits.ts'
import { action, type List, predicate, value } from './verb.ts'

export const exists = predicate<(path: string) => boolean>('exists', '[ -e $1 ]')
/** A file that exists and is not empty. */
export const hasContent = predicate<(path: string) => boolean>('hasContent', '[ -s $1 ]')
export const isDirectory = predicate<(path: string) => boolean>('isDirectory', '[ -d $1 ]')
/** Whether a file can be read and one of its lines is just that. */
export const fileHasLine = predicate<(path: string, line: string) => boolean>(
  'fileHasLine',
  'grep -qxF -e $2 -- $1 2>/dev/null',
)
/** A file's text; fails where it cannot be read. */
export const readFile = value<(path: string) => string>('readFile', 'cat -- $1', {
  fails: 'the file cannot be read',
})
/** Writes a text and a newline, in place of what was there. */
export const writeFile = action<(path: string, text: string) => void>('writeFile', "printf '%s\\n' $2 >$1", {
  fails: 'the file cannot be written',
})
/** The last line in a file's last 64 KiB that holds a text, visible ASCII alone; nothing where there is none. */
export const lastLineWith = value<(path: string, text: string) => string>(
  'lastLineWith',
  'last_line_with $1 $2',
)
/** The first line of a file that a device may lack, or refuse to be read; nothing then. */
export const attribute = value<(path: string) => string>('attribute', 'attribute $1')
/** Adds one file's bytes to the end of another. */
export const append = action<(source: string, target: string) => void>('append', 'cat -- $1 >>$2', {
  fails: 'one cannot be read, or the other not written',
})
/** Adds zero bytes until the size divides by four: where the kernel looks for the next initramfs segment. */
export const padToWords = action<(path: string) => void>('padToWords', 'pad_to_words $1', {
  fails: 'the file cannot be written',
})
/** Adds the header of root's file or folder to a cpio archive (cpio(5), newc): its name, its mode as a decimal number, its size. */
export const newcHeader = action<(name: string, mode: number, bytes: number, archive: string) => void>(
  'newcHeader',
  'newc_header $1 $2 $3 $4',
  { fails: 'the file cannot be written' },
)
/** Removes a file or a whole directory; one that is not there is no error. */
export const remove = action<(path: string) => void>('remove', 'rm -rf -- $1', {
  fails: 'it cannot be removed',
})
/** Makes a directory and those above it; one that is there is no error. */
export const makeDirectory = action<(path: string) => void>('makeDirectory', 'mkdir -p -- $1', {
  fails: 'it cannot be made',
})
/** Sets the mode of a path, in octal digits. */
export const chmod = action<(mode: string, path: string) => void>('chmod', 'chmod $1 $2', {
  fails: 'there is no such file',
})
/** Gives a path to `USER:GROUP` of /etc/passwd and /etc/group. */
export const chown = action<(owner: string, path: string) => void>('chown', 'chown $1 $2', {
  fails: 'there is no such file or user',
})
/** The same for a folder and all in it. */
export const giveFiles = action<(owner: string, folder: string) => void>('giveFiles', 'chown -R $1 $2', {
  fails: 'there is no such folder or user',
})
/**
 * Moves a folder that another user wrote to where only root can: regular files alone, none with a control character in
 * its name. The target must not exist.
 */
export const takeOver = action<(source: string, target: string) => void>('takeOver', 'take_over $1 $2', {
  fails: 'it cannot be moved',
})
/** Copies a folder with all in it to a path where nothing is; no link in it is followed. */
export const copyFolder = action<(source: string, target: string) => void>(
  'copyFolder',
  `limited ${programLimits.cp} cp -R -- $1 $2`,
  { fails: 'it cannot be read, or there is no room for it' },
)
/** Gives a path another name on the same file system; nothing may be there. */
export const move = action<(source: string, target: string) => void>('move', 'mv -- $1 $2', {
  fails: 'it cannot be moved',
})
/** Whether two files hold the same bytes. */
export const areSame = predicate<(first: string, second: string) => boolean>(
  'areSame',
  `timeout -s KILL ${programLimits.cp} cmp -s -- $1 $2`,
)
/** The name in a torrent (BEP 3): that of its file, or of its folder. Nothing where it is not of letters, digits and `._-`. */
export const torrentName = value<(torrent: string) => string>('torrentName', 'torrent_name $1')
/** KiB that others than root may still write to the file system of a folder. */
export const freeKib = value<(folder: string) => number>('freeKib', 'free_kib $1')
/** The names in a directory, one a line, sorted, those that begin with a dot last; nothing where there is no such directory. */
export const namesIn = value<(directory: string) => List>('namesIn', 'names_in $1')
/** The paths of all regular files below a directory, one a line, sorted; those that hold a newline are left out. */
export const filesUnder = value<(directory: string) => List>('filesUnder', 'files_under $1')
/** A file's size in bytes. */
export const sizeOf = value<(path: string) => number>('sizeOf', 'stat -c %s -- $1', {
  fails: 'there is no such file',
})
/** What the files below a directory have, in KiB, each rounded up. */
export const kibUnder = value<(directory: string) => number>('kibUnder', 'kib_under $1')
/** Bytes of a file as lower-case hex digits; fewer where the file ends before. */
export const hexAt = value<(path: string, offset: number, count: number) => string>(
  'hexAt',
  'hex_at $1 $2 $3',
  { fails: 'there is no such file' },
)
/**
 * Bytes, as lower-case hex digits, of what a program unpacks from a file; `cat` gives those of the file itself. Fewer where it
 * ends before, or is damaged.
 */
export const hexInside = value<(program: string, path: string, offset: number, count: number) => string>(
  'hexInside',
  'hex_inside $1 $2 $3 $4',
)
/** Unpacks a file into another. */
export const unpackFile = action<(program: 'zcat' | 'xzcat', source: string, target: string) => void>(
  'unpackFile',
  '$1 <$2 >$3',
  { fails: 'it is damaged, or there is no room for what it holds' },
)
/** Unpacks an archive (`tar` or `cpio`), of what a program unpacks from a file (`cat`: of the file itself), into a folder. */
export const unpackArchive = action<
  (program: string, source: string, archiver: string, folder: string) => void
>('unpackArchive', 'unpack_archive $1 $2 $3 $4', {
  fails: 'it is damaged, or there is no room for what it holds',
})
/** Where a symbolic link leads; nothing where a path is none. */
export const linkTarget = value<(path: string) => string>('linkTarget', 'link_target $1')
/** Copies bytes of a file into one of their own. */
export const cutOut = action<(source: string, offset: number, count: number, target: string) => void>(
  'cutOut',
  'cut_out $1 $2 $3 $4',
  { fails: 'there is no room for it' },
)
/** SHA-256 (FIPS 180-4) of a file, 64 hex digits. */
export const sha256sum = value<(path: string) => string>('sha256sum', 'digest_of sha256sum $1', {
  fails: 'the file cannot be read',
})
/** SHA-512 (FIPS 180-4) of a file, 128 hex digits. */
export const sha512sum = value<(path: string) => string>('sha512sum', 'digest_of sha512sum $1', {
  fails: 'the file cannot be read',
})

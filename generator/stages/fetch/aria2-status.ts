import { before, chown, exists, fail, filesUnder, makeDirectory, remove, writeFile } from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import { silenceMark } from '../network/other-way.ts'
import { forgetProven } from './metalink-proofs.ts'
import { copiesMark } from './room.ts'

/** There when a server could not give parts of one file at a time. */
export const wholeMark = '/run/aria2-initrd/whole-files'
/** There when aria2 has just failed in a way that no other try could mend. */
export const permanentMark = '/run/aria2-initrd/permanent'

/** aria2's exit status in words (aria2c(1)); above 128 a signal's (signal(7)). */
export function statusInWords(status: number): string {
  let text = 'see aria2c(1)'
  if (status > 128) {
    text = `ended by signal ${status - 128}`
  }
  switch (status) {
    case 1:
      text = 'connection refused, or an error without a name'
      break
    case 2:
      text = 'timed out'
      break
    case 3:
      text = 'not found on the server'
      break
    case 5:
      text = 'too slow'
      break
    case 6:
      text = 'network problem'
      break
    case 7:
      text = 'stopped before completion'
      break
    case 8:
      if (parts.connections) {
        text = 'the server has no parts of that file'
      }
      break
    case 9:
      text = 'not enough memory for the file'
      if (parts.kexecReports && exists(copiesMark)) {
        text = 'not enough memory for the file and the two copies that kexec makes'
      }
      break
    case 10:
      if (parts.bittorrent) {
        text = 'piece length differs from the previous try'
      }
      break
    case 12:
      if (parts.bittorrent) {
        text = 'the same torrent is requested twice'
      }
      break
    case 15:
    case 16:
    case 17:
    case 18:
      text = 'cannot write to output_dir'
      break
    case 19:
      text = 'the server name does not resolve'
      break
    case 20:
      if (parts.metalink) {
        text = 'cannot parse the Metalink'
      }
      break
    case 21:
      if (parts.ftp) {
        text = 'FTP command failed'
      }
      break
    case 22:
      text = 'the server returned an error'
      break
    case 23:
      text = 'too many redirects'
      break
    case 24:
      text = 'the server requires a password'
      break
    case 25:
    case 26:
      if (parts.bittorrent) {
        text = 'cannot parse the torrent'
      }
      break
    case 27:
      if (parts.bittorrent) {
        text = 'cannot parse the magnet link'
      }
      break
    case 28:
      text = 'aria2 does not accept an option'
      break
    case 29:
      text = 'the server is too busy'
      break
    case 32:
      text = 'checksum mismatch'
      break
    case 126:
    case 127:
      text = 'cannot run aria2c'
      break
    case 137:
      text = 'killed: out of memory, or over 2 hours in one try'
      break
    case 132:
    case 134:
    case 135:
    case 136:
    case 139:
      text = `crashed (signal ${status - 128}): a bug in aria2, or an attack`
      break
  }
  return text
}

/** Makes an empty folder that only aria2c and root may write to. */
export function makeIncoming(folder: string): void {
  remove(folder)
  makeDirectory(folder)
  chown('aria2:aria2', folder)
  if (parts.metalink) {
    forgetProven(folder)
  }
}

/**
 * Takes what came, or fails with the cause; the folder is emptied then{@part bittorrent , but for pieces of an unfinished torrent: nothing else
 * proves how far it is right}.
 * @param status aria2's exit status, or its error code for one of several
 * @param cause what its log says, `: ` before it; may be empty
 */
export function endTry(url: string, folder: string, status: number, cause: string): void {
  remove(permanentMark)
  if (parts.leaseCheck) {
    remove(silenceMark)
  }
  if (status !== 0) {
    if (!parts.bittorrent || status !== 7) {
      makeIncoming(folder)
    }
    if (parts.connections && status === 8) {
      writeFile(wholeMark, '')
    }
    if (parts.leaseCheck && (status === 1 || status === 2 || status === 6 || status === 19)) {
      writeFile(silenceMark, `${status}`)
    }
    switch (status) {
      case 9:
      case 15:
      case 16:
      case 17:
      case 18:
      case 27:
      case 28:
      case 126:
      case 127:
        writeFile(permanentMark, '')
    }
    if (status === 1 && cause !== '') {
      fail(`${url}${cause} (aria2 status 1)`)
    }
    fail(`${url}: ${statusInWords(status)} (aria2 status ${status}${cause})`)
  }
  // {@part bittorrent aria2 also succeeds with a torrent that it cannot parse.}
  if (filesUnder(folder) === '') {
    if (parts.metalink && cause === '' && before(url, '?').endsWith('.meta4')) {
      fail(`${url}: the Metalink lists no file`)
    }
    fail(`${url}: aria2 succeeded, but fetched nothing${cause}`)
  }
}

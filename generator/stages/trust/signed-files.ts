/** Files that came together, sorted by what the signed manifest says they are: their names prove nothing. */
import {
  after,
  afterLast,
  beforeLast,
  fail,
  filesUnder,
  lastLineWith,
  lines,
  log,
  makeDirectory,
  readFile,
  remove,
  sha256sum,
  takeOver,
  writeFile,
} from '../api/machine.ts'
import { manifestFile } from './manifest-file.ts'

/** The files that the manifest names, each behind its digest. */
const foundFile = '/run/aria2-initrd/signed-files'

/** Moves what the manifest names to a folder, by the names that are signed; removes all else. */
export function keepSigned(folders: string, signedFolder: string): void {
  let found = ''
  makeDirectory(signedFolder)
  for (const folder of lines(folders)) {
    for (const file of lines(filesUnder(folder))) {
      const digest = sha256sum(file)
      const entry = lastLineWith(manifestFile, ` sha256:${digest} `)
      if (entry === '') {
        log(`${file}: not in the manifest; removed`)
      } else {
        const signedFile = `${signedFolder}/${afterLast(entry, '/')}`
        remove(signedFile)
        takeOver(file, signedFile)
        found = `${found}${digest} ${signedFile}\n`
      }
    }
    remove(folder)
  }
  writeFile(foundFile, found)
}

/** Fails where no file of a digest (`sha256:HEX`) came. */
function requireSigned(wantedDigest: string): void {
  const hex = after(wantedDigest, ':')
  if (lastLineWith(foundFile, `${hex} `) === '') {
    fail(`${wantedDigest}: in the manifest, but no fetched file has this digest`)
  }
}

/** Moves the file of a digest to a folder of its own. */
export function moveSigned(wantedDigest: string, folder: string): void {
  requireSigned(wantedDigest)
  const hex = after(wantedDigest, ':')
  const line = lastLineWith(foundFile, `${hex} `)
  const file = after(line, ' ')
  const name = afterLast(file, '/')
  makeDirectory(folder)
  takeOver(file, `${folder}/${name}`)
}

/** Whether all images of the manifest are there: the next system's root may be one. */
export function requireImages(): void {
  const text = readFile(manifestFile)
  for (const line of lines(text)) {
    if (line.startsWith('image ')) {
      const front = beforeLast(line, ' ')
      requireSigned(afterLast(front, ' '))
    }
  }
}

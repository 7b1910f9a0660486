/** Files that came together, sorted by what the signed manifest says they are: their names prove nothing. */
import {
  after,
  afterLast,
  fail,
  filesUnder,
  lastLineWith,
  lines,
  log,
  makeDirectory,
  remove,
  sha256sum,
  takeOver,
  writeFile,
} from '../api/machine.ts'
import { manifestFile } from './boot-manifest.ts'

/** The files that the manifest names, each behind its digest. */
const foundFile = '/run/aria2-initrd/signed-files'

/** Removes what the manifest does not name. */
export function keepSigned(folders: string): void {
  let found = ''
  for (const folder of lines(folders)) {
    for (const file of lines(filesUnder(folder))) {
      const digest = sha256sum(file)
      if (lastLineWith(manifestFile, ` sha256:${digest} `) === '') {
        log(`${file}: not in the manifest; removed`)
        remove(file)
      } else {
        found = `${found}${digest} ${file}\n`
      }
    }
  }
  writeFile(foundFile, found)
}

/** Moves the file of a digest (`sha256:HEX`) to a folder of its own. */
export function moveSigned(digest: string, folder: string): void {
  const hex = after(digest, ':')
  const line = lastLineWith(foundFile, `${hex} `)
  if (line === '') {
    fail(`${digest}: in the manifest, but no file that came has this digest`)
  }
  const file = after(line, ' ')
  const name = afterLast(file, '/')
  makeDirectory(folder)
  takeOver(file, `${folder}/${name}`)
}

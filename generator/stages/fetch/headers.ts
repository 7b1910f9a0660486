/** Headers for the servers that files come from. */
import { chmod, chown, lines, writeFile } from '../api/machine.ts'

/** A configuration file of aria2c's: unlike words of its command line, nobody else can read it. */
export const aria2Headers = '/run/aria2-initrd/aria2c.conf'

/** Writes the headers, one a line, to where aria2c reads them. */
export function writeHeaders(given: string): void {
  let text = ''
  for (const header of lines(given)) {
    text = `${text}header=${header}\n`
  }
  writeFile(aria2Headers, '')
  chmod('600', aria2Headers)
  chown('aria2:aria2', aria2Headers)
  writeFile(aria2Headers, text)
}

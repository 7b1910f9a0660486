/** The line that gives a file a name which can be published, to be pasted into any POSIX shell. */
import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { shown } from '../host/console/foreign-text.ts'

/** Bytes as printf's %b takes them; what is plain stays. */
function octal(text: string): string {
  const characters = [...Buffer.from(text)].map(byte => {
    const character = String.fromCharCode(byte)
    return /[A-Za-z0-9 _./+:@,-]/.test(character) ? character : `\\0${byte.toString(8).padStart(3, '0')}`
  })
  return characters.join('')
}

/** One word of a shell: as it is, in quotes, or, where a terminal would not show it as it is, as printf prints it. */
function word(text: string): string {
  if (/^[A-Za-z0-9_./+:@,-]+$/.test(text)) return text
  if (shown(text) === text) return `'${text.replaceAll("'", "'\\''")}'`
  return `"$(printf %b '${octal(text)}')"`
}

/** A name like the file's that is free beside it, of the characters that are taken. */
function freeName(path: string): string {
  const plain = basename(path)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9._+-]+/g, '_')
    .replace(/^[^A-Za-z0-9_]+/, '')
    .slice(0, 100)
  const taken = (name: string) => name === '' || existsSync(join(dirname(path), name))
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? plain : `${plain || 'file'}_${count}`
    if (!taken(name)) return name
  }
}

/** `ln -s -- 'my kernel' boot/my_kernel`: a link beside the file. */
export function linkLine(path: string): string {
  const [target, link] = [basename(path), word(join(dirname(path), freeName(path)))]
  // `$( )` takes newlines off the end.
  if (target.endsWith('\n')) return `name=$(printf %b '${octal(target)}x') && ln -s -- "\${name%x}" ${link}`
  return `ln -s -- ${word(target)} ${link}`
}

/**
 * The path below the served folder that a request target names, without a slash at its beginning; undefined when it
 * names none: it is no sound path, one that leads upwards, or one of a hidden file (a name with a dot at its beginning,
 * `.well-known` too: nothing that boots asks for it). An absolute URI (RFC 9112, 3.2.2) counts by its path.
 */
export function pathOf(target: string): string | undefined {
  const path = target.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '')
  if (!path.startsWith('/')) return undefined
  const segments: string[] = []
  for (const segment of path.slice(1).split('/')) {
    const name = decoded(segment)
    if (name === undefined || name.startsWith('.') || /[/\0]/.test(name)) return undefined
    segments.push(name)
  }
  // A slash at the end names a folder, and those are not served; two in a row are one, as everywhere.
  if (segments.at(-1) === '') return undefined
  return segments.filter(name => name !== '').join('/')
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}

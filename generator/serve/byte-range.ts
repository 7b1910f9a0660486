/** Places of a file's bytes, counted from 0; both belong to it. */
export interface ByteRange {
  first: number
  last: number
}

/**
 * What a Range header asks of a file (RFC 9110, 14): a range within the file, `undefined` for the whole file,
 * `'unsatisfiable'` for a range that begins past the end. Several ranges at once, and what is no range at all, may be
 * answered with the whole file, and are.
 */
export function askedRange(
  header: string | undefined,
  size: number,
): ByteRange | 'unsatisfiable' | undefined {
  const [, from, to] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '') ?? []
  if (from === undefined || to === undefined || (from === '' && to === '')) return undefined
  if (from === '') {
    // The last so many bytes.
    const length = Math.min(Number(to), size)
    return length === 0 ? 'unsatisfiable' : { first: size - length, last: size - 1 }
  }
  const first = Number(from)
  const last = to === '' ? size - 1 : Math.min(Number(to), size - 1)
  if (to !== '' && Number(to) < first) return undefined
  return first >= size ? 'unsatisfiable' : { first, last }
}

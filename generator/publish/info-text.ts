/** The text of a torrent's info dictionary, as it stands in the file: what its hash is made of. */

const [colon, digitZero, dictionary, end, integer, list] = [...Buffer.from(':0deil')] as [
  number,
  number,
  number,
  number,
  number,
  number,
]

/** Where a string's bytes begin and end; its length stands at `at`. */
function stringAt(content: Uint8Array, at: number): [begin: number, end: number] {
  let length = 0
  let place = at
  for (; content[place] !== colon; place += 1) length = length * 10 + ((content[place] ?? 0) - digitZero)
  return [place + 1, place + 1 + length]
}

/** Where the value that begins at `at` ends; without recursion, as it may be nested deeply. */
function endOfValue(content: Uint8Array, at: number): number {
  let depth = 0
  let place = at
  do {
    switch (content[place]) {
      case dictionary:
      case list:
        depth += 1
        place += 1
        break
      case end:
        depth -= 1
        place += 1
        break
      case integer:
        place = content.indexOf(end, place) + 1
        break
      default:
        place = stringAt(content, place)[1]
    }
  } while (depth > 0 && place < content.length)
  return place
}

/**
 * The text of `info`; not what an encoder would make of it, which may have its keys in another order. Of a key that comes
 * twice the last one counts, as everywhere here.
 * @param torrent bencoded, with a dictionary outside: a parser has read it
 * @throws Error when it has no info
 */
export function infoText(torrent: Uint8Array): Uint8Array {
  let found: Uint8Array | undefined
  for (let at = 1; at < torrent.length && torrent[at] !== end; ) {
    const [begin, keyEnd] = stringAt(torrent, at)
    at = endOfValue(torrent, keyEnd)
    if (Buffer.from(torrent.subarray(begin, keyEnd)).equals(Buffer.from('info')))
      found = torrent.subarray(keyEnd, at)
  }
  if (found === undefined) throw new Error('its info is no dictionary')
  return found
}

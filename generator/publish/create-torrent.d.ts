// What is used of create-torrent 6 and bencode 4, which bring no types.
declare module 'create-torrent' {
  interface CreateTorrentOptions {
    name?: string
    createdBy?: string
    private?: boolean
    pieceLength?: number
    announce?: string[]
    urlList?: string[]
  }
  export default function createTorrent(
    files: string[],
    options: CreateTorrentOptions,
    callback: (error: Error | null, torrent: Uint8Array) => void,
  ): void
}

declare module 'bencode' {
  const bencode: {
    /** Text stays bytes; a dictionary is an object. */
    decode(data: Uint8Array): { [key: string]: unknown }
    /** Keys come out sorted, as BEP 3 wants them. */
    encode(data: unknown): Uint8Array
  }
  export default bencode
}

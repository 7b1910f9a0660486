/** Where a file lies in the image: relative, with slashes, without `.` and `..`. */
export type ImagePath = string

/** One thing in the image. Owner is always root, time is always 0: neither may depend on who builds when. */
export type ArchiveEntry = {
  /** Where it came from, for the list of what is in the image; when it is not that of its part. */
  origin?: string
} & (
  | { kind: 'directory'; path: ImagePath; mode: number }
  | { kind: 'file'; path: ImagePath; mode: number; content: Buffer }
  | { kind: 'symlink'; path: ImagePath; target: string }
  | { kind: 'character-device'; path: ImagePath; mode: number; major: number; minor: number }
)

/** Bytewise, so that it is the same under every locale; a folder comes before what is in it. */
export function byPath(a: { path: ImagePath }, b: { path: ImagePath }): number {
  return Buffer.compare(Buffer.from(a.path), Buffer.from(b.path))
}

/** The folders above a path, the topmost first: `a` and `a/b` for `a/b/c`. */
export function foldersAbove(path: ImagePath): ImagePath[] {
  const words = path.split('/').slice(0, -1)
  return words.map((_, index) => words.slice(0, index + 1).join('/'))
}

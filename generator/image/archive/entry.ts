/** Where a file lies in the image: relative, with slashes, without `.` and `..`. */
export type ImagePath = string

/** One thing in the image. Owner is always root, time is always 0: neither may depend on who builds when. */
export type ArchiveEntry =
  | { kind: 'directory'; path: ImagePath; mode: number }
  | { kind: 'file'; path: ImagePath; mode: number; content: Buffer }
  | { kind: 'symlink'; path: ImagePath; target: string }
  | { kind: 'character-device'; path: ImagePath; mode: number; major: number; minor: number }

/** Bytewise, so that it is the same under every locale; a folder comes before what is in it. */
export function byPath(a: { path: ImagePath }, b: { path: ImagePath }): number {
  return Buffer.compare(Buffer.from(a.path), Buffer.from(b.path))
}

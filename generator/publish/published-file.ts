/** What goes by before and after a file's own bytes. */
export interface Envelope {
  before: Buffer
  after: Buffer
}

/** A file to publish. */
export interface PublishedFile {
  path: string
  /** Its base name, by which it is published. */
  name: string
  /** Of what is published. */
  size: number
  /** What the next boot takes it for, and by what. */
  verdict?: string
  /** What is published around its bytes. */
  envelope?: Envelope
}

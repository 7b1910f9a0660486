export interface Parameters {
  /** A colour. */
  colour: string
}

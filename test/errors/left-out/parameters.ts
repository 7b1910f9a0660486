export interface Parameters {
  /** Every image has this one. */
  greeting: string

  /**
   * This one belongs to a part, and this image does without it.
   * @part debug
   */
  secret: string
}

export interface Parameters {
  /** Nobody reads this one. */
  colour: string
}

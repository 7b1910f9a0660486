export interface Parameters {
  /** A boolean. */
  quiet: boolean
  /** A number without a default. */
  retries: number
  /**
   * A default that arithmetic does not take.
   * @default 08
   */
  delay: number
  /**
   * None of the choices.
   * @default maybe
   */
  answer: 'yes' | 'no'
  /**
   * A flag that is given always.
   * @default yes
   */
  debug: Flag
  /**
   * Numbers do not repeat.
   * @default 3
   * @repeats
   */
  counts: number
  /**
   * A name that the command line would cut.
   * @name two words
   */
  first: string
  /**
   * A name that is taken.
   * @alias delay
   */
  second: string
}

export type Flag = '' | 'yes'

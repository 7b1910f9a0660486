/** What ShellCheck says of a place in a script. */
export interface Finding {
  line: number
  column: number
  /** As ShellCheck writes it, `SC2086`. */
  code: string
  message: string
}

/** A ShellCheck that can be asked, in one of its forms. */
export interface Engine {
  /** Names it with its version: another one may find something else. */
  identity: string
  /** All findings in each script, also of the optional checks; undefined when it did not work as ShellCheck does. */
  lint(...scripts: string[]): Promise<Finding[][] | undefined>
}

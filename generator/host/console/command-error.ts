/**
 * A failure that a person can act on: what failed and why, and what to do next.
 * `cli.ts` prints it as two lines and exits with `status` (1 failed, 2 wrong usage); nothing else is thrown on purpose.
 */
export class CommandError extends Error {
  override name = 'CommandError'

  constructor(
    message: string,
    /** The next step, as a full sentence or a command line. */
    readonly help: string,
    readonly status: 1 | 2 = 1,
  ) {
    super(message)
  }
}

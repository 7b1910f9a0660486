import type { Flag, Stage } from './kinds.ts'

/**
 * For whoever watches a boot: where it stops, and what it shows.
 * @group watch
 */
export interface StartParameters {
  /**
   * Opens a shell before this stage; exit it to continue.
   * @name break
   * @part rescue-shell
   * @example break=download
   */
  breakBefore: Stage

  /**
   * Shows every command on the console before it runs.
   * @part debug
   */
  debug: Flag
}

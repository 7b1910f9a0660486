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

  /**
   * A syslog server that is told what happens, written `HOST[:PORT]`, an IPv6 address in brackets: RFC 5424 by UDP, port 514.
   * @part reports
   * @example syslog=10.0.0.1
   */
  syslog: string

  /**
   * Where events are sent as JSON, each by an HTTP POST. Nothing waits for an answer. HTTPS is refused.
   * @name report
   * @part reports
   * @example report=http://10.0.0.1:8000/report
   */
  collector: string
}

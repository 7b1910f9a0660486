/**
 * /init in pieces, one for each banner: ShellCheck's time grows faster than a script's length, and two choices of parts have
 * most pieces in common.
 */

/** What a piece cannot know: variables and functions that are used in, or come from, other pieces. The compiler knows. */
const ofOthers = ['SC2034', 'SC2154', 'SC2317', 'SC2329']

/** Scripts in which ShellCheck finds all that it finds in this one, but for what needs several pieces to be seen. */
export function piecesOf(script: string): string[] {
  const [first = '', ...others] = script.split(/^(?=# ---- )/m)
  if (others.length === 0) return [script]
  const disabled = /^# shellcheck disable=(\S+)$/m.exec(first)?.[1] ?? ''
  const head = `#!/bin/sh\n# shellcheck disable=${[disabled, ...ofOthers].filter(Boolean).join()}\n`
  return [first, ...others].map(piece => `${head}${piece.replace(/^#!.*\n/, '')}`)
}

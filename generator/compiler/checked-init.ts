/** The /init that was compiled and checked when the package was made. */
import { readFileSync } from 'node:fs'

interface CheckedInit {
  /** What it was made of. */
  subject: string
  /** Its text. */
  init: string
}

/** As make-dist.ts wrote it; undefined in a checkout, whose stages may change at any time. */
export function checkedInit(): CheckedInit | undefined {
  try {
    return JSON.parse(readFileSync(new URL('../checked.json', import.meta.url), 'utf8'))
  } catch {
    return undefined
  }
}

/** The folders that a publication's generations lie in: NAME-XXXXXXXXXXXX, called by what is in them. */
import { createHash } from 'node:crypto'

const digits = 12

/** Whether a folder is called like a generation of that publication. */
export const isGenerationOf = (name: string, entry: string): boolean => publicationOf(entry) === name

/** The publication that a generation is of, by its name; undefined for what is not called like one. */
export const publicationOf = (entry: string): string | undefined => /^(.*)-[\da-f]{12}$/s.exec(entry)?.[1]

/** A generation for texts that are written before what they say is known. */
export const draftGeneration = (name: string): string => `${name}-${'0'.repeat(digits)}`

/** The name of the generation in which these contents lie at these paths. */
export function generationName(name: string, contents: [path: string, content: string | Buffer][]): string {
  const hash = createHash('sha256')
  for (const [path, content] of contents) {
    hash.update(`${path} ${createHash('sha256').update(content).digest('hex')}\n`)
  }
  return `${name}-${hash.digest('hex').slice(0, digits)}`
}

/** All that can be told of a kernel command line before it boots. */

import type { PartName } from '../stages/api/parts.ts'
import { asBytes, type Cut, cut, type Parameter } from './cut.ts'
import { error, type Finding, warning } from './findings.ts'
import { isOurs, misspelt } from './names.ts'
import { parameterFindings } from './parameter-findings.ts'
import { type Plan, planOf } from './plan.ts'
import { type Rehearsal, rehearse } from './rehearsal.ts'
import { textFindings } from './text-findings.ts'

export interface Examination {
  /** Bytes, of which the kernel keeps `limit` - 1. */
  length: number
  limit: number
  ours: Parameter[]
  /** For the kernel or for others; those that look like ours misspelt are findings. */
  others: Parameter[]
  /** Undefined where /init cannot even read the line. */
  plan: Plan | undefined
  findings: Finding[]
}

/** What a stage said: `aria2-initrd: STAGE: message`. */
const said = (line: string): { stage: string; message: string } | undefined => {
  const [, stage, message] = /^aria2-initrd: ([a-z-]+): (.*)$/.exec(line) ?? []
  return stage === undefined || message === undefined ? undefined : { stage, message }
}

/** Whether a value is not taken, and the boot goes on. */
const isRefusal = (stage: string, message: string): boolean =>
  stage === 'command-line' &&
  /( wants .*; left as it was| is not in this image: built --without [a-z-]+)$/.test(message)

/** What the stages themselves object to: values that are not taken, and why the boot ends. */
function rehearsalFindings({ console, end }: Rehearsal): Finding[] {
  const spoken = console.map(said).filter(each => each !== undefined)
  const refused = spoken
    .filter(({ stage, message }) => isRefusal(stage, message))
    .map(({ message }) => warning(message))
  if (end !== 'failed') return refused
  const cause = spoken.findLast(
    ({ message, stage }) => !isRefusal(stage, message) && !/^the boot failed|^\/init ended/.test(message),
  )
  return [...refused, error(`the boot fails: ${cause?.message ?? 'for a reason that it does not tell'}`)]
}

/**
 * @param limit COMMAND_LINE_SIZE of the kernel's architecture
 * @param without parts of the boot that the image does without
 */
export function examine(line: string, limit = 2048, without: readonly PartName[] = []): Examination {
  const bytes = asBytes(line)
  // What is too long for the kernel /init does not see either.
  const kept = bytes.slice(0, limit - 1)
  const parts: Cut = cut(kept)
  const rehearsal = rehearse(kept, without)
  const plan = planOf(rehearsal)
  const { parameters } = rehearsal
  return {
    length: bytes.length,
    limit,
    ours: parts.parameters.filter(({ name }) => isOurs(name)),
    others: parts.parameters.filter(({ name }) => !isOurs(name) && misspelt(name) === undefined),
    plan,
    findings: [
      ...textFindings(bytes, parts, limit),
      ...rehearsalFindings(rehearsal),
      ...(plan === undefined || parameters === undefined
        ? []
        : parameterFindings(parts, parameters, plan, without)),
    ],
  }
}

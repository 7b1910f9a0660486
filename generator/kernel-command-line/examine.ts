/** All that can be told of a kernel command line before it boots. */

import { leftOutByDefault } from '../stages/api/parts.ts'
import { asBytes, type Cut, cut, type Parameter } from './cut.ts'
import { error, type Finding, warning } from './findings.ts'
import { isOurs, misspelt } from './known-names.ts'
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

/** What the stages themselves object to: values that are not taken, and why the boot ends. */
function rehearsalFindings({ ignored, cause, end }: Rehearsal): Finding[] {
  const refused = ignored.map(warning)
  if (end !== 'failed') return refused
  return [...refused, error(`the boot fails: ${cause ?? 'no stage says why'}`)]
}

/**
 * @param limit COMMAND_LINE_SIZE of the kernel's architecture
 * @param without parts of the boot that the image does without
 */
export function examine(line: string, limit = 2048, without = leftOutByDefault): Examination {
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

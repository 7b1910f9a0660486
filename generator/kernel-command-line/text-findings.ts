/** What is doubtful about a line as a text, before anybody asks what its parameters mean. */
import type { Cut } from './cut.ts'
import { asText, wordFor } from './cut.ts'
import { error, type Finding, warning } from './findings.ts'
import { tooManyHandedOn } from './handed-on.ts'
import { isOurs, misspelt } from './known-names.ts'

function lengthFinding(line: string, limit: number): Finding[] {
  if (line.length < limit) return []
  const lost = asText(line.slice(limit - 1))
  return [
    error(
      `it is ${line.length} bytes long, and the kernel keeps ${limit - 1}: lost is ${JSON.stringify(lost.slice(0, 60))}${lost.length > 60 ? '...' : ''}`,
    ),
  ]
}

function characterFindings(line: string): Finding[] {
  const findings: Finding[] = []
  if (line.includes('\xa0')) {
    findings.push(
      warning(
        'it holds the byte 0xA0, which the kernel takes for a blank and /init does not: write something else',
      ),
    )
  }
  if ([...line].some(character => character > '\x7f')) {
    findings.push(
      warning(
        'it is not all ASCII: in an address write %XX (RFC 3986), for the next kernel use next_kernel_params_b64',
      ),
    )
  }
  return findings
}

function quoteFindings({ parameters }: Cut): Finding[] {
  const findings: Finding[] = []
  for (const parameter of parameters) {
    const { name, value = '', word } = parameter
    if (!word.includes('"') && (value.startsWith("'") || word.startsWith("'"))) {
      findings.push(
        warning(`${name}: single quotes mean nothing here and do not keep blanks; write "double quotes"`),
      )
    }
    // Only the last word can be one whose quotes do not end.
    if (word.includes('"') && wordFor(parameter) !== word) {
      findings.push(error(`a double quote does not end: all from ${word.slice(0, 40)} on is one parameter`))
    }
  }
  return findings
}

function tailFindings({ tail }: Cut): Finding[] {
  const names = tail.map(word => word.replace(/^"/, '').replace(/=.*$/s, ''))
  const hidden = names.filter(name => isOurs(name) || misspelt(name) !== undefined)
  if (hidden.length === 0) return []
  return [error(`${hidden.join(', ')}: stands after a bare --, where parameters end; put it before`)]
}

function handedOnFindings(parts: Cut): Finding[] {
  const fault = tooManyHandedOn(parts)
  const help = 'leave out what /init does not know; what is for the next kernel goes into next_kernel_params'
  return fault === undefined ? [] : [error(`${fault}; ${help}`)]
}

export function textFindings(line: string, parts: Cut, limit: number): Finding[] {
  return [
    ...lengthFinding(line, limit),
    ...characterFindings(line),
    ...quoteFindings(parts),
    ...tailFindings(parts),
    ...handedOnFindings(parts),
  ]
}

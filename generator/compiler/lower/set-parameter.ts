/** The function that takes kernel parameters, and their defaults: made from parameters.ts alone. */
import type { PartName } from '../../stages/api/parts.ts'
import type { Parameter } from '../declared-parameters.ts'
import type { CaseArm, SimpleCommand, Statement, Word, WordPart } from '../ir.ts'
import { command } from '../machine-table.ts'
import { wanted } from '../parameter-values.ts'
import { wrapComment } from './comments.ts'

const literal = (text: string) => [{ kind: 'literal', text }] as const
const name: Word = [{ kind: 'positional', index: 1 }]
const value: Word = [{ kind: 'positional', index: 2 }]
/** The value, nothing where there is none. */
const valueOrNothing: Word = [{ kind: 'positional', index: 2, orEmpty: true }]
/** `${2:-(empty)}` */
const digestOrNone: WordPart = {
  kind: 'choice',
  name: '2',
  when: 'empty',
  word: [...literal(wanted.emptyDigest)],
}
const given: Word = [{ kind: 'arguments' }]

/** What is said of what belongs to a part that is not in the image. */
const refusal = (what: Word, part: PartName): Statement => ({
  command: command('left_out', what, part),
})

/** Takes a value where a check lets it. */
const takeIf = (check: SimpleCommand, name: string, word: Word): Statement => ({
  command: { kind: 'and', left: check, right: { kind: 'assign', name, value: word } },
})

function takeChoice(parameter: Parameter): Statement[] {
  const { choices, variable } = parameter
  const others = parameter.otherChoices.map(({ choice, part }) => ({
    patterns: [[...literal(choice)]],
    body: [refusal([...name, ...literal('='), ...value], part)],
  }))
  const expected: Word = [...literal(wanted.oneOf(choices))]
  const arms: CaseArm[] = [
    ...others,
    {
      patterns: choices.map(choice => [...literal(choice)]),
      body: [{ command: { kind: 'assign', name: variable, value } }],
    },
    {
      patterns: [[{ kind: 'any' }]],
      body: [{ command: command('refuse_value', name, valueOrNothing, expected) }],
    },
  ]
  return [{ command: { kind: 'case', subject: valueOrNothing, arms } }]
}

function take(parameter: Parameter): Statement[] {
  const { variable } = parameter
  switch (parameter.type) {
    case 'flag':
      return [takeIf(command('has_no_value', given), variable, [...literal(wanted.flagGiven)])]
    case 'number':
      return [takeIf(command('is_count', given), variable, value)]
    case 'choice':
      return takeChoice(parameter)
    case 'text': {
      const before: Word = parameter.repeats ? [{ kind: 'variable', name: variable }] : []
      const after: Word = parameter.repeats ? [{ kind: 'variable', name: 'newline' }] : []
      if (parameter.holds !== 'digest')
        return [takeIf(command('has_value', given), variable, [...before, ...value, ...after])]
      return [{ command: { kind: 'assign', name: variable, value: [...before, digestOrNone, ...after] } }]
    }
  }
}

function names(parameter: Parameter): CaseArm['patterns'] {
  return [parameter.name, ...parameter.aliases].map(each => [...literal(each)])
}

/** The first sentence, after the name where the variable has another one. */
function shortDescription({ name, variable, description }: Parameter): string {
  const [first = ''] = description.split(/(?<=\.) /)
  return name === variable ? first : `${name}: ${first}`
}

/** Each parameter's variable with its default, and what it means. */
export function parameterDefaults(parameters: Parameter[]): Statement[] {
  const known = parameters.filter(({ isLeftOut }) => !isLeftOut)
  return known.map(parameter => ({
    command: {
      kind: 'assign',
      name: parameter.variable,
      value: parameter.defaultValue === '' ? [] : [...literal(parameter.defaultValue)],
    },
    comment: wrapComment(shortDescription(parameter)),
  }))
}

/** What is said of the names that are left out: those of a part together, flags apart from what has a value. */
function leftOut(parameters: Parameter[]): CaseArm[] {
  const others = parameters.filter(({ isLeftOut }) => isLeftOut)
  const firstParts = new Set(others.flatMap(({ parts }) => parts.slice(0, 1)))
  return [...firstParts].flatMap(part =>
    [false, true].flatMap(isFlag => {
      const own = others.filter(each => each.parts[0] === part && (each.type === 'flag') === isFlag)
      const what: Word = isFlag ? name : [...name, ...literal('=')]
      return own.length === 0 ? [] : [{ patterns: own.flatMap(names), body: [refusal(what, part)] }]
    }),
  )
}

/** `set_parameter NAME [VALUE]`. */
export function parameterFunction(all: Parameter[]): Statement {
  const parameters = all.filter(({ isLeftOut }) => !isLeftOut)
  const arms: CaseArm[] = [
    ...parameters.map(parameter => ({ patterns: names(parameter), body: take(parameter) })),
    ...leftOut(all),
  ]
  return {
    comment: [
      'Takes a parameter of the kernel command line: set_parameter NAME [VALUE].',
      'A name that is not here is not ours.',
    ],
    command: {
      kind: 'function',
      name: 'set_parameter',
      body: [
        { command: { kind: 'case', subject: name, arms } },
        // A value that is not taken is reported, and no failure.
        { command: command('return', '0') },
      ],
    },
  }
}

const checks = { text: 'has_value', flag: 'has_no_value', number: 'is_count', choice: 'refuse_value' }

/** The helpers that it calls. */
export function parameterHelpers(parameters: Parameter[]): string[] {
  const kinds = new Set(parameters.filter(({ isLeftOut }) => !isLeftOut).map(({ type }) => type))
  const refuses = parameters.some(({ isLeftOut, otherChoices }) => isLeftOut || otherChoices.length > 0)
  return [
    ...Object.entries(checks).flatMap(([kind, helper]) =>
      [...kinds].some(each => each === kind) ? [helper] : [],
    ),
    ...(refuses ? ['left_out'] : []),
  ]
}

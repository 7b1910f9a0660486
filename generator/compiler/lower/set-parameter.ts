/** The functions that take kernel parameters, and their defaults: made from parameters.ts alone. */
import type { PartName } from '../../stages/api/parts.ts'
import type { Parameter } from '../declared-parameters.ts'
import type { CaseArm, Statement, Word } from '../ir.ts'
import { command } from '../machine-table.ts'
import { wanted } from '../parameter-values.ts'
import { wrapComment } from './comments.ts'

const name: Word = [{ kind: 'positional', index: 1 }]
const value: Word = [{ kind: 'positional', index: 2 }]
const literal = (text: string) => [{ kind: 'literal', text }] as const

/** What is said of what belongs to a part that is not in the image. */
const refusal = (what: Word, part: PartName): Statement => ({
  command: command('log', [...what, ...literal(wanted.part(part))]),
})

function take(parameter: Parameter): Statement[] {
  const { variable } = parameter
  const assign: Statement = { command: { kind: 'assign', name: variable, value } }
  switch (parameter.type) {
    case 'flag':
      return [{ command: command('refuse_value', name, value, wanted.noValue) }]
    case 'number':
      return [{ command: { kind: 'and', left: command('is_count', name, value), right: assign.command } }]
    case 'choice': {
      const choices = parameter.choices.map((choice): Word => [...literal(choice)])
      const isChoice = command('is_one_of', name, value, ...choices)
      const taken: Statement = { command: { kind: 'and', left: isChoice, right: assign.command } }
      if (parameter.otherChoices.length === 0) return [taken]
      const others = parameter.otherChoices.map(({ choice, part }) => ({
        patterns: [[...literal(choice)]],
        body: [refusal([...name, ...literal('='), ...value], part)],
      }))
      const arms: CaseArm[] = [...others, { patterns: [[{ kind: 'any' }]], body: [taken] }]
      return [{ command: { kind: 'case', subject: value, arms } }]
    }
    case 'text':
      if (!parameter.repeats) return [assign]
      return [
        {
          command: {
            kind: 'assign',
            name: variable,
            value: [{ kind: 'variable', name: variable }, ...value, { kind: 'variable', name: 'newline' }],
          },
        },
      ]
  }
}

function names(parameter: Parameter): CaseArm['patterns'] {
  return [parameter.name, ...parameter.aliases].map(each => [...literal(each)])
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
    comment: wrapComment(`${parameter.name}: ${parameter.description}`),
  }))
}

/** The names of what is left out, by part. */
function leftOut(parameters: Parameter[]): { part: PartName; patterns: CaseArm['patterns'] }[] {
  const others = parameters.filter(({ isLeftOut }) => isLeftOut)
  const parts = new Set(others.map(({ part }) => part).filter(part => part !== undefined))
  return [...parts].map(part => ({
    part,
    patterns: others.filter(each => each.part === part).flatMap(names),
  }))
}

/** `set_parameter NAME VALUE` and `set_flag NAME`. */
export function parameterFunctions(all: Parameter[]): Statement[] {
  const parameters = all.filter(({ isLeftOut }) => !isLeftOut)
  const others = leftOut(all)
  const flags = parameters.filter(({ type }) => type === 'flag')
  const valued = parameters.filter(({ type }) => type !== 'flag')
  return [
    {
      comment: [
        'Takes a parameter of the kernel command line: set_parameter NAME VALUE.',
        'A name that is not here is not ours.',
      ],
      command: {
        kind: 'function',
        name: 'set_parameter',
        body: [
          {
            command: {
              kind: 'case',
              subject: name,
              arms: [
                ...parameters.map(parameter => ({ patterns: names(parameter), body: take(parameter) })),
                ...others.map(({ patterns, part }) => ({
                  patterns,
                  body: [refusal([...name, ...literal('=')], part)],
                })),
              ],
            },
          },
          // A value that is not taken is reported, and no failure.
          { command: command('return', '0') },
        ],
      },
    },
    {
      comment: ['Takes a parameter that stands there without a value: set_flag NAME.'],
      command: {
        kind: 'function',
        name: 'set_flag',
        body: [
          {
            command: {
              kind: 'case',
              subject: name,
              arms: [
                ...flags.map(flag => ({
                  patterns: names(flag),
                  body: [
                    {
                      command: { kind: 'assign', name: flag.variable, value: [...literal(wanted.flagGiven)] },
                    } as Statement,
                  ],
                })),
                ...(valued.length === 0
                  ? []
                  : [
                      {
                        patterns: valued.flatMap(names),
                        body: [{ command: command('refuse_value', name, [], wanted.value) }],
                      },
                    ]),
                ...others.map(({ patterns, part }) => ({ patterns, body: [refusal(name, part)] })),
              ],
            },
          },
        ],
      },
    },
  ]
}

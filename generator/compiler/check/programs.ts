/** Programs that stages call by their names: the image must hold each of them. */
import { Node } from 'ts-morph'
import type { Diagnostic } from '../diagnostics.ts'
import { helperNames } from '../helpers.ts'
import type { Model } from '../model.ts'
import { diagnosticAt } from '../places.ts'

const runners = ['run', 'outputOf', 'statusOf']

/** @param packed the programs of the image; undefined where nobody knows them */
export function checkPrograms({ functions }: Model, packed?: ReadonlySet<string>): Diagnostic[] {
  const own = new Set([...helperNames().functions, ...[...functions.values()].map(each => each.shellName)])
  const calls = [...functions.values()].flatMap(each => each.calls)
  return calls.flatMap(({ name, member, node }): Diagnostic[] => {
    if (member === undefined || !runners.includes(name)) return []
    const [program] = node.getArguments()
    const complain = (message: string, help: string): Diagnostic[] => [
      diagnosticAt(program ?? node, 'program', message, help),
    ]
    const text = Node.isStringLiteral(program) ? program.getLiteralText() : ''
    if (!/^[A-Za-z0-9[][A-Za-z0-9._+[-]*$/.test(text))
      return complain(
        'a program is called by its name, a literal without a path',
        `write ${name}('ethtool', …): /init looks for it in /usr/sbin, /usr/bin, /sbin and /bin`,
      )
    if (own.has(text))
      return complain(
        `'${text}' is a function of /init`,
        'call the function, or pack the program under another name',
      )
    if (packed === undefined || packed.has(text)) return []
    return complain(
      `the image will hold no program '${text}'`,
      `pack it with its libraries: --add "$(command -v ${text})", to generate as well as to build`,
    )
  })
}

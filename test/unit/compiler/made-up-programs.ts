/** Programs that nobody wrote, whose functions share a few names: for the proof that sharing loses no value. */

/** Numbers below a bound, by chance. */
export type Draw = (bound: number) => number

type Kind = 'action' | 'value' | 'predicate'

interface MadeUp {
  name: string
  kind: Kind
  parameters: string[]
}

const pool = ['a', 'b', 'c', 'd', 'e', 'f']

/**
 * The text of a module: functions that call only those after them, each with parameters and variables from one small
 * pool, and the first of them exported as `start`.
 * @param prefix begins the functions' names, which must be unique in /init
 */
export function madeUpModule(prefix: string, draw: Draw): string {
  const kinds: Kind[] = ['action', 'value', 'predicate']
  const pick = <T>(all: readonly T[]): T => all[draw(all.length)] as T
  const some = () => pool.filter(() => draw(3) === 0)
  const functions = [0, 1, 2, 3].map((index): MadeUp => {
    const kind = index < 1 ? 'action' : pick(kinds)
    return { name: `${prefix}${index}`, kind, parameters: index === 0 ? [] : some() }
  })
  let loops = 0

  function body(self: MadeUp, later: MadeUp[], variables: string[]): string[] {
    const word = () => (draw(4) > 0 ? pick(variables) : `'${draw(9)}'`)
    const call = ({ name, parameters }: MadeUp) => {
      // Often just the variable of the parameter's name.
      const given = parameters.map(each => (variables.includes(each) && draw(2) === 0 ? each : word()))
      return `${name}(${given.join(', ')})`
    }
    const calls = (kind: Kind) => later.filter(each => each.kind === kind)
    const walked = new Set(variables)
    /** A name that the function does not have yet, of the pool where that has one. */
    const fresh = (): string => {
      const left = pool.filter(each => !walked.has(each))
      loops += 1
      const variable = left.length > 0 ? pick(left) : `each${loops}`
      walked.add(variable)
      return variable
    }
    const log = () => `log(${pick(variables)})`
    const show = () => (self.kind === 'action' ? [log()] : [])
    // Lengths: TypeScript knows nothing of them, so that no comparison is unintentional to it.
    const longer = () => `${pick(variables)}.length > ${draw(5)}`
    const block = (depth: number, inLoop: boolean): string[] =>
      Array.from({ length: 1 + draw(2) }, () => statement(depth, inLoop)).flat()

    /** What decides: a length, or one of the functions. */
    const condition = (): string => {
      const predicates = calls('predicate')
      const test = predicates.length > 0 && draw(3) > 0 ? call(pick(predicates)) : undefined
      return test === undefined ? longer() : pick([test, `${longer()} || ${test}`, `!${test}`])
    }

    function statement(depth: number, inLoop: boolean): string[] {
      const target = pick(variables)
      // A clause of a switch declares nothing.
      switch (draw(depth > 2 ? 7 : 14)) {
        case 0:
          return show()
        case 1:
          return [`${target} = ${pick([`\`\${${target}}${draw(9)}\``, `'${draw(9)}'`])}`]
        case 2: {
          const actions = self.kind === 'action' ? calls('action') : []
          if (actions.length === 0) return show()
          const command = call(pick(actions))
          return draw(3) === 0 ? [`succeeds(() => ${command})`] : [command]
        }
        case 3: {
          const values = calls('value')
          return values.length === 0 ? show() : [`${target} = ${call(pick(values))}`]
        }
        case 4:
          return inLoop ? [`if (${longer()}) {`, pick(['break', 'continue']), '}'] : show()
        case 5:
          return [`${target} = ${condition()} ? ${word()} : \`${draw(9)}\${${pick(variables)}}\``]
        case 6: {
          // A capture inside of a word, and words of a text: of an action, as others print nothing.
          const values = calls('value')
          if (self.kind !== 'action') return show()
          if (values.length > 0 && draw(2) === 0) return [`log(\`\${${call(pick(values))}}\${${target}}\`)`]
          return [`succeeds(() => run('ethtool', ...split(${target}, '-'), 'end'))`]
        }
        case 7: {
          const names = [fresh(), fresh()]
          return [
            `const [${names[0]}, , ${names[1]}] = fields(${target}, '-')`,
            `${target} = \`\${${names[1]}}\${${names[0]}}\``,
          ]
        }
        case 8: {
          const actions = self.kind === 'action' ? calls('action') : []
          if (actions.length === 0) return show()
          const [job, ended] = [fresh(), fresh()]
          return [
            `const ${job} = start(() => ${call(pick(actions))})`,
            `const ${ended} = waitFor(${job})`,
            `log(\`\${${ended}}\`)`,
          ]
        }
        case 9:
        case 10: {
          return [
            `if (${condition()}) {`,
            ...block(depth + 1, inLoop),
            '} else {',
            ...block(depth + 1, inLoop),
            '}',
          ]
        }
        case 11: {
          const variable = fresh()
          const read =
            self.kind === 'action' ? `log(${variable})` : `${target} = \`${draw(9)}\${${variable}}\``
          const inside = block(depth + 1, true)
          return [`for (const ${variable} of ['${draw(4)}', '${draw(4)}']) {`, ...inside, read, '}']
        }
        case 12: {
          loops += 1
          const count = `round${loops}`
          // The count goes up first, so that `continue` cannot make it endless.
          return [
            `let ${count} = 0`,
            `while (${count} < 3) {`,
            `${count} += 1`,
            ...block(depth + 1, true),
            '}',
          ]
        }
        default: {
          loops += 1
          const length = `length${loops}`
          const clause = [`case ${1 + draw(3)}:`, ...block(3, false), 'break']
          return [`const ${length} = ${target}.length`, `switch (${length}) {`, ...clause, '}']
        }
      }
    }

    /** Each function is called: one that is not is refused. */
    function callsAll(): string[] {
      return later.flatMap(each => {
        if (each.kind === 'action') return [call(each)]
        if (each.kind === 'predicate') return [`if (${call(each)}) {`, log(), '}']
        return [`${pick(variables)} = ${call(each)}`, log()]
      })
    }

    const statements = Array.from({ length: 2 + draw(4) }, () => statement(0, false)).flat()
    const values = calls('value')
    const lengths = variables.map(each => `${each}.length`)
    const ends: Record<Kind, string> = {
      action: draw(3) === 0 ? log() : '',
      value:
        values.length > 0 && draw(3) === 0
          ? `return ${call(pick(values))}`
          : `return \`${lengths.map(each => `\${${each}}`).join('-')}\``,
      predicate: `return ${longer()}`,
    }
    // All are read at the start, where nothing can have been lost; what is read later is for chance to say.
    const early: Record<Kind, string> = { action: 'return', value: "return '9'", predicate: 'return true' }
    const reads = variables.flatMap(each => [`if (${each}.length > 8) {`, early[self.kind], '}'])
    return [...reads, ...statements, ...(self === functions[0] ? callsAll() : []), ends[self.kind]]
  }

  const types: Record<Kind, string> = { action: 'void', value: 'string', predicate: 'boolean' }
  const texts = functions.map((self, index) => {
    const left = pool.filter(each => !self.parameters.includes(each))
    const drawn = some().filter(each => left.includes(each))
    // A function without any variable has nothing to lose.
    const locals = drawn.length + self.parameters.length > 0 ? drawn : left.slice(0, 1)
    const parameters = self.parameters.map(each => `${each}: string`).join(', ')
    const declared = locals.map(each => `let ${each}: string = '${draw(4)}'`)
    const statements = body(self, functions.slice(index + 1), [...self.parameters, ...locals])
    return [
      `${index === 0 ? 'export ' : ''}function ${self.name}(${parameters}): ${types[self.kind]} {`,
      ...declared,
      ...statements,
      '}',
    ].join('\n')
  })
  return texts.join('\n')
}

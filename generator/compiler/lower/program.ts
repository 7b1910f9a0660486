/** The whole boot as sections of /init: one for each source module, in the order in which the boot comes to them. */

import { basename, dirname, relative } from 'node:path'
import { type Expression, Node, type SourceFile, type VariableDeclaration } from 'ts-morph'
import { snakeCase } from '../declared-parameters.ts'
import { says } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics.ts'
import type { Section, Statement, Word } from '../ir.ts'
import { command, machineTable } from '../machine-table.ts'
import { bootOrder, type Model, type StageFunction } from '../model.ts'
import { spanOf } from '../places.ts'
import { commentAbove, docComment, wrapComment } from './comments.ts'
import { attempt, refuse } from './context.ts'
import { withoutNames } from './positionals.ts'
import { lowerStatements } from './statements.ts'
import { lowerWord } from './words.ts'

export interface LoweredProgram {
  sections: Section[]
  /** Names of the helpers that the boot calls. */
  helpers: string[]
  diagnostics: Diagnostic[]
}

const controlCharacters: Record<string, string> = {
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\\': '\\\\',
  '%': '%%',
}

/** A constant's text. One with control characters is made by printf, so that a reader sees them. */
function constantWord(value: Expression, model: Model): Word {
  const isLiteral = Node.isStringLiteral(value) || Node.isNoSubstitutionTemplateLiteral(value)
  const text = isLiteral ? value.getLiteralText() : ''
  if (!/[\t\n\v\f\r]/.test(text)) return lowerWord(value, { model, decided: new Map() })
  if (text.endsWith('\n')) return refuse(value, says.constant.newline())
  const format = text.replace(/[\t\n\v\f\r\\%]/g, special => controlCharacters[special] ?? special)
  return [{ kind: 'capture', command: command('printf', format) }]
}

function lowerConstant(declaration: VariableDeclaration, model: Model): Statement {
  const value = declaration.getInitializer()
  if (value === undefined) return refuse(declaration, says.constant.noValue())
  const comment = commentAbove(declaration.getVariableStatementOrThrow())
  return {
    command: { kind: 'assign', name: snakeCase(declaration.getName()), value: constantWord(value, model) },
    span: spanOf(declaration),
    ...(comment.length > 0 ? { comment } : {}),
  }
}

function lowerFunction(current: StageFunction, model: Model, diagnostics: Diagnostic[]): Statement {
  const parameters = current.parameters.map(
    ({ shellName }, index): Statement => ({
      command: { kind: 'assign', name: shellName, value: [{ kind: 'positional', index: index + 1 }] },
      span: spanOf(current.node),
    }),
  )
  const comment = docComment(current.node.getJsDocs())
  const statements = current.node.getStatements()
  const body = lowerStatements(statements as Parameters<typeof lowerStatements>[0], {
    model,
    current,
    diagnostics,
    decided: new Map(),
  })
  const names = current.parameters.map(({ shellName }) => shellName)
  return {
    command: {
      kind: 'function',
      name: current.shellName,
      body: withoutNames(names, body) ?? [...parameters, ...body],
    },
    span: spanOf(current.node),
    ...(comment.length > 0 ? { comment } : {}),
  }
}

/** The JSDoc that opens a file is about the file when imports follow it, or the JSDoc of what comes first. */
function moduleComment(module: SourceFile): string[] {
  const [first] = module.getStatements()
  const [doc, ...others] = (first?.getLeadingCommentRanges() ?? [])
    .map(range => range.getText())
    .filter(text => text.startsWith('/**'))
  if (doc === undefined || (others.length === 0 && !Node.isImportDeclaration(first))) return []
  return wrapComment(doc.replace(/^\/\*\*|\*\/$/g, '').replace(/^\s*\* ?/gm, ''))
}

/** What the banner calls a module: its chapter of the boot and its name, as it lies beside main.ts; a site's by its name. */
function sectionTitle(module: SourceFile, main: SourceFile): string {
  const inside = relative(dirname(main.getFilePath()), module.getFilePath())
  return (inside.startsWith('..') ? basename(inside) : inside).replace(/\.ts$/, '')
}

/** Lowers all; what has no shell becomes a diagnostic. */
export function lowerProgram(model: Model): LoweredProgram {
  const diagnostics: Diagnostic[] = []
  const order = bootOrder(model)
  const reached = new Set(order.map(({ module }) => module))
  // A module of constants alone is not on the way of the boot: first, so that they are there when they are read.
  const constantsAlone = model.program.modules.filter(
    module => !reached.has(module) && module.getVariableDeclarations().length > 0,
  )
  const modules = [...constantsAlone, ...reached].filter(module => module !== model.program.main)
  const sections = [...modules, model.program.main].map((module): Section => {
    const constants = module
      .getVariableDeclarations()
      .filter(declaration => declaration.getVariableStatement()?.getParent() === module)
    const functions = module
      .getFunctions()
      .map(node => model.functions.get(node.getName() ?? ''))
      .filter(found => found !== undefined)
    return {
      title: sectionTitle(module, model.program.main),
      comment: moduleComment(module),
      statements: [
        ...constants.flatMap(declaration => attempt(diagnostics, () => [lowerConstant(declaration, model)])),
        ...functions.map(each => lowerFunction(each, model, diagnostics)),
      ],
    }
  })
  const helpers = order
    .flatMap(({ calls }) => calls.map(({ member }) => member?.helper))
    .filter(helper => helper !== undefined)
  const inOrder = Object.values(machineTable).map(({ helper }) => helper)
  return {
    sections,
    helpers: inOrder.filter(helper => helper !== undefined && helpers.includes(helper)) as string[],
    diagnostics,
  }
}

/**
 * A parameter of a short function needs no name of its own: `$1` is read where it stands. The positional parameters are
 * those of the call for as long as nothing sets them, and the value is the parameter's for as long as nobody assigns it.
 */
import type { Statement } from '../ir.ts'

/** In so many commands, and reads, `$1` can be followed; with several parameters names help sooner. */
const most = { one: { commands: 6, reads: 4 }, several: { commands: 4, reads: 3 } }

/** Nodes that read the variable that they name. */
const reading = new Set(['variable', 'length', 'trim', 'choice', 'oneOf'])

interface Tree {
  kind?: string
  name?: string
  variable?: string
}

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null

/** All nodes of a tree, itself among them. */
function nodesOf(value: unknown, found: Tree[] = []): Tree[] {
  if (!isTree(value)) return found
  found.push(value)
  for (const each of Object.values(value)) nodesOf(each, found)
  return found
}

/** A body with `$1` in the place of each read of the first parameter, and so on. */
function replaced<T>(value: T, parameters: readonly string[]): T {
  if (Array.isArray(value)) return value.map(each => replaced(each, parameters)) as T
  if (!isTree(value)) return value
  const copy = Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, replaced(each, parameters)]),
  )
  const index = reading.has(value.kind ?? '') ? parameters.indexOf(value.name ?? '') : -1
  return (index === -1 ? copy : { ...copy, name: String(index + 1) }) as T
}

/**
 * @param parameters in their order, in shell
 * @returns the body without names for them; undefined where it is clearer, or only right, with them
 */
export function withoutNames(parameters: readonly string[], body: Statement[]): Statement[] | undefined {
  if (parameters.length === 0) return undefined
  const nodes = nodesOf(body)
  const isSet = nodes.some(
    ({ kind, name = '', variable = '' }) =>
      (kind === 'command' && name === 'set') ||
      (kind === 'assign' && parameters.includes(name)) ||
      (kind === 'for' && parameters.includes(variable)),
  )
  const reads = nodes.filter(({ kind = '', name = '' }) => reading.has(kind) && parameters.includes(name))
  const commands = nodes.filter(node => 'command' in node && !('kind' in node)).length
  const limit = parameters.length === 1 ? most.one : most.several
  const isClear =
    reads.length <= parameters.length || (commands <= limit.commands && reads.length <= limit.reads)
  return isSet || !isClear ? undefined : replaced(body, parameters)
}

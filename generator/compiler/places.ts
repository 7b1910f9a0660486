/** Where things stand in the stages, as people look them up: in files as they are on the disk. */
import { relative } from 'node:path'
import type { Node, SourceFile } from 'ts-morph'
import type { Said } from './diagnostics/catalogue.ts'
import type { Diagnostic, Place } from './diagnostics.ts'
import type { Span } from './ir.ts'
import { root } from './root.ts'

/** A path as it is shown: relative to the checkout, or as it is where it lies outside. */
export function shownPath(path: string): string {
  const inside = relative(root, path)
  return inside.startsWith('..') ? path : inside
}

/** Text that is put into a module in memory alone, on behalf of a node of a site's own file. */
export interface Addition {
  at: number
  text: string
  standsFor: Node
}

/** What modules with additions are on the disk, and where in memory the additions lie, in order. */
const extended = new WeakMap<
  SourceFile,
  { onDisk: string; pieces: { start: number; end: number; standsFor: Node }[] }
>()

/** Adds texts to a module in memory. A fault in one of them is shown where that stands on whose behalf it is there. */
export function addInMemory(source: SourceFile, additions: Addition[]): void {
  const onDisk = source.getFullText()
  const pieces: { start: number; end: number; standsFor: Node }[] = []
  let text = ''
  let taken = 0
  for (const { at, text: added, standsFor } of [...additions].sort((a, b) => a.at - b.at)) {
    text += onDisk.slice(taken, at)
    taken = at
    pieces.push({ start: text.length, end: text.length + added.length, standsFor })
    text += added
  }
  source.replaceWithText(text + onDisk.slice(taken))
  extended.set(source, { onDisk, pieces })
}

/** A piece of a module's text, as it stands on the disk. */
export function placeOfText(source: SourceFile, offset: number, length: number): Place {
  const { onDisk, pieces } = extended.get(source) ?? { onDisk: source.getFullText(), pieces: [] }
  const around = pieces.find(({ start, end }) => start <= offset && offset < end)
  if (around !== undefined) return { ...placeOf(around.standsFor), isAdded: true }
  const added = pieces.filter(({ end }) => end <= offset)
  const position = added.reduce((sum, { start, end }) => sum - (end - start), offset)
  const before = onDisk.slice(0, position).split('\n')
  const span = {
    file: shownPath(source.getFilePath()),
    line: before.length,
    column: (before.at(-1) ?? '').length + 1,
  }
  return { span, sourceLine: onDisk.split('\n')[span.line - 1] ?? '', offset: position, length }
}

/** Where a node stands. */
export const placeOf = (node: Node): Place =>
  placeOfText(node.getSourceFile(), node.getStart(), node.getWidth())

export function spanOf(node: Node): Span {
  const source = node.getSourceFile()
  if (extended.has(source)) return placeOf(node).span
  const { line, column } = source.getLineAndColumnAtPos(node.getStart())
  return { file: shownPath(source.getFilePath()), line, column }
}

/** A diagnostic at a piece of a stage's text. */
export function diagnosticAtText(source: SourceFile, offset: number, length: number, said: Said): Diagnostic {
  return { ...said, ...placeOfText(source, offset, length) }
}

/** A diagnostic at a node of a stage; with the other place that makes it one, and what stands there. */
export function diagnosticAt(node: Node, said: Said, other?: { node: Node; label: string }): Diagnostic {
  const here = { ...said, ...placeOf(node) }
  return other === undefined ? here : { ...here, other: { ...placeOf(other.node), label: other.label } }
}

/** The stages of an image that does without some parts. */

import { type SourceFile, ts } from 'ts-morph'
import type { PartName } from '../../stages/api/parts.ts'
import { machineTable } from '../machine-table.ts'
import { factsOf } from './facts.ts'
import { foldParts } from './fold.ts'
import { prune } from './prune.ts'
import { SourceText } from './source-text.ts'

/** Functions that never come back: the machine's, and those of the stages that say so. */
function neverReturning(files: readonly SourceText[]): Set<string> {
  const own = files
    .flatMap(({ source }) => source.statements.filter(ts.isFunctionDeclaration))
    .filter(({ type }) => type?.kind === ts.SyntaxKind.NeverKeyword)
    .map(({ name }) => name?.text ?? '')
  const machine = Object.entries(machineTable)
    .filter(([, member]) => member.kind === 'action' && member.ends === true)
    .map(([name]) => name)
  return new Set([...own, ...machine])
}

/** Takes a piece of a comment away; a mark that follows closes up, as blanks take the place of what goes. */
function removeWords(file: SourceText, start: number, end: number): void {
  const mark = /^[.,;:)]/.exec(file.text.slice(end))?.[0] ?? ''
  file.replace(start, end + mark.length, mark)
}

/** Comments say `{@part PART text}` of what only holds where the part is in: what is in braces stays, or nothing does. */
export function chooseComments(file: SourceText, without: readonly PartName[]): void {
  for (const { index, 0: whole, 1: opening = '', 2: part } of file.text.matchAll(
    /(\{@part ([a-z0-9-]+) )[^{}]*\}/g,
  )) {
    const end = index + whole.length
    if (without.some(each => each === part)) removeWords(file, index, end)
    else {
      removeWords(file, end - 1, end)
      removeWords(file, index, index + opening.length)
    }
  }
}

/** Takes what belongs to parts that are left out from the modules' texts, and what nobody comes to then. */
export function chooseParts(modules: readonly SourceFile[], without: readonly PartName[]): void {
  const files = modules.map(
    module => new SourceText(module.getFilePath(), module.getFullText(), module.compilerNode),
  )
  const before = factsOf(files)
  const never = neverReturning(files)
  for (const file of files) {
    chooseComments(file, without)
    foldParts(file, without, never)
  }
  const changed = files.some(({ text }, index) => text !== modules[index]?.getFullText())
  if (!changed) return
  prune(files, before)
  for (const [index, { text }] of files.entries()) {
    if (text !== modules[index]?.getFullText()) modules[index]?.replaceWithText(text)
  }
}

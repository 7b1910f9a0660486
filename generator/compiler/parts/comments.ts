/** Comments say `{@part PART text}` of what only holds where the part is in. */
import type { PartName } from '../../stages/api/parts.ts'
import type { SourceText } from './source-text.ts'

/** Keeps of each such text what is in braces, or nothing of it. */
export function chooseComments(file: SourceText, without: readonly PartName[]): void {
  for (const { index, 0: whole, 1: opening = '', 2: part } of file.text.matchAll(
    /(\{@part ([a-z-]+) )[^{}]*\}/g,
  )) {
    const end = index + whole.length
    if (without.some(each => each === part)) file.remove(index, end)
    else {
      file.remove(index, index + opening.length)
      file.remove(end - 1, end)
    }
  }
}

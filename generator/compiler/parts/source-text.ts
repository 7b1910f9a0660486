import { ts } from 'ts-morph'

/**
 * A stage's text, of which pieces can be taken away. Blanks take their place, so that what stays keeps its line and column, and
 * a diagnostic points to where it is in the file.
 */
export class SourceText {
  /** @param parsed the tree of the text, where it has been read before; parents are set in it */
  constructor(
    readonly path: string,
    public text: string,
    private parsed: ts.SourceFile | undefined = undefined,
  ) {}

  /** The tree of the text as it is now. */
  get source(): ts.SourceFile {
    this.parsed ??= ts.createSourceFile(this.path, this.text, ts.ScriptTarget.ES2022, true)
    return this.parsed
  }

  /** Takes a piece away. Trees that were read before go on to describe the text as it was. */
  remove(start: number, end: number): void {
    this.replace(start, end, '')
  }

  /** Puts another text, which is not longer, in the place of a piece. */
  replace(start: number, end: number, by: string): void {
    const blank = this.text.slice(start + by.length, end).replace(/[^\n]/g, ' ')
    this.text = `${this.text.slice(0, start)}${by}${blank}${this.text.slice(end)}`
    this.parsed = undefined
  }

  /** Takes a statement or a declaration away, with the comments that stand right above it. */
  removeWithComments(node: ts.Node): void {
    const comments = ts.getLeadingCommentRanges(this.text, node.pos) ?? []
    const [doc] = ts.getJSDocCommentsAndTags(node).slice(-1)
    // A declaration's own JSDoc is the last one: the first may be about the file.
    const first = doc === undefined ? (comments[0]?.pos ?? node.getStart()) : doc.pos
    this.remove(first, node.end)
  }

  /** Takes a member of a list with commas away, and one comma with it. */
  removeFromList(list: ts.NodeArray<ts.Node>, index: number): void {
    const [before, member, after] = [list[index - 1], list[index], list[index + 1]]
    if (member === undefined) return
    if (after !== undefined) this.remove(member.getStart(), after.getStart())
    else if (before !== undefined) this.remove(before.end, member.end)
    else this.remove(member.getStart(), list.hasTrailingComma === true ? list.end : member.end)
  }
}

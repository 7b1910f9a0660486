/** Comments come along from the TypeScript, wrapped to the width of /init. */
import { type JSDoc, Node } from 'ts-morph'

const textColumns = 76

/** Words of paragraphs and list items, wrapped anew; a paragraph's break stays. */
export function wrapComment(text: string, columns = textColumns): string[] {
  const paragraphs = text
    .split(/\n\s*\n/)
    .map(paragraph => paragraph.split(/\s+/).filter(word => word !== ''))
  return paragraphs.flatMap((paragraphWords, index) => {
    const rows: string[] = []
    let row = ''
    for (const word of paragraphWords) {
      if (row !== '' && row.length + 1 + word.length > columns) {
        rows.push(row)
        row = ''
      }
      row = row === '' ? word : `${row} ${word}`
    }
    if (row !== '') rows.push(row)
    return index > 0 && rows.length > 0 ? ['', ...rows] : rows
  })
}

/** Of several JSDoc comments the last one is about what follows. */
export function docComment(docs: JSDoc[]): string[] {
  return wrapComment(docs.at(-1)?.getDescription() ?? '')
}

/** The line comments right above a statement, or its JSDoc. */
export function commentAbove(node: Node): string[] {
  if (Node.isJSDocable(node) && node.getJsDocs().length > 0) return docComment(node.getJsDocs())
  const text = node
    .getLeadingCommentRanges()
    .map(range => range.getText())
    .filter(comment => comment.startsWith('//'))
    .map(comment => comment.slice(2).trim())
    .join('\n')
  const depth = node.getAncestors().filter(each => Node.isBlock(each) || Node.isCaseBlock(each)).length
  return text === '' ? [] : wrapComment(text, textColumns - 4 * depth)
}

/** `boot` in main.ts, the table of contents: the one place that says which stages there are. */
import type { ts } from 'ts-morph'
import { typescript } from './typescript.ts'

/** The call that opens a stage in `boot`: `enterStage('network', parameters)`. */
export const opener = 'enterStage'

/** A stage as `boot` opens it; `start` is where its opening stands in main.ts. */
export interface OpenedStage {
  name: string
  start: number
}

/** The stages that `boot` opens, in order; undefined where main.ts has no `boot`. */
export function openedStages(main: ts.SourceFile): OpenedStage[] | undefined {
  const { isFunctionDeclaration, isExpressionStatement, isCallExpression, isStringLiteral } = typescript()
  const boot = main.statements.filter(isFunctionDeclaration).find(each => each.name?.text === 'boot')
  return boot?.body?.statements.flatMap(statement => {
    if (!isExpressionStatement(statement) || !isCallExpression(statement.expression)) return []
    const { expression, arguments: words } = statement.expression
    const [name] = words
    if (expression.getText() !== opener || name === undefined || !isStringLiteral(name)) return []
    return [{ name: name.text, start: statement.getStart() }]
  })
}

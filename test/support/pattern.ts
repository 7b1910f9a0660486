/** What a text must hold: these words, or what an expression finds. */
export type Pattern = string | RegExp

export const holds = (text: string, pattern: Pattern): boolean =>
  typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text)

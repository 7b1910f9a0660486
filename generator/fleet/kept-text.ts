/** Characters of a text that are kept and shown. */
export const mostText = 200

/** So much of a stranger's text as is kept. A copy: a slice of V8's would keep all of it in memory. */
export const keptText = (text: string, most = mostText): string =>
  text.length <= most ? text : Buffer.from(text.slice(0, most)).toString()

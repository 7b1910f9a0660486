// The firmware clears the screen and moves the cursor; kernel and shells may colour.
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const escapes = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|[()][0-9A-B]|[a-zA-Z0-9=>])/g

/** A boot ROM takes its question back when nobody answers: a step back, a blank, a step back, for each character. */
const erasures = /[\b] ?/g

/** A serial console's bytes as text for a person or a pattern: no carriage returns, no escape sequences. */
export function plainText(console: string): string {
  return console.replace(escapes, '').replace(erasures, '').replaceAll('\r', '')
}

/** Calls back for every complete line of a console that arrives in pieces, as plain text. */
export function lineReader(onLine: (line: string) => void): { add(piece: string): void; end(): void } {
  let rest = ''
  return {
    add(piece) {
      const lines = (rest + piece).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) onLine(plainText(line))
    },
    end() {
      if (rest !== '') onLine(plainText(rest))
      rest = ''
    },
  }
}

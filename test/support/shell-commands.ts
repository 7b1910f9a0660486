/** Words after which a command follows. */
const openers = new Set(['if', 'then', 'else', 'elif', 'while', 'until', 'do', '!', '{'])
/** Commands that run another: how many operands stand before its name. */
const runners = new Map([
  ...['digest_of', 'setsid', 'cttyhack', 'exec', 'command', 'env', 'chroot', 'xargs', 'setpriv'].map(
    (name): [string, number] => [name, 0],
  ),
  ['timeout', 1],
  ['limited', 1],
  ['setuidgid', 1],
])
/** Words that the shell itself knows as syntax. */
const keywords = new Set(['for', 'case', 'esac', 'fi', 'done', 'in', '}'])

/**
 * The names of the commands in a POSIX shell script, sorted: each name in the place of a command, what `find -exec` and
 * `setsid` run, and what runs inside `$( )`. The script's own functions are left out, and so is what only a variable
 * names. Here documents and backquotes are not understood and refused.
 */
export function commandsOf(script: string): string[] {
  if (/<<|`/.test(script.replace(/#.*$|\$\(\(.*\)\)/gm, '')))
    throw new Error('here documents and backquotes are not read')
  const names = new Set<string>()
  const functions = new Set<string>()
  let at = 0

  /** Reads one word; code inside `$( )` is read as code. */
  function word(): string {
    let text = ''
    let quoted = false
    while (at < script.length) {
      const rest = script.slice(at, at + 3)
      const [char = ''] = rest
      if (rest.startsWith('\\')) {
        text += script[at + 1]
        at += 2
      } else if (char === "'" && !quoted) {
        const end = script.indexOf("'", at + 1)
        text += script.slice(at + 1, end)
        at = end + 1
      } else if (char === '"') {
        quoted = !quoted
        at += 1
      } else if (rest === '$((') {
        for (let depth = 0; at < script.length; at += 1) {
          if (script[at] === '(') depth += 1
          if (script[at] === ')' && --depth === 0) break
        }
        at += 1
        text += '$'
      } else if (rest.startsWith('$(')) {
        at += 2
        list()
        text += '$'
      } else if (rest.startsWith('${')) {
        // What stands inside is a pattern or a text: read it like a word up to the brace.
        at += 2
        while (at < script.length && script[at] !== '}') {
          if (script[at] === '"' || script[at] === "'") at = script.indexOf(script[at] ?? '', at + 1)
          else if (script[at] === '\\') at += 1
          at += 1
        }
        at += 1
        text += '$'
      } else if (!quoted && /[\s;&|()<>]/.test(char)) break
      else {
        text += char
        at += 1
      }
    }
    return text
  }

  /** Leaves out the patterns of a `case` up to their parenthesis. */
  function patterns(): boolean {
    for (;;) {
      const [blank = ''] = /^(\s|\\\n|#.*\n)*/.exec(script.slice(at)) ?? []
      at += blank.length
      if (script.startsWith('esac', at)) return false
      if (script[at] === ')') {
        at += 1
        return true
      }
      if (script[at] === '|') at += 1
      else word()
    }
  }

  /** Reads commands up to the parenthesis that closes them, or the end. */
  function list(): void {
    let expecting = true
    let ahead: number | undefined
    let head = ''
    while (at < script.length) {
      const char = script[at] ?? ''
      if (char === '#') at = script.indexOf('\n', at)
      else if (script.startsWith('\\\n', at)) at += 2
      else if (script.startsWith(';;', at)) {
        at += 2
        patterns()
        expecting = true
      } else if (/[;&|\n]/.test(char)) {
        at += 1
        expecting = true
        ahead = undefined
      } else if (/\s/.test(char)) at += 1
      else if (char === ')') {
        at += 1
        return
      } else if (char === '(') {
        at += 1
        if (script[at] === ')') {
          functions.add(head)
          at += 1
          expecting = true
        } else list()
      } else if (/^[0-9]*[<>]/.test(script.slice(at, at + 3))) {
        at += /^[0-9]*[<>]+&?/.exec(script.slice(at))?.[0].length ?? 1
        while (script[at] === ' ') at += 1
        word()
      } else {
        const begin = at
        const text = word()
        const bare = script.slice(begin, at) === text
        if (expecting && bare && openers.has(text)) continue
        // An assignment, also one of `env`.
        if ((expecting || ahead === 0) && /^[A-Za-z_]\w*=/.test(text)) continue
        if (expecting && bare && keywords.has(text)) {
          expecting = false
          if (text === 'case') {
            for (let each = ''; each !== 'in'; ) {
              while (/\s/.test(script[at] ?? '')) at += 1
              each = word()
            }
            expecting = patterns()
          }
        } else if (ahead !== undefined && text.startsWith('-')) {
          // The signal of `timeout -s`.
          if (text === '-s') ahead += 1
        } else if (ahead !== undefined && ahead > 0) ahead -= 1
        else if (expecting || ahead === 0 || text === '-exec') {
          if (text !== '-exec' && bare) names.add(text)
          head = text
          ahead = text === '-exec' ? 0 : runners.get(text)
          expecting = false
        }
      }
    }
  }

  list()
  return [...names].filter(name => !functions.has(name)).sort()
}

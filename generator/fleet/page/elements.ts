/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** Elements and what is in them. A node's words are a stranger's: they become text, never markup. */

/** Characters that show nothing, or change how others are shown: controls, marks of direction, what no font has. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\p{Cn}]/gu
const mostCharacters = 200

/** A stranger's text as the page shows it. */
export const shown = (text: string): string => text.slice(0, mostCharacters).replace(unseen, '\u{fffd}')

/** Makes an element of a class, with what is in it. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className = '',
  ...inside: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name)
  if (className !== '') made.className = className
  made.append(...inside)
  return made
}

/** A button that does something. */
export function button(className: string, act: () => void, ...inside: (Node | string)[]): HTMLButtonElement {
  const made = element('button', className, ...inside)
  made.type = 'button'
  made.addEventListener('click', act)
  return made
}

/** A symbol of index.html; the words beside it say the same. */
export function symbol(name: string): SVGSVGElement {
  const space = 'http://www.w3.org/2000/svg'
  const picture = document.createElementNS(space, 'svg')
  const use = document.createElementNS(space, 'use')
  use.setAttribute('href', `#${name}`)
  picture.append(use)
  picture.setAttribute('class', `symbol ${name}`)
  picture.setAttribute('aria-hidden', 'true')
  return picture
}

/** Writes a text where it differs from what is there: what does not change costs the browser nothing. */
export function write(to: Node, text: string): void {
  if (to.textContent !== text) to.textContent = text
}

/** Writes a stranger's text; all of it is in the title, as the cell may cut it. */
export function writeShown(to: HTMLElement, text: string): void {
  const safe = shown(text)
  write(to, safe)
  if (to.title !== safe) to.title = safe
}

/** The element of index.html that has this id. @throws Error where there is none */
export function byId<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id)
  if (!(found instanceof kind)) throw new Error(`index.html has no ${kind.name} '${id}'`)
  return found
}

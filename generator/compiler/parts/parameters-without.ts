/** The kernel parameters of an image that does without some parts. */
import type { PartName } from '../../stages/api/parts.ts'
import type { Parameter } from '../declared-parameters.ts'

/** Text such as `a file{@part bittorrent , a torrent}`, without what is said of parts that are left out; `{mac}` may stand in it. */
export const textWithout = (text: string, without: readonly string[]): string =>
  text.replace(/\{@part ([a-z0-9-]+) ((?:[^{}]|\{[^{}]*\})*)\}/g, (_, part: string, said: string) =>
    without.includes(part) ? '' : said,
  )

/** What `/init` knows of its parameters: those of a part that is left out are refused by name, choices too. */
export function parametersWithout(parameters: Parameter[], without: readonly PartName[]): Parameter[] {
  return parameters.map(parameter => {
    const { parts, choices, choiceParts, defaults, description } = parameter
    const otherChoices = choiceParts.filter(each => without.includes(each.part))
    const isThere = (choice: string): boolean => !otherChoices.some(other => other.choice === choice)
    return {
      ...parameter,
      choices: choices.filter(isThere),
      otherChoices,
      // The first that this image can do.
      defaultValue: defaults.find(isThere) ?? '',
      description: textWithout(description, without),
      isLeftOut: parts.length > 0 && parts.every(part => without.includes(part)),
    }
  })
}

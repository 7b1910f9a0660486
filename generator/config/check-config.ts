import { isAbsolute, resolve } from 'node:path'
import { closest } from 'fastest-levenshtein'
import { CommandError } from '../host/console/command-error.ts'
import { isJsonObject } from '../host/files/json-object.ts'
import { splitAddition } from '../image/additions/addition.ts'
import { compressionMethods } from '../image/compression/method.ts'
import type { BuildConfig } from './build-config.ts'
import { partFault } from './part-names.ts'

/** A kind of value: what it is called, whether a value is one, and what its relative paths become. */
interface Kind {
  called: string
  is(value: unknown): boolean
  /** What is wrong with a value of this kind, if anything. */
  fault?(value: unknown): string | undefined
  from?(value: never, folder: string): unknown
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
const isList = (value: unknown): boolean => Array.isArray(value) && value.every(isText)
const text: Kind = { called: 'a string', is: isText }
const path: Kind = { ...text, from: (value: string, folder) => resolve(folder, value) }
const list: Kind = { called: 'a list of strings', is: isList }
const paths: Kind = { ...list, from: (files: string[], folder) => files.map(file => resolve(folder, file)) }

const count: Kind = {
  called: 'a whole number',
  is: value => Number.isInteger(value) && Number(value) >= 0 && Number(value) < 1e9,
}
const yesOrNo: Kind = { called: 'true or false', is: value => typeof value === 'boolean' }
const isAddress = (value: unknown): boolean =>
  typeof value === 'string' && /^(https?|ftp|file):\/\/\S+$/.test(value)

/** `SRC:DEST` with SRC made absolute; a relative SRC alone keeps the place in the image that it stands for. */
function addition(text: string, folder: string): string {
  const { source, destination } = splitAddition(text)
  if (isAbsolute(source)) return text
  return `${resolve(folder, source)}:${destination ?? `/${source}`}`
}

const stageKeys = new Set(['file', 'after'])
const isStage = (value: unknown): boolean =>
  isJsonObject(value) &&
  Object.keys(value).every(key => stageKeys.has(key)) &&
  [...stageKeys].every(key => isText(value[key]))

const kinds: Record<keyof BuildConfig, Kind> = {
  output: path,
  kernel: text,
  kernelRoot: path,
  kernelVersion: text,
  modules: list,
  hardware: paths,
  firmware: path,
  stages: {
    called: "a list of { file: 'FILE.ts', after: 'STAGE' }",
    is: value => Array.isArray(value) && value.every(isStage),
    from: (stages: { file: string; after: string }[], folder) =>
      stages.map(({ file, after }) => ({ file: resolve(folder, file), after })),
  },
  parts: {
    called: 'parts of the boot that are in or not, like { bittorrent: false }',
    is: value => isJsonObject(value) && Object.values(value).every(each => typeof each === 'boolean'),
    fault: value =>
      Object.keys(value as object)
        .map(partFault)
        .find(each => each !== undefined),
  },
  add: { ...list, from: (texts: string[], folder) => texts.map(one => addition(one, folder)) },
  ca: paths,
  trust: paths,
  signatures: count,
  minSerial: count,
  replace: yesOrNo,
  compress: {
    called: `one of ${compressionMethods.join(', ')}`,
    is: value => compressionMethods.some(method => method === value),
  },
  sources: path,
  mirror: { called: 'a list of addresses', is: value => Array.isArray(value) && value.every(isAddress) },
  securityMirror: { called: 'an address', is: isAddress },
  snapshot: { called: 'an address', is: isAddress },
  locked: yesOrNo,
  offline: yesOrNo,
}

/** A configuration that may be used, its paths absolute; `file` is where it came from. @throws CommandError */
export function checkConfig(value: unknown, file: string, folder: string): BuildConfig {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CommandError(
      `${file} exports no configuration`,
      "import { defineConfig } from 'aria2-initrd/config' and export default defineConfig({ … })",
    )
  }
  const config: Record<string, unknown> = {}
  for (const [key, given] of Object.entries(value)) {
    if (given === undefined) continue
    if (!Object.hasOwn(kinds, key)) {
      const known = Object.keys(kinds)
      throw new CommandError(
        `${file}: unknown key '${key}'`,
        `did you mean '${closest(key, known)}'? The keys are ${known.join(', ')}`,
      )
    }
    const kind = kinds[key as keyof BuildConfig]
    if (!kind.is(given)) {
      throw new CommandError(`${file}: '${key}' must be ${kind.called}`, `correct '${key}' there`)
    }
    const fault = kind.fault?.(given)
    if (fault !== undefined) throw new CommandError(`${file}: '${key}': ${fault}`, `correct '${key}' there`)
    config[key] = kind.from === undefined ? given : kind.from(given as never, folder)
  }
  return config
}

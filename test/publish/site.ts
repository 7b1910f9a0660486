/** What the tests of publish have around them: small files of each kind, a first stage, and a call of publish. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silent } from '../../generator/host/console/progress.ts'
import { type Published, publish } from '../../generator/publish/publish-files.ts'
import type { PublishOptions } from '../../generator/publish/publish-options.ts'
import { initrd, kernel, sha256 } from '../support/payload.ts'

export interface PublishSite {
  /** Where files to publish are written. */
  source: string
  /** The web server's folder. */
  served: string
  /** Writes a file and says where; it looks an hour old, so that it is not taken for one that is still written. */
  write(name: string, content: string | Buffer): string
  publish(files: string[], options?: Partial<PublishOptions>, signal?: AbortSignal): Promise<Published>
  /** All that is served by names that stay, by path; the record of digests is not. Of long files the digest. */
  contents(): Record<string, string>
  /** What NAME.current leads to. */
  generation(name?: string): string
  /** A text without the mark of the generation. */
  unmarked(text: string): string
}

export const baseUrl = 'http://10.0.0.1/boot'
export const tracker = 'http://10.0.0.1:6969/announce'

/** Bytes that do not repeat, the same for the same seed. */
export function noise(size: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(size)
  let state = seed * 2654435761 + 1
  for (let at = 0; at < size; at += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    bytes[at] = state >>> 24
  }
  return bytes
}

export const kernelLike = (size: number, seed = 1): Buffer =>
  Buffer.concat([Buffer.from(kernel, 'latin1'), noise(size - kernel.length, seed)])

export const initrdLike = (size: number, seed = 2): Buffer =>
  Buffer.concat([Buffer.from(initrd, 'latin1'), noise(size - initrd.length, seed)])

const shown = (text: string): string => (text.length < 3000 ? text : `sha256 ${sha256(text)}`)

const mark = /-[\da-f]{12}(?![\da-f])/g
const ofGeneration = /^\/[^/]*-[\da-f]{12}(\/|\.torrent$)/

/** A folder of its own for each test file, removed at its end. */
export function publishSite(folder = mkdtempSync(join(tmpdir(), 'aria2-initrd-publish-test-'))): PublishSite {
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const [source, served, stageOne] = ['source', 'served', 'stage-one'].map(name => join(folder, name)) as [
    string,
    string,
    string,
  ]
  for (const each of [source, stageOne]) mkdirSync(each, { recursive: true })
  writeFileSync(join(stageOne, 'vmlinuz'), 'the first kernel')
  writeFileSync(join(stageOne, 'initrd.img'), 'the first initrd')
  const hourAgo = Date.now() / 1000 - 3600
  return {
    source,
    served,
    write(name, content) {
      const path = join(source, name)
      writeFileSync(path, content)
      utimesSync(path, hourAgo, hourAgo)
      return path
    },
    publish: (files, options = {}, signal = new AbortController().signal) =>
      publish(
        { files, outputDir: served, baseUrl, name: 'node', trackers: [tracker], stageOne, ...options },
        silent,
        signal,
      ),
    contents() {
      const names = readdirSync(served, { recursive: true, withFileTypes: true })
        .filter(entry => !entry.name.endsWith('.digests.json'))
        .map(entry => join(entry.parentPath, entry.name))
        .filter(path => statSync(path, { throwIfNoEntry: false })?.isFile() === true)
        .filter(path => !ofGeneration.test(path.slice(served.length)))
        .sort()
      return Object.fromEntries(
        names.map(path => [path.slice(served.length + 1), shown(readFileSync(path, 'latin1'))]),
      )
    },
    generation: (name = 'node') => readlinkSync(join(served, `${name}.current`)),
    unmarked: text => text.replaceAll(mark, ''),
  }
}

/**
 * The binary that the npm package `shellcheck` fetches, an optional dependency: kept in the cache, where it got only
 * with the digest that is written down here. The network is asked once a week, for three seconds at the most.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { cacheFolder } from '../../host/files/cache-folder.ts'
import { makeFolder } from '../../host/files/whole-file.ts'
import { runFilter } from '../../host/processes/run-command.ts'

export const release = 'v0.11.0'

/** The sha256 of the project's own archives. */
const archiveDigests: Record<string, string> = {
  'linux x64': '8c3be12b05d5c177a04c29e3c78ce89ac86f1595681cab149b65b97c4e227198',
  'linux arm64': '12b331c1d2db6b9eb13cfca64306b1b157a86eb69db83023e261eaa7e7c14588',
}

const fetchLimit = 3_000
const askAgainAfter = 7 * 24 * 3600 * 1000

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
const folder = (): string => join(cacheFolder(), 'shellcheck')
const failureNote = (): string => join(folder(), 'not-fetched')

/** The binary in the cache; its name holds its digest, so that a damaged one is known. */
export function fetchedBinary(): string | undefined {
  try {
    const prefix = `shellcheck-${release}-`
    const name = readdirSync(folder()).find(each => each.startsWith(prefix))
    const path = name === undefined ? undefined : join(folder(), name)
    return path !== undefined && name === prefix + sha256(readFileSync(path)) ? path : undefined
  } catch {
    return undefined
  }
}

/** Whether the network may be asked: the package is there, and it did not fail within the last week. */
function mayFetch(): boolean {
  if (process.env.npm_config_offline === 'true') return false
  if (archiveDigests[`${process.platform} ${process.arch}`] === undefined) return false
  const age = Date.now() - (statSync(failureNote(), { throwIfNoEntry: false })?.mtimeMs ?? 0)
  return age > askAgainAfter
}

/** Runs the package in a process of its own, which can be ended: it waits as long as a server lets it. */
function download(module: string, archive: string): Promise<boolean> {
  const program = `
    const { buildURL, requestDownload } = await import(process.argv[1])
    await requestDownload({ url: await buildURL({ release: process.argv[2] }), destination: process.argv[3] })`
  const words = ['--input-type=module', '-e', program, pathToFileURL(module).href, release, archive]
  return new Promise(resolve => {
    const child = spawn(process.execPath, words, {
      stdio: 'ignore',
      timeout: fetchLimit,
      killSignal: 'SIGKILL',
    })
    child.on('error', () => resolve(false))
    child.on('close', status => resolve(status === 0))
  })
}

/** Takes the program out of an archive whose digest is right. */
export async function takeBinary(archive: Buffer, wanted: string): Promise<string | undefined> {
  if (sha256(archive) !== wanted) return undefined
  const { unxzAsync } = await import('node-liblzma')
  const tar = await unxzAsync(archive)
  const words = ['-xOf', '-', `shellcheck-${release}/shellcheck`]
  const { status, content } = await runFilter('tar', words, tar)
  if (status !== 0 || content.length === 0) return undefined
  const path = join(folder(), `shellcheck-${release}-${sha256(content)}`)
  const fresh = `${path}.${process.pid}.tmp`
  writeFileSync(fresh, content)
  chmodSync(fresh, 0o755)
  renameSync(fresh, path)
  return path
}

/** Fetches the binary where that is quickly done; undefined where it is not, and then not again for a week. */
export async function fetchBinary(): Promise<string | undefined> {
  let work: string | undefined
  try {
    if (!mayFetch()) return undefined
    const module = createRequire(import.meta.url).resolve('shellcheck')
    makeFolder(folder())
    // First: whatever goes wrong now is not tried again soon.
    writeFileSync(
      failureNote(),
      'ShellCheck’s binary could not be fetched; remove this file to try again at once\n',
    )
    work = mkdtempSync(join(folder(), 'fetch-'))
    const archive = join(work, 'archive')
    if (!(await download(module, archive))) return undefined
    const wanted = archiveDigests[`${process.platform} ${process.arch}`] ?? ''
    const path = await takeBinary(readFileSync(archive), wanted)
    if (path !== undefined) rmSync(failureNote(), { force: true })
    return path
  } catch {
    return undefined
  } finally {
    if (work !== undefined) rmSync(work, { recursive: true, force: true })
  }
}

/** The package as npm makes it, and sites that install it from the npm registry as the machine has it configured. */
import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { findProgram } from '../../generator/host/debian/host-packages.ts'
import { root } from '../support/root.ts'

/** Removed at the end. Other users may enter it. */
export const scratch = mkdtempSync(join(tmpdir(), 'package '))
chmodSync(scratch, 0o755)
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))

export interface Packed {
  /** The .tgz file. */
  file: string
  /** Paths in it. */
  paths: string[]
}

/** `npm run pack` in the checkout, into a new folder. */
export function pack(name: string): Packed {
  const folder = join(scratch, name)
  mkdirSync(folder)
  const { status, stdout, stderr } = spawnSync(
    'npm',
    ['run', '-s', 'pack', '--', '--json', '--pack-destination', folder],
    {
      cwd: root,
      encoding: 'utf8',
    },
  )
  if (status !== 0) throw new Error(stderr)
  const [only] = JSON.parse(stdout) as {
    filename: string
    files: { path: string }[]
  }[]
  if (only === undefined) throw new Error(stdout)
  return { file: join(folder, only.filename), paths: only.files.map(({ path }) => path).sort() }
}

const tools = ['node', 'npm', 'sh', 'env', 'id', 'uname']

/** What compiles or downloads; each stand-in notes that it was called, and fails. */
const forbidden = [
  'cc',
  'c++',
  'gcc',
  'g++',
  'clang',
  'make',
  'cmake',
  'python',
  'python3',
  'curl',
  'wget',
  'git',
]

/** A PATH with what npm needs and with traps; what was trapped is in the file. */
function trappedPath(folder: string): { path: string; called: string } {
  const [bin, called] = [join(folder, 'bin'), join(folder, 'called')]
  mkdirSync(bin)
  for (const name of tools) symlinkSync(findProgram(name) ?? '', join(bin, name))
  writeFileSync(called, '')
  chmodSync(called, 0o666)
  for (const name of forbidden) {
    writeFileSync(join(bin, name), `#!/bin/sh\nprintf '%s\\n' "${name} $*" >>'${called}'\nexit 1\n`, {
      mode: 0o755,
    })
  }
  return { path: bin, called }
}

export interface Site {
  folder: string
  /** The package's folder in it. */
  package: string
  /** What its installation called of what compiles or downloads. */
  called: string
  /** Runs the program that npm put there, as the user who installed it. */
  run(
    words: string[],
    environment?: NodeJS.ProcessEnv,
  ): { status: number | null; stdout: string; stderr: string }
}

/**
 * `npm install FILE` in an empty folder, by a user whose home is as empty.
 *
 * @param after another site, whose packages need not come over the network once more
 */
export async function install(
  name: string,
  { file }: Packed,
  flags: string[],
  uid = 0,
  after?: Site,
): Promise<Site> {
  const around = join(scratch, name)
  const [folder, home] = [join(around, 'a site'), join(around, 'home')]
  for (const each of [around, folder, home]) {
    mkdirSync(each)
    chownSync(each, uid, uid)
  }
  if (after !== undefined) {
    cpSync(join(after.folder, '../home/.npm'), join(home, '.npm'), { recursive: true })
    spawnSync('chown', ['-R', `${uid}:${uid}`, join(home, '.npm')])
  }
  const { path, called } = trappedPath(around)
  const registry = spawnSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).stdout.trim()
  const identity = uid === 0 ? {} : { uid, gid: uid }
  const environment = {
    HOME: home,
    LANG: 'C.UTF-8',
    npm_config_registry: registry,
    npm_config_audit: 'false',
  }
  const child = spawn('npm', ['install', ...flags, file], {
    ...identity,
    cwd: folder,
    env: { ...environment, PATH: path },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', piece => {
      output += piece
    })
  }
  const status = await new Promise(resolve => child.on('close', resolve))
  if (status !== 0) throw new Error(`npm install ended with ${status}:\n${output}`)
  return {
    folder,
    package: join(folder, 'node_modules/aria2-initrd'),
    called: readFileSync(called, 'utf8'),
    run(words, more = {}) {
      const env = { ...environment, PATH: `${path}${delimiter}${process.env.PATH}`, ...more }
      const program = join(folder, 'node_modules/.bin/aria2-initrd')
      return spawnSync(program, words, {
        ...identity,
        cwd: folder,
        encoding: 'utf8',
        env,
        maxBuffer: 64 << 20,
      })
    },
  }
}

/** A user with subordinate ids, whom nobody but a mount namespace of the tests' knows: engines run without root as that one. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { root } from '../support/root.ts'
import { locked } from './engine.ts'

export const uid = 61_234
export const base = 'debian:trixie-slim'

/** A stage of the Dockerfile that is made by the machine's own engine: what it takes from Debian and npm is a third of the time. */
export const given = 'installed'

/** Bound over the machine's own for the time of a command. */
const accounts = {
  '/etc/passwd': (folder: string) => `rootless:x:${uid}:${uid}::${folder}/home:/bin/sh\n`,
  '/etc/group': () => `rootless:x:${uid}:\n`,
  '/etc/subuid': () => 'rootless:700000:65536\n',
  '/etc/subgid': () => 'rootless:700000:65536\n',
}

/** What a command left. */
export interface Ended {
  status: number | null
  stdout: string
  stderr: string
}

export class RootlessUser {
  /** Of the user's: home, images, and what tests put there. Not in /tmp, which may be in memory. */
  readonly folder = mkdtempSync('/var/tmp/rootless-')

  constructor() {
    chmodSync(this.folder, 0o755)
    for (const name of ['home', 'run']) chmodSync(this.give(name), 0o700)
    for (const [path, line] of Object.entries(accounts)) {
      const before = existsSync(path) ? readFileSync(path, 'utf8') : ''
      writeFileSync(join(this.folder, path.slice('/etc/'.length)), `${before}${line(this.folder)}`)
    }
    // A machine's own may be for root alone; slirp4netns opens it as the user.
    spawnSync('mknod', ['-m', '666', join(this.folder, 'tun'), 'c', '10', '200'])
  }

  /** A new folder of the user's. */
  give(name: string): string {
    const path = join(this.folder, name)
    mkdirSync(path)
    chownSync(path, uid, uid)
    return path
  }

  /** `unshare` and what it follows to run a command as the user. */
  #words(words: string[]): string[] {
    const binds = Object.keys(accounts).map(
      path =>
        `[ -e ${path} ] || : >${path}; mount --bind '${this.folder}/${path.slice('/etc/'.length)}' ${path}`,
    )
    const tun = `[ ! -e /dev/net/tun ] || mount --bind '${this.folder}/tun' /dev/net/tun`
    const enter = ['set -e', ...binds, tun, `cd '${this.folder}/home'`, 'exec setpriv "$@"'].join('\n')
    const identity = [`--reuid=${uid}`, `--regid=${uid}`, '--init-groups', '--', 'env', '-i']
    const given = [
      `PATH=${process.env.PATH}`,
      `HOME=${this.folder}/home`,
      `XDG_RUNTIME_DIR=${this.folder}/run`,
      'USER=rootless',
    ]
    return ['--mount', 'sh', '-c', enter, 'sh', ...identity, ...given, ...words]
  }

  run(words: string[]): Ended {
    const { status, stdout, stderr } = spawnSync('unshare', this.#words(words), {
      encoding: 'utf8',
      maxBuffer: 64 << 20,
    })
    return { status, stdout, stderr }
  }

  /** Starts a daemon; the caller ends it. @param log the descriptor of a file for its output */
  start(words: string[], log: number): ChildProcess {
    return spawn('unshare', this.#words(words), { stdio: ['ignore', log, log] })
  }

  /**
   * A copy of the checkout's files that the user can read, and this machine's cache of programs but for the CA certificates,
   * which the container is to make itself, in a build root as of a machine that has nothing.
   * @param cache the folder for it
   */
  copies(cache: string): string {
    const checkout = join(this.folder, 'checkout')
    mkdirSync(checkout)
    const { stdout } = spawnSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
    for (const file of stdout.split('\0').filter(Boolean)) cpSync(join(root, file), join(checkout, file))
    const machine = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'aria2-initrd/binaries')
    const binaries = join(this.folder, cache, 'binaries')
    for (const name of ['sources', 'build-root', 'results']) {
      cpSync(join(machine, name), join(binaries, name), {
        recursive: true,
        filter: path => !/\/(ca-bundle-[0-9a-f]+|build-root\/[^/]+\.tar.*)$/.test(path),
      })
    }
    const dockerfile = join(checkout, 'Dockerfile')
    const text = readFileSync(dockerfile, 'utf8')
    const [before = '', after = ''] = text.split(new RegExp(`^FROM node AS ${given}\\n[^]*?^(?=FROM )`, 'm'))
    assert.match(after, `FROM ${given} AS fetched`)
    writeFileSync(dockerfile, `${before}${after}`)
    spawnSync('chown', ['-R', `${uid}:${uid}`, join(this.folder, cache)])
    spawnSync('chmod', ['-R', 'a+rX', checkout])
    return checkout
  }

  /** Brings the base and the given stage there from the machine's own engine. @returns the archive, or undefined without them */
  saveImages(): string | undefined {
    const tar = join(this.folder, 'images.tar')
    const words = ['build', ...locked, '--target', given, '-t', given, root]
    if (spawnSync('docker', words, { stdio: 'ignore' }).status !== 0) return undefined
    const saved = spawnSync('docker', ['save', '-o', tar, base, given])
    spawnSync('docker', ['rmi', given])
    if (saved.status !== 0) return undefined
    chmodSync(tar, 0o644)
    return tar
  }

  remove(): void {
    // An engine that is ending may still be writing there.
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

export const lastLine = ({ stderr }: Ended): string => stderr.trim().split('\n').at(-1) ?? ''

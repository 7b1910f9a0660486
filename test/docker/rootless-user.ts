/** Podman without root: called by a user with subordinate ids, whom nobody but a mount namespace of the tests' knows. */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { findProgram } from '../../generator/host/debian/host-packages.ts'

const uid = 61_234
const base = 'debian:trixie-slim'

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

export class Rootless {
  /** Of the user's: home, images, and what tests put there. Not in /tmp, which may be in memory. */
  readonly folder = mkdtempSync('/var/tmp/rootless-')
  #runtime = ''

  constructor() {
    chmodSync(this.folder, 0o755)
    for (const name of ['home', 'run']) this.give(name)
    for (const [path, line] of Object.entries(accounts)) {
      const before = existsSync(path) ? readFileSync(path, 'utf8') : ''
      writeFileSync(join(this.folder, path.slice('/etc/'.length)), `${before}${line(this.folder)}`)
    }
  }

  /** A new folder of the user's. */
  give(name: string): string {
    const path = join(this.folder, name)
    mkdirSync(path)
    chownSync(path, uid, uid)
    return path
  }

  podman(...words: string[]): Ended {
    // vfs, which Podman falls back to, copies all of an image for each layer.
    const storage = ['--storage-driver', 'overlay']
    return this.#asUser([
      'podman',
      '--cgroup-manager',
      'cgroupfs',
      ...storage,
      ...this.#runtimeFlag(),
      ...words,
    ])
  }

  #runtimeFlag = () => (this.#runtime === '' ? [] : ['--runtime', this.#runtime])

  #asUser(words: string[]): Ended {
    const binds = Object.keys(accounts).map(
      path =>
        `[ -e ${path} ] || : >${path}; mount --bind '${this.folder}/${path.slice('/etc/'.length)}' ${path}`,
    )
    const enter = ['set -e', ...binds, `cd '${this.folder}/home'`, 'exec setpriv "$@"'].join('\n')
    const identity = [`--reuid=${uid}`, `--regid=${uid}`, '--init-groups', '--', 'env', '-i']
    const given = [
      `PATH=${process.env.PATH}`,
      `HOME=${this.folder}/home`,
      `XDG_RUNTIME_DIR=${this.folder}/run`,
      'USER=rootless',
    ]
    const { status, stdout, stderr } = spawnSync(
      'unshare',
      ['--mount', 'sh', '-c', enter, 'sh', ...identity, ...given, ...words],
      { encoding: 'utf8', maxBuffer: 64 << 20 },
    )
    return { status, stdout, stderr }
  }

  /** Brings the base image in from Docker, and finds a runtime that works here. @returns why there is none */
  prepare(): string | undefined {
    const tar = join(this.folder, 'base.tar')
    if (spawnSync('docker', ['save', '-o', tar, base]).status !== 0) return `Docker's image ${base}`
    chmodSync(tar, 0o644)
    const loaded = this.podman('load', '-i', tar)
    rmSync(tar)
    if (loaded.status !== 0) return lastLine(loaded)
    const reasons: string[] = []
    for (const runtime of ['crun', 'runc'].filter(name => findProgram(name) !== undefined)) {
      this.#runtime = runtime
      const tried = this.podman('run', '--rm', '--network', 'host', base, 'sh', '-c', 'exit 7')
      if (tried.status === 7) return undefined
      reasons.push(lastLine(tried))
    }
    return `a container runtime that works here (${reasons.join('; ')})`
  }

  remove(): void {
    // Files of subordinate ids are the user's own only in the user's namespace.
    this.#asUser([
      'podman',
      '--storage-driver',
      'overlay',
      'unshare',
      'rm',
      '-rf',
      join(this.folder, 'home'),
      join(this.folder, 'run'),
    ])
    rmSync(this.folder, { recursive: true, force: true })
  }
}

const lastLine = ({ stderr }: Ended): string => stderr.trim().split('\n').at(-1) ?? ''

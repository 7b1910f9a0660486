/** Podman without root. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from '../../generator/host/debian/host-packages.ts'
import { base, type Ended, given, lastLine, RootlessUser } from './rootless-user.ts'

export class RootlessPodman extends RootlessUser {
  #runtime = ''

  podman(...words: string[]): Ended {
    // vfs, which Podman falls back to, copies all of an image for each layer.
    const storage = ['--storage-driver', 'overlay']
    const runtime = this.#runtime === '' ? [] : ['--runtime', this.#runtime]
    return this.run(['podman', '--cgroup-manager', 'cgroupfs', ...storage, ...runtime, ...words])
  }

  /** Brings the images in from Docker, and finds a runtime that works here. @returns why there is none */
  prepare(): string | undefined {
    const tar = this.saveImages()
    if (tar === undefined) return `Docker's images ${base} and ${given}`
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

  override remove(): void {
    // What is mounted there goes with the user's namespace, and so do files of subordinate ids.
    const folders = ['home', 'run'].map(name => join(this.folder, name))
    this.run(['podman', '--storage-driver', 'overlay', 'unshare', 'rm', '-rf', ...folders])
    super.remove()
  }
}

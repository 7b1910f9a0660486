/** Docker's engine without root: Debian's own, by the script that docker.io brings, with slirp4netns for a network. */
import type { ChildProcess } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from '../../generator/host/debian/host-packages.ts'
import { endTree } from '../../generator/host/processes/process-tree.ts'
import { base, type Ended, given, lastLine, RootlessUser } from './rootless-user.ts'

const script = '/usr/share/docker.io/contrib/dockerd-rootless.sh'

export class RootlessDocker extends RootlessUser {
  #engine: ChildProcess | undefined

  /** Docker's client, called by the user. */
  docker(...words: string[]): Ended {
    return this.run(['docker', '--host', `unix://${this.folder}/run/docker.sock`, ...words])
  }

  /** Starts the engine and brings the images in. @returns why it does not work here */
  async prepare(): Promise<string | undefined> {
    const starter = findProgram('dockerd-rootless.sh') ?? script
    if (!existsSync(starter)) return `dockerd-rootless.sh (apt-get install docker.io)`
    const tar = this.saveImages()
    if (tar === undefined) return `Docker's images ${base} and ${given}`
    const log = join(this.folder, 'dockerd.log')
    const output = openSync(log, 'w')
    this.#engine = this.start(['sh', starter, '--data-root', join(this.folder, 'home/data')], output)
    closeSync(output)
    for (let tries = 0; tries < 120 && this.docker('info').status !== 0; tries += 1) {
      if (this.#engine.exitCode !== null) break
      await new Promise(resolve => setTimeout(resolve, 500))
    }
    const loaded = this.docker('load', '-i', tar)
    rmSync(tar)
    if (loaded.status === 0) {
      const tried = this.docker('run', '--rm', '--network', 'host', base, 'sh', '-c', 'exit 7')
      return tried.status === 7 ? undefined : `Docker without root (${lastLine(tried)})`
    }
    const said = readFileSync(log, 'utf8').trim().split('\n').at(-1) ?? ''
    return `Docker without root (${lastLine(loaded)}; ${said})`
  }

  async end(): Promise<void> {
    const engine = this.#engine
    if (engine?.pid !== undefined && engine.exitCode === null) {
      const ended = new Promise(resolve => engine.on('exit', resolve))
      endTree(engine.pid)
      await ended
    }
    this.remove()
  }
}

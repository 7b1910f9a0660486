/**
 * Files of 4 GiB and more: through `publish`, `serve` and a swarm of four nodes on the loopback, unshaped, with the most memory that each
 * process had. The nodes' folders lie on disk: in memory, as at a boot, they would need all of it. SIZES_GIB=4 makes only that one.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { freePort } from '../../generator/serve/free-port.ts'
import { optionsFor } from '../hostile/aria2c-run.ts'
import { sha256Of, writePayload } from '../lab/payload.ts'
import { startServe } from '../serve/serve-command.ts'
import { memoryOf, watchMemory } from '../support/process-memory.ts'
import type { Bench } from './own-image.ts'
import { seconds } from './table.ts'

const cli = fileURLToPath(new URL('../../generator/commands/bin.mjs', import.meta.url))
const nodes = 4

interface Ended {
  milliseconds: number
  /** KiB. */
  memory: number
  output: string
}

/** Waits for a process's end, and looks at its memory until then. */
async function watched(child: ChildProcess, name: string): Promise<Ended> {
  const begin = performance.now()
  const memory = watchMemory(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', piece => {
      output += piece
    })
  const status = await new Promise<number | null>(resolve => child.on('close', resolve))
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${output.slice(-2000)}`)
  return { milliseconds: performance.now() - begin, memory: memory(), output }
}

/** aria2c's words in a boot, for a folder and a network of this machine. */
const nodeWords = (url: string, folder: string, port: number): string[] => [
  ...optionsFor(`url=${url}`),
  ...[`--dir=${folder}`, `--listen-port=${port}`, '--bt-enable-lpd=false', url],
]

const mebibytes = (kib: number): string => `${Math.round(kib / 1024)} MiB`

async function rowsOf(gibibytes: number, { folder, progress }: Bench): Promise<string[][]> {
  const { aria2c } = await provideBinaries(progress)
  const work = join(folder, `large-${gibibytes}`)
  mkdirSync(work)
  const size = Math.round(gibibytes * 2 ** 30)
  const file = join(work, 'root.img')
  await writePayload(file, size)
  const wanted = await sha256Of(file)
  const site = join(work, 'site')
  const [port, trackerPort] = [(await freePort('127.0.0.1')) ?? 0, (await freePort('127.0.0.1')) ?? 0]
  const base = `http://127.0.0.1:${port}`
  const tracker = `http://127.0.0.1:${trackerPort}/announce`
  const places = ['--base-url', base, '--tracker', tracker, '-o', site, '--name', 'large', '--no-stage-one']
  const published = await watched(spawn(process.execPath, [cli, 'publish', file, ...places]), 'publish')
  rmSync(file)
  const torrent = readdirSync(site).find(name => /^large-.*\.torrent$/.test(name)) ?? 'large.torrent'
  const begin = performance.now()
  const serve = await startServe(site, '--port', `${port}`, '--tracker-port', `${trackerPort}`)
  await serve.says(`${torrent}: complete, and given out`)
  const checked = performance.now() - begin
  const running: ChildProcess[] = []
  try {
    const ended = await Promise.all(
      Array.from({ length: nodes }, async (_, index) => {
        const own = join(work, `node-${index}`)
        mkdirSync(own)
        const words = nodeWords(`${base}/${torrent}`, own, (await freePort('127.0.0.1')) ?? 0)
        const child = spawn(aria2c.path, words, { stdio: ['ignore', 'pipe', 'pipe'] })
        running.push(child)
        return watched(child, `node ${index + 1}`)
      }),
    )
    for (let index = 0; index < nodes; index += 1) {
      const own = join(work, `node-${index}`)
      const name = readdirSync(own, { recursive: true, encoding: 'utf8' }).find(each =>
        statSync(join(own, each)).isFile(),
      )
      const got = join(own, name ?? 'root.img')
      if (statSync(got).size !== size || (await sha256Of(got)) !== wanted)
        throw new Error(`${got} is another file`)
    }
    const [seeder = 0] = serve.children()
    const lines = ended.flatMap(({ output }) => output.match(/^aria2-initrd: download:.*%.*$/gm) ?? [])
    return [
      [`${gibibytes} GiB: publish`, seconds(published.milliseconds), mebibytes(published.memory)],
      ['  serve, until all is compared', seconds(checked), mebibytes(memoryOf(serve.child.pid ?? 0))],
      ['  its seeder', '', mebibytes(memoryOf(seeder))],
      ...ended.map((each, index) => [
        `  node ${index + 1}`,
        seconds(each.milliseconds),
        mebibytes(each.memory),
      ]),
      [`  its progress, at last: ${lines.at(-1) ?? 'none'}`, '', ''],
    ]
  } finally {
    for (const child of running) child.kill('SIGKILL')
    await serve.stop()
    rmSync(work, { recursive: true, force: true })
  }
}

/** A size after the other. */
export async function largeRows(bench: Bench): Promise<string[][]> {
  const rows = [['', 'seconds', 'most memory']]
  for (const size of (process.env.SIZES_GIB ?? '4,8').split(','))
    rows.push(...(await rowsOf(Number(size), bench)))
  return rows
}

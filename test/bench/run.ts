// `npm run bench`: sizes and times of what this checkout makes, on this machine, printed as a table.
// Times are the median of RUNS (default 3) and mean little on a busy machine: the load is printed beside them.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generateInit } from '../../generator/compiler/generate.ts'
import { buildImage } from '../../generator/image/build-image.ts'
import { defaultModules } from '../../generator/image/modules/selection.ts'
import { readableSize, terminalProgress } from '../../generator/progress.ts'
import { startMachine } from '../../generator/qemu/machine.ts'
import { provideQemu } from '../../generator/qemu/qemu.ts'
import { startOrigin } from '../../generator/serve/origin.ts'

const runs = Number(process.env.RUNS ?? 3)
const cli = fileURLToPath(new URL('../../generator/bin.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'aria2-initrd-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

const median = (values: number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`

function timeCli(...words: string[]): number {
  const start = performance.now()
  const { status, stderr } = spawnSync(process.execPath, [cli, ...words], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${words.join(' ')}: ${stderr}`)
  return performance.now() - start
}

/** Milliseconds from the kernel's start of /init, and from power-on, to the first byte that the server is asked for. */
async function timeToFirstRequest(kernel: string, initrd: string): Promise<{ init: number; power: number }> {
  let asked = 0
  const origin = await startOrigin({ folder })
  const { port } = new URL(origin.url)
  const powerOn = performance.now()
  const machine = await startMachine({
    kernel,
    initrd,
    append: `kernel_url=http://10.0.2.2:${port}/absent retries=1 on_failure=poweroff failure_delay=0`,
  })
  try {
    await machine.waitFor('Run /init as init process')
    const init = performance.now()
    while (asked === 0) {
      if (origin.requests.length > 0) asked = performance.now()
      else await new Promise(resolve => setTimeout(resolve, 5))
    }
    return { init: asked - init, power: asked - powerOn }
  } finally {
    await machine.stop()
    await origin.close()
  }
}

const progress = terminalProgress()
await provideQemu(progress)
const rows: [string, string, string][] = []

const init = await generateInit()
rows.push(['/init', `${init.split('\n').length - 1} lines`, ''])
const generateTimes = Array.from({ length: runs }, () => timeCli('generate', '-o', join(folder, 'init')))
rows.push(['generate', seconds(median(generateTimes)), '3 s'])

for (const kernel of ['linux-image-amd64', 'linux-image-cloud-amd64']) {
  const outputDir = join(folder, kernel)
  const report = await buildImage(
    { init, outputDir, kernel: { package: kernel }, modules: defaultModules },
    progress,
  )
  const modules = report.parts.find(({ part }) => part === 'kernel modules')?.compressed ?? 0
  rows.push([`${kernel}: initrd.img`, readableSize(report.initrdSize), ''])
  rows.push([`${kernel}: without modules`, readableSize(report.initrdSize - modules), '2.6 MiB'])
  const builds = Array.from({ length: runs }, () => timeCli('build', '--kernel', kernel, '-o', outputDir))
  rows.push([`${kernel}: build, all cached`, seconds(median(builds)), '15 s'])
  const boots = []
  for (let run = 0; run < runs; run += 1) {
    boots.push(await timeToFirstRequest(join(outputDir, 'vmlinuz'), join(outputDir, 'initrd.img')))
  }
  rows.push([`${kernel}: /init to first request`, seconds(median(boots.map(boot => boot.init))), '2 s'])
  rows.push([`${kernel}: power-on to first request`, seconds(median(boots.map(boot => boot.power))), ''])
}

const width = Math.max(...rows.map(([name]) => name.length))
process.stdout.write(`\n${'what'.padEnd(width)}  ${'measured'.padStart(12)}  budget\n`)
for (const [name, value, budget] of rows)
  process.stdout.write(`${name.padEnd(width)}  ${value.padStart(12)}  ${budget}\n`)
process.stdout.write(`\nmedian of ${runs} runs, load ${loadavg()[0]?.toFixed(1)} on this machine\n`)

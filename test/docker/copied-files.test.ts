// The container's programs are built by a part of the generator, which the Dockerfile copies first.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

const project = fileURLToPath(new URL('../..', import.meta.url))

const entryPoint = 'generator/commands/container-programs.ts'

test('the Dockerfile copies all that the programs are built by, before it builds them', async () => {
  const { metafile } = await build({
    absWorkingDir: project,
    entryPoints: [entryPoint],
    bundle: true,
    write: false,
    outdir: 'out',
    metafile: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'silent',
  })
  const text = readFileSync(`${project}/Dockerfile`, 'utf8').replace(/\\\n/g, ' ')
  const before = text.slice(0, text.indexOf(`tsx ${entryPoint}`))
  const copied = [...before.matchAll(/^COPY (.+) \S+$/gm)].flatMap(([, files = '']) =>
    files.trim().split(/\s+/),
  )
  const read = Object.keys(metafile.inputs)
  assert.ok(read.length > 20)
  const lacking = read.filter(file => !copied.some(each => file === each || file.startsWith(`${each}/`)))
  assert.equal(lacking, [])
})

test.run()

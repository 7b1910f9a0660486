// `build` with a configuration file, a stage of one's own and additions, as a person calls it.
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { loadConfig } from '../../generator/config/load-config.ts'
import { CommandError } from '../../generator/host/console/command-error.ts'
import { madeUpKernel, madeUpModule } from '../image/made-up-kernel.ts'

const bin = fileURLToPath(new URL('../../generator/commands/bin.mjs', import.meta.url))
const kernelRoot = madeUpKernel({ 'kernel/card.ko': madeUpModule() })
// Neither a package.json nor a node_modules is above it; blanks and letters beyond ASCII are in it.
const site = realpathSync(mkdtempSync(join(tmpdir(), 'a site ä-')))

function put(path: string, text: string): string {
  mkdirSync(dirname(join(site, path)), { recursive: true })
  writeFileSync(join(site, path), text)
  return join(site, path)
}

function cli(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...words], {
    encoding: 'utf8',
    cwd: site,
  })
  return { status, stdout, stderr }
}

put(
  'stages/fabric.ts',
  `import { log } from 'aria2-initrd/machine'
/** Says that the fabric is up. */
export function fabricIsUp(): void {
  log('the fabric is up')
}
`,
)
put('files/motd größe', 'welcome\n')

const config = (body: string) => `import { defineConfig } from 'aria2-initrd/config'
import { modules } from './modules.ts'
export default defineConfig({ modules: [...modules satisfies string[]], ${body} })
`
put('modules.ts', "export const modules: string[] = ['card']\n")

test('a file in the current folder gives the options; flags win', () => {
  put(
    'aria2-initrd.config.ts',
    config(`kernelRoot: '${kernelRoot}', output: 'out', compress: 'gzip',
      stages: [{ file: 'stages/fabric.ts', after: 'network' }], add: ['files/motd größe', 'files:/srv']`),
  )
  const made = cli('build', '--compress', 'none')
  assert.is(made.status, 0, made.stderr)
  assert.match(readFileSync(join(site, 'out/init'), 'utf8'), /^fabric_is_up\(\) \{ log .*; \}$/m)
  assert.is(cli('generate').stdout, readFileSync(join(site, 'out/init'), 'utf8'))
  const listed = cli('inspect', 'out/initrd.img', '--tree').stdout
  assert.match(listed, 'motd größe  8 B')
  assert.is(cli('inspect', 'out/initrd.img', '--cat', '/srv/motd größe').stdout, 'welcome\n')
  assert.is(cli('inspect', 'out/initrd.img', '--cat', '/files/motd größe').stdout, 'welcome\n')
  assert.is(JSON.parse(readFileSync(join(site, 'out/manifest.json'), 'utf8')).image.compression, 'none')

  // What differs from the same image with another /init is /init.
  const flags = ['--stage', 'stages/fabric.ts', '--after', 'download', '-o', 'other ü']
  assert.is(cli('build', ...flags).status, 0)
  assert.match(
    cli('inspect', '--diff', 'out/initrd.img', 'other ü/initrd.img').stdout,
    /^~ init {2}.*\n0 removed, 0 added, 1 changed\n$/,
  )
})

test('generate, params and cmdline read of the file what decides on /init: stages, parts, programs that are added', () => {
  put('tools/probe', '#!/bin/sh\n')
  put(
    'stages/probe.ts',
    `import { run } from 'aria2-initrd/machine'
/** Asks the fabric. */
export function askFabric(): void {
  run('probe')
}
`,
  )
  put(
    'aria2-initrd.config.ts',
    config(`kernelRoot: '${kernelRoot}', output: 'out', compress: 'none', parts: { 'rescue-shell': false },
      stages: [{ file: 'stages/probe.ts', after: 'network' }], add: ['tools/probe:/usr/bin/probe']`),
  )
  const { status, stdout, stderr } = cli('generate')
  assert.is(status, 0, stderr)
  assert.match(stdout, /^ask_fabric\(\) \{ probe; \}$/m)
  assert.not.match(stdout, 'rescue_shell')
  assert.is(cli('build').status, 0)
  assert.is(stdout, readFileSync(join(site, 'out/init'), 'utf8'))
  assert.match(cli('generate', '--stage', 'start/command-line').stdout, /^# ---- start\/command-line -+\n/)
  assert.not.match(cli('params').stdout, /^ {2}break\b/m)
  assert.match(cli('params', '--without', 'debug').stdout, /^ {2}break\b/m)
  const { stdout: told } = cli('cmdline', 'url=http://s/k break=network')
  assert.match(told, 'no kernel among them: halt (on_complete)')
  assert.match(told, 'break= is not in this image: built --without rescue-shell')
  // A flag is in the place of its key.
  assert.match(cli('generate', '--add', 'stages').stderr, "the image will hold no program 'probe'")
})

test('a part that is in by choice alone: by --with, or in the file', () => {
  put(
    'plain.config.ts',
    `export default { kernelRoot: '${kernelRoot}', compress: 'none', modules: ['none'] }`,
  )
  put('insecure.config.ts', 'export default { parts: { insecure: true } }')
  const tells = (...words: string[]) => / {2}insecure\b/.test(cli('params', ...words).stdout)
  assert.not.ok(tells())
  assert.ok(tells('--with', 'insecure'))
  assert.ok(tells('--config', 'insecure.config.ts'))
  assert.not.ok(
    tells('--config', 'insecure.config.ts', '--without', 'debug'),
    'a flag is in the place of its key',
  )

  const made = cli('build', '--config', 'plain.config.ts', '--with', 'insecure', '-o', 'insecure')
  assert.is(made.status, 0, made.stderr)
  assert.match(made.stderr, 'warning: built --with insecure')
  assert.match(readFileSync(join(site, 'insecure/init'), 'utf8'), 'check-certificate=false')
  assert.ok(tells('--image', 'insecure'))
  assert.not.match(
    cli('cmdline', '--image', 'insecure', 'url=https://s/k insecure').stdout,
    'not in this image',
  )
  assert.match(cli('cmdline', 'url=https://s/k insecure').stdout, 'insecure is not in this image')

  const both = cli('generate', '--with', 'debug', '--without', 'debug')
  assert.is(both.status, 2)
  assert.match(both.stderr, '--with debug and --without debug\nhelp: give one of the two')
})

test('a program that BusyBox has for the rescue shell alone is not in an image without it', () => {
  put(
    'stages/probe.ts',
    "import { run } from 'aria2-initrd/machine'\nexport function ask(): void {\n  run('vi', 'x')\n}\n",
  )
  const words = ['generate', '--stage', 'stages/probe.ts', '--after', 'network']
  put('aria2-initrd.config.ts', 'export default {}')
  assert.is(cli(...words).status, 0)
  const refused = cli(...words, '--without', 'rescue-shell')
  assert.is(refused.status, 1)
  assert.match(refused.stderr, "the image will hold no program 'vi'")
})

test('a flag for the kernel takes the place of both keys of the file', () => {
  put('kernel.config.ts', `export default { kernelRoot: '/nowhere', kernelVersion: '5' }`)
  const made = cli(
    'build',
    '--config',
    'kernel.config.ts',
    '--kernel-root',
    kernelRoot,
    '--modules',
    'none',
    '-o',
    'k',
  )
  assert.is(made.status, 0, made.stderr)
  assert.ok(existsSync(join(site, 'k/initrd.img')))
})

test('relative paths start at the folder of the file, wherever one stands', async () => {
  put(
    'deep/site.config.ts',
    "export default { output: 'out', add: ['../x:/y', 'a', '/b'], ca: ['ca.pem'], sources: 's' }",
  )
  assert.equal(await loadConfig(join(site, 'deep/site.config.ts')), {
    output: join(site, 'deep/out'),
    add: [`${join(site, 'x')}:/y`, `${join(site, 'deep/a')}:/a`, '/b'],
    ca: [join(site, 'deep/ca.pem')],
    sources: join(site, 'deep/s'),
  })
})

const faults: Record<string, RegExp> = {
  "export default { kernle: 'x' }": /unknown key 'kernle'; did you mean 'kernel'\?/,
  'export default { output: 1 }': /'output' must be a string;/,
  "export default { modules: 'virtual' }": /'modules' must be a list of strings/,
  "export default { compress: 'bzip2' }": /'compress' must be one of xz, zstd, gzip, none/,
  "export default { replace: 'yes' }": /'replace' must be true or false/,
  "export default { stages: [{ file: 'x.ts' }] }": /'stages' must be a list of/,
  'export const config = {}': /exports no configuration; import \{ defineConfig \}/,
  'export default [': /: line 1, column \d+: Unexpected end of file/,
  "import './absent.ts'": /line 1, column 8: Could not resolve "\.\/absent\.ts"/,
  "throw new Error('no such site')": /: no such site/,
}

for (const [text, says] of Object.entries(faults)) {
  test(`a file that is wrong is told: ${text}`, async () => {
    try {
      await loadConfig(put('wrong.config.ts', text))
    } catch (error) {
      assert.instance(error, CommandError, String(error))
      return assert.match(`${(error as Error).message}; ${(error as CommandError).help}`, says)
    }
    assert.unreachable()
  })
}

const wrong: [number, string[], RegExp][] = [
  [1, ['--config', 'absent.ts'], /no such configuration file: absent\.ts/],
  [2, ['--stage', 'stages/fabric.ts'], /--stage FILE\.ts and --after STAGE go together/],
  [2, ['--stage', 'stages/fabric.ts', '--after', 'netwrok'], /there is no such stage/],
  [2, ['--compress', 'lzma'], /argument 'lzma' is invalid/],
  [1, ['--add', 'absent'], /cannot add absent: no such file/],
  [1, ['--ca', 'files/motd größe'], /holds no certificate in PEM/],
  [1, ['--sources', 'files'], /the folder files is not empty/],
]

for (const [status, flags, says] of wrong) {
  test(`exit status ${status}, one clear error, old image untouched: build ${flags.join(' ')}`, () => {
    const image = put('old/initrd.img', 'the old image')
    const failed = cli('build', '--kernel-root', kernelRoot, '--modules', 'card', '-o', 'old', ...flags)
    assert.is(failed.status, status, failed.stderr)
    assert.is(failed.stdout, '')
    assert.match(failed.stderr, says)
    assert.match(failed.stderr, /(^|\n)aria2-initrd: error: .+\nhelp: .+\n$/)
    assert.is(readFileSync(image, 'utf8'), 'the old image')
  })
}

test('inspect compares two images and looks at one', () => {
  const image = put('one', '')
  for (const words of [
    ['--diff', image],
    [image, image],
    ['--diff', '--tree', image, image],
  ]) {
    assert.is(cli('inspect', ...words).status, 2, words.join(' '))
  }
})

test.after(() => {
  for (const folder of [site, kernelRoot]) rmSync(folder, { recursive: true })
})

test.run()

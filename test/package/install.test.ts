// The package, installed as sites do: nothing is compiled, nothing but packages is fetched, and all commands work as
// they do in the checkout.
import { spawn, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { madeUpKernel, madeUpModule } from '../image/made-up-kernel.ts'
import { cli } from '../support/cli.ts'
import { initrd, kernel } from '../support/payload.ts'
import { root } from '../support/root.ts'
import { install, pack, type Site, scratch } from './packed.ts'

const packed = pack('packed')
const nobody = 65534
/** The programs come from this cache where they have been built. */
const cache = { XDG_CACHE_HOME: process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache') }
const user = process.getuid?.() ?? 0

const ways: [string, string[], number][] = [
  ['plain', [], user],
  ['without scripts, as a user', ['--ignore-scripts'], user === 0 ? nobody : user],
]
const sites = new Map<string, Site>()
const init = cli('generate').stdout

test('npm install of the packed file: plain, without scripts, as root and not', async () => {
  let first: Site | undefined
  for (const [way, flags, uid] of ways) {
    const site = await install(way, packed, flags, uid, first)
    assert.is(site.called, '', 'nothing is compiled or downloaded')
    assert.not.ok(existsSync(join(site.folder, 'node_modules/tsx')))
    sites.set(way, site)
    first ??= site
  }
})

/** The package at a site, installed in that way. */
function siteOf(way: string): Site {
  const site = sites.get(way)
  assert.ok(site, `npm install did not end well: ${way}`)
  return site as Site
}

/** Runs a command, which has to end well. */
function runs(site: Site, words: string[], environment?: NodeJS.ProcessEnv): string {
  const { status, stdout, stderr } = site.run(words, environment)
  assert.is(status, 0, `${words.join(' ')}\n${stderr}`)
  return stdout
}

const checkout = new Map<string, string>()
/** What a command prints in the checkout. */
function printed(...words: string[]): string {
  const line = words.join(' ')
  const known = checkout.get(line) ?? cli(...words).stdout
  checkout.set(line, known)
  return known
}

for (const [way] of ways) {
  test(`${way}: --help, --version and generate are those of the checkout`, () => {
    const site = siteOf(way)
    for (const words of [['--version'], ['--help'], ['build', '--help'], ['params', '--format', 'json']]) {
      assert.is(runs(site, words), printed(...words), words.join(' '))
    }
    assert.is(runs(site, ['generate']), init)
    assert.is(runs(site, ['cmdline', 'kernel_url=http://s/k']), printed('cmdline', 'kernel_url=http://s/k'))
  })
}

const fabric = `import { exists, fail, log, sleep } from 'aria2-initrd/machine'
import type { Network } from 'aria2-initrd/network'

/** Waits for the fabric. */
export function waitForFabric(network: Network): void {
  let rounds = 0
  while (!exists('/sys/class/infiniband/mlx5_0/ports/1/gids/0')) {
    if (rounds > 60) fail(\`no subnet manager yet; the network is up on \${network.bootInterface}\`)
    sleep(1)
    rounds += 1
  }
  log('the fabric is up')
}
`

test('a site’s stage compiles in, whatever the site’s package.json says it is', () => {
  const site = siteOf('plain')
  writeFileSync(join(site.folder, 'fabric.ts'), fabric)
  const words = ['generate', '--stage', 'fabric.ts', '--after', 'network']
  const wanted = cli('generate', '--stage', join(site.folder, 'fabric.ts'), '--after', 'network').stdout
  assert.match(wanted, 'wait_for_fabric')
  const described = join(site.folder, 'package.json')
  const { dependencies } = JSON.parse(readFileSync(described, 'utf8'))
  for (const type of ['module', 'commonjs', undefined]) {
    writeFileSync(described, JSON.stringify({ type, dependencies }))
    assert.is(runs(site, words), wanted, `type ${type}`)
  }
})

test('a site tests its stage on the simulator, by the example of the README', () => {
  const site = siteOf('plain')
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const block = (before: RegExp) => before.exec(readme)?.[1] ?? ''
  const folder = join(site.folder, 'tested')
  mkdirSync(folder)
  writeFileSync(join(folder, 'fabric.ts'), block(/`fabric\.ts`:\n\n```ts\n([\s\S]*?)```/))
  writeFileSync(join(folder, 'fabric.test.mjs'), block(/```js\n([\s\S]*?)```/))
  const { status, stdout } = spawnSync(process.execPath, ['--test', 'fabric.test.mjs'], {
    cwd: folder,
    encoding: 'utf8',
  })
  assert.is(status, 0, stdout)
  assert.match(stdout, /pass 2/)
  rmSync(folder, { recursive: true })
})

test('a site’s own tsc knows the types, whichever way it resolves modules', () => {
  const site = siteOf('plain')
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  writeFileSync(
    join(site.folder, 'site.config.ts'),
    `import { defineConfig } from 'aria2-initrd/config'
import type { Parameters } from 'aria2-initrd/parameters'
export const urls = (parameters: Parameters): string => parameters.urls
import { simulate } from 'aria2-initrd/testing'
export const end: string = simulate({ cmdline: '', stages: [{ file: 'fabric.ts', after: 'network' }] }).end
export default defineConfig({ compress: 'xz', stages: [{ file: 'fabric.ts', after: 'network' }] })
`,
  )
  for (const [module, moduleResolution] of [
    ['esnext', 'bundler'],
    ['nodenext', 'nodenext'],
  ]) {
    const options = {
      module,
      moduleResolution,
      target: 'es2022',
      lib: ['es2022'],
      strict: true,
      noEmit: true,
      types: [],
    }
    const check = (compilerOptions: object) => {
      const project = { compilerOptions, files: ['fabric.ts', 'site.config.ts'] }
      writeFileSync(join(site.folder, 'tsconfig.json'), JSON.stringify(project))
      return spawnSync(process.execPath, [tsc, '-p', '.'], { cwd: site.folder, encoding: 'utf8' })
    }
    writeFileSync(join(site.folder, 'fabric.ts'), fabric)
    assert.is(check(options).stdout, '', String(module))
    writeFileSync(join(site.folder, 'fabric.ts'), fabric.replace('sleep(1)', "sleep('1')"))
    assert.match(check(options).stdout, /fabric\.ts\(9,\d+\): error TS2345/)
  }
  writeFileSync(join(site.folder, 'fabric.ts'), fabric)
})

test('build, with a config file in TypeScript, and inspect: the bytes of the checkout', () => {
  const site = siteOf('plain')
  const tree = madeUpKernel({ 'kernel/card.ko': madeUpModule() })
  try {
    writeFileSync(
      join(site.folder, 'aria2-initrd.config.ts'),
      `import { defineConfig } from 'aria2-initrd/config'
export default defineConfig({
  kernelRoot: '${tree}', modules: ['card'], compress: 'xz', stages: [{ file: 'fabric.ts', after: 'network' }],
})
`,
    )
    runs(site, ['build', '-o', 'output'], cache)
    const config = join(site.folder, 'aria2-initrd.config.ts')
    const checkout = cli('build', '--config', config, '-o', join(scratch, 'checkout'))
    assert.is(checkout.status, 0, checkout.stderr)
    for (const name of ['initrd.img', 'vmlinuz', 'init', 'manifest.json', 'sbom.json']) {
      const [got, wanted] = [site.folder, scratch].map((folder, index) =>
        readFileSync(join(folder, index === 0 ? 'output' : 'checkout', name)),
      )
      assert.ok(got?.equals(wanted ?? Buffer.alloc(0)), `${name} differs`)
    }
    assert.match(runs(site, ['inspect', 'output/initrd.img']), 'usr/bin/aria2c')
    assert.is(
      runs(site, ['inspect', 'output/initrd.img', '--cat', 'init']),
      readFileSync(join(site.folder, 'output/init'), 'utf8'),
    )
  } finally {
    rmSync(tree, { recursive: true })
  }
})

test('publish and serve: files over HTTP, and a tracker that answers', async () => {
  const site = siteOf('plain')
  writeFileSync(join(site.folder, 'vmlinuz'), kernel, 'latin1')
  writeFileSync(join(site.folder, 'initrd.img'), initrd, 'latin1')
  const published = ['publish', 'vmlinuz', 'initrd.img', '-o', 'boot', '--name', 'node', '--no-stage-one']
  const addresses = ['--base-url', 'http://127.0.0.1:8000', '--tracker', 'http://127.0.0.1:6969/announce']
  const infoHash = /info hash ([0-9a-f]{40})/.exec(runs(site, [...published, ...addresses]))?.[1] ?? ''
  const program = join(site.folder, 'node_modules/.bin/aria2-initrd')
  const ports = ['--port', '0', '--tracker-port', '0', '--seeder-port', '0']
  const child = spawn(program, ['serve', 'boot', ...ports], {
    cwd: site.folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  await new Promise<void>(resolve => {
    child.on('close', () => resolve())
    child.stdout.on('data', piece => {
      said += piece
      if (said.includes('Ctrl-C ends it')) resolve()
    })
  })
  const address = (name: string) => new RegExp(`^ {2}${name} +(\\S+)$`, 'm').exec(said)?.[1] ?? ''
  try {
    const file = await fetch(`${address('HTTP')}node/vmlinuz`)
    assert.is(Buffer.from(await file.arrayBuffer()).toString('latin1'), kernel)
    const hash = infoHash.replace(/../g, '%$&')
    const announce = `info_hash=${hash}&peer_id=-XX0000-000000000000&port=6881&left=0&uploaded=0&downloaded=0&compact=1`
    const answer = await fetch(`${address('tracker')}?${announce}&event=started`)
    assert.match(Buffer.from(await answer.arrayBuffer()).toString('latin1'), /8:completei[12]e/)
  } finally {
    child.kill('SIGTERM')
    await new Promise(resolve => child.on('close', resolve))
  }
})

test('below any name, through links, and as pnpm lays packages out', () => {
  const site = siteOf('plain')
  const generates = (program: string, folder = scratch) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'generate'], {
      cwd: folder,
      encoding: 'utf8',
    })
    assert.is(status, 0, stderr)
    assert.is(stdout, init)
  }
  for (const name of ['with blanks', 'a#b', '100% sure', 'ünïcode 計算', "it's", 'a?b&c', '[x] (y)']) {
    const elsewhere = join(scratch, name)
    renameSync(site.folder, elsewhere)
    try {
      generates(join(elsewhere, 'node_modules/aria2-initrd/dist/commands/cli.js'))
    } finally {
      renameSync(elsewhere, site.folder)
    }
  }
  symlinkSync(site.folder, join(scratch, 'link'))
  generates(join(scratch, 'link/node_modules/aria2-initrd/dist/commands/cli.js'))
  symlinkSync(root, join(scratch, 'checkout link'))
  generates(join(scratch, 'checkout link/generator/commands/bin.mjs'))

  const store = join(scratch, 'pnpm/node_modules/.pnpm/aria2-initrd@0.1.0/node_modules')
  mkdirSync(store, { recursive: true })
  cpSync(join(site.folder, 'node_modules'), store, { recursive: true, verbatimSymlinks: true })
  symlinkSync(
    '.pnpm/aria2-initrd@0.1.0/node_modules/aria2-initrd',
    join(scratch, 'pnpm/node_modules/aria2-initrd'),
  )
  generates(join(scratch, 'pnpm/node_modules/aria2-initrd/dist/commands/cli.js'))
})

test('/init of the stages as they are is in the package: nothing is compiled for it, whatever the cache holds', () => {
  const site = siteOf('plain')
  const compiler = join(site.folder, 'node_modules/ts-morph')
  const away = join(site.folder, 'ts-morph away')
  renameSync(compiler, away)
  const generate = (...words: string[]) =>
    spawnSync(process.execPath, [join(site.package, 'dist/commands/cli.js'), 'generate', ...words], {
      encoding: 'utf8',
      env: { ...process.env, XDG_CACHE_HOME: join(scratch, 'no cache yet') },
    })
  try {
    assert.is(generate().stdout, init)
    assert.match(generate('--without', 'bond').stderr, /ts-morph/, 'this one has to be compiled')
  } finally {
    renameSync(away, compiler)
  }
})

test('a fault in the package’s own stages is a bug: one sentence, and where to report it', () => {
  const site = siteOf('plain')
  const stage = join(site.package, 'generator/stages/trust/verify.ts')
  const text = readFileSync(stage, 'utf8')
  try {
    writeFileSync(stage, `${text}\nexport const wrong: number = 'text'\n`)
    writeFileSync(join(site.folder, 'fabric.ts'), fabric)
    for (const words of [['generate'], ['generate', '--stage', 'fabric.ts', '--after', 'network']]) {
      const { status, stdout, stderr } = site.run(words)
      assert.is(status, 1)
      assert.is(stdout, '')
      const [first, second, ...rest] = stderr.trimEnd().split('\n')
      assert.is(
        first,
        "aria2-initrd: error: aria2-initrd's own stages do not compile here: this is a bug in aria2-initrd",
      )
      assert.match(second ?? '', /^help: report it to .*verify\.ts:\d+ ts2322$/)
      assert.equal(rest, [])
    }
  } finally {
    writeFileSync(stage, text)
  }
  writeFileSync(join(site.folder, 'fabric.ts'), fabric.replace('sleep(1)', "sleep('1')"))
  const { stderr } = site.run(['generate', '--stage', 'fabric.ts', '--after', 'network'])
  assert.match(stderr, /fabric\.ts:9:\d+: error\[ts2345\]/, 'what a site can mend it is told')
})

test.run()

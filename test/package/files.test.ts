// What is in the package: all that it needs, and nothing else.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { root } from '../support/root.ts'
import { pack, scratch } from './packed.ts'

const first = pack('first')

const below = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(root.length))

test('the package has its parts, and each file of them', () => {
  const generator = below('generator').filter(path => !/^generator\/(packaging|docker)\//.test(path))
  const compiled = generator
    .filter(path => !/\.(d\.ts|mjs)$/.test(path))
    .map(path => path.replace(/^generator/, 'dist').replace(/\.ts$/, '.js'))
  const wanted = [
    ...[
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'package.json',
      'dist/checked.json',
      'generator/commands/bin.mjs',
    ],
    ...['generator/stages', 'shell-templates', 'rootfs-skel'].flatMap(below),
    ...compiled,
  ]
  const types = first.paths.filter(path => path.endsWith('.d.ts'))
  const thirdParty = first.paths.filter(path => path.startsWith('dist/third-party/'))
  assert.equal(thirdParty, [
    'dist/third-party/node-liblzma/LICENSE',
    'dist/third-party/node-liblzma/lib/lzma.js',
    'dist/third-party/node-liblzma/prebuilds/linux-x64/node-liblzma.node',
  ])
  assert.equal(first.paths, [...new Set([...wanted, ...types, ...thirdParty])].sort())
})

test('what package.json names is there, and what it depends on is what the modules import', () => {
  const {
    bin,
    exports,
    dependencies,
    optionalDependencies = {},
  } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const named = [...Object.values<string>(bin), ...Object.values<object>(exports).flatMap(Object.values)]
  for (const path of named) assert.ok(first.paths.includes(path.replace(/^\.\//, '')), path)
  const modules = first.paths.filter(path => path.startsWith('dist/') && path.endsWith('.js'))
  const imported = modules.flatMap(path =>
    [
      ...readFileSync(join(root, path), 'utf8').matchAll(
        /(?:^import |^} |import\(|resolve\(|require\d*\()[^'"\n]*["']([^."'\n][^"'\n]*)["']/gm,
      ),
    ].map(([, name = '']) => name.match(/^(@[^/]+\/)?[^/]+/)?.[0] ?? ''),
  )
  const packages = [...new Set(imported)].filter(name => dependencies[name] ?? optionalDependencies[name])
  assert.equal(packages.sort(), Object.keys({ ...dependencies, ...optionalDependencies }).sort())
})

const digest = ({ file }: { file: string }) => createHash('sha256').update(readFileSync(file)).digest('hex')

test('packed again, it is the same bytes: dist/ is made anew, whatever was there', () => {
  const dist = join(root, 'dist')
  writeFileSync(join(dist, 'commands/cli.js'), 'process.exit(9)\n')
  writeFileSync(join(dist, 'of-an-older-version.js'), '')
  rmSync(join(dist, 'checked.json'))
  assert.is(digest(pack('over an older one')), digest(first))
  rmSync(dist, { recursive: true })
  assert.is(digest(pack('without one')), digest(first))
})

test('install scripts are off in the checkout, and nothing in package.json counts on them', () => {
  assert.match(readFileSync(join(root, '.npmrc'), 'utf8'), /^ignore-scripts=true$/m)
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const bySelf = /^(pre|post)|^(install|prepare|publish|version)$/
  assert.equal(
    Object.keys(scripts).filter(name => bySelf.test(name)),
    [],
  )
})

test('npm pack alone fails, and says what to call; the folder in that sentence is not there', () => {
  const { status, stdout, stderr } = spawnSync('npm', ['pack'], { cwd: root, encoding: 'utf8' })
  assert.is.not(status, 0)
  assert.match(stderr, /npm pack alone lacks dist, run: npm run -s pack/)
  assert.is(stdout, '')
  assert.not.ok(readdirSync(root).some(name => name.startsWith('npm pack') || name.endsWith('.tgz')))
})

test('packed by npm pack alone in spite of that, it says what it lacks', () => {
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  const folder = join(scratch, 'alone')
  mkdirSync(folder)
  assert.is(spawnSync('npm', ['pack', '--pack-destination', folder], { cwd: root }).status, 0)
  const [file = ''] = readdirSync(folder)
  assert.is(spawnSync('tar', ['-xzf', file], { cwd: folder }).status, 0)
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(folder, 'package/generator/commands/bin.mjs')],
    {
      encoding: 'utf8',
    },
  )
  assert.is(status, 1)
  assert.match(stderr, /^aria2-initrd: error: this package lacks dist\/.*\nhelp: .*npm run -s pack\n$/)
})

test.run()

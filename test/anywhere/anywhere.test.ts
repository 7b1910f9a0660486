// A build wherever and by whomever: the bytes are the same, or an error says what is in the way. The programs come from
// the cache of the machine, copied into one of the case's own.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { availableParallelism, homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { madeUpKernel, madeUpModule } from '../image/made-up-kernel.ts'
import { cli, cliWith } from '../support/cli.ts'
import { needs } from '../support/needs.ts'
import { root } from '../support/root.ts'
import { nobody, type Place, places } from './places.ts'

const tests = needs(test, { unshare: 'util-linux', flock: 'util-linux' }, true)
const scratch = mkdtempSync(join(tmpdir(), 'anywhere-'))
chmodSync(scratch, 0o755)
test.after(() => rmSync(scratch, { recursive: true, force: true }))

const kernel = madeUpKernel({ 'kernel/card.ko': madeUpModule() })
test.after(() => rmSync(kernel, { recursive: true, force: true }))
spawnSync('chmod', ['-R', 'a+rX', kernel])
const build = ['build', '--kernel-root', kernel, '--modules', 'card']
const bin = join(root, 'generator/commands/bin.mjs')
const machineCache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'aria2-initrd')

const digests = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map(name => [
        name,
        createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex'),
      ]),
  )

// Builds the programs, too, where this machine has not done so yet.
assert.is(cli(...build, '-o', join(scratch, 'first')).status, 0)
const programs = ['binaries/results', 'shellcheck']
/** A cache of this one image: the programs, and below the compiled /init and the packed segments. */
const imageCache = join(scratch, 'cache')
for (const folder of programs) {
  cpSync(join(machineCache, folder), join(imageCache, 'aria2-initrd', folder), { recursive: true })
}
const wanted = join(scratch, 'wanted')
const reference = cliWith({ XDG_CACHE_HOME: imageCache }, ...build, '-o', wanted)
assert.is(reference.status, 0, reference.stderr)
const sameBytes = digests(wanted)

/** A cache that has these of that one's folders, for a user: `base` is what XDG_CACHE_HOME names. */
function seed(base: string, folders: string[], owner: number): void {
  for (const folder of folders) {
    cpSync(join(imageCache, 'aria2-initrd', folder), join(base, 'aria2-initrd', folder), { recursive: true })
  }
  if (owner !== 0) spawnSync('chown', ['-R', `${owner}:${owner}`, base])
}

interface Ended {
  status: number | null
  stderr: string
  /** The output folder. */
  folder: string
}

/** Builds there, in a mount namespace of its own, with a cache that has the programs, and perhaps what a build makes of them. */
function buildAt(place: Place, here: string, isMade: boolean): Promise<Ended> {
  const {
    prepare = ':',
    enter = ':',
    uid = 0,
    environment = {},
    output = 'output',
    seedAt = 'home/.cache',
  } = place
  mkdirSync(join(here, 'home'), { recursive: true })
  seed(join(here, seedAt), isMade ? [...programs, 'init', 'segments'] : programs, uid)
  for (const folder of [here, join(here, 'home')]) chownSync(folder, uid, uid)
  const given = Object.entries({ HOME: '$here/home', ...environment }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value.replaceAll('$here', here)}`],
  )
  const lines = [
    `here='${here}'`,
    prepare,
    'cd "$here" || exit 9',
    enter,
    `exec setpriv --reuid=${uid} --regid=${uid} --clear-groups -- env -i PATH="$PATH" LANG=C.UTF-8 "$@"`,
  ]
  const folder = join(here, output)
  const command = [...given, process.execPath, bin, ...build, '-o', folder]
  const child = spawn('unshare', ['--mount', 'sh', '-c', lines.join('\n'), 'sh', ...command], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', piece => {
    stderr += piece
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', status => resolve({ status, stderr, folder }))
  })
}

const ended: Ended[] = []

/** Takes one place after the other, beside its like. */
async function buildNext(waiting: Iterator<[number, Place]>): Promise<void> {
  for (let next = waiting.next(); !next.done; next = waiting.next()) {
    const [index, place] = next.value
    // Every fifteenth compiles and packs, and keeps what came of it; to read what is kept is as much a matter of rights.
    ended[index] = await buildAt(place, join(scratch, String(index)), index % 15 !== 0)
  }
}

tests('builds at all places, as many at a time as there are processors', async () => {
  const waiting = places.entries()
  await Promise.all(Array.from({ length: availableParallelism() }, () => buildNext(waiting)))
  assert.is(ended.length, places.length)
})

for (const [index, { what, refused }] of places.entries()) {
  tests(what, () => {
    const { status, stderr, folder } = ended[index] as Ended
    assert.not.match(stderr, 'this is a bug', stderr)
    if (refused === undefined) {
      assert.is(status, 0, stderr)
      assert.equal(digests(folder), sameBytes)
    } else {
      assert.match(stderr, refused)
      assert.is(status, 1)
      assert.not.ok(existsSync(join(folder, 'initrd.img')))
    }
  })
}

tests('the umask takes from the owner nothing, from others nothing that a web server needs', () => {
  for (const mask of ['077', '027', '002', '000', '777']) {
    const { folder } = ended[places.findIndex(({ what }) => what === `umask ${mask}`)] as Ended
    const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)
    assert.is(mode(folder), (0o777 & ~(Number.parseInt(mask, 8) & 0o022)).toString(8), mask)
    for (const name of readdirSync(folder))
      assert.is(mode(join(folder, name)), name === 'init' ? '755' : '644', `${mask} ${name}`)
  }
})

tests('a cache that three users share: each takes what the first has', () => {
  const cache = join(scratch, 'shared')
  mkdirSync(cache)
  chmodSync(cache, 0o2775)
  spawnSync('chown', ['0:100', cache])
  for (const uid of [nobody, 54321, 0]) {
    const output = join(scratch, `shared-${uid}`)
    mkdirSync(output)
    chownSync(output, uid, uid)
    const words = [
      `--reuid=${uid}`,
      '--regid=100',
      '--clear-groups',
      '--',
      'env',
      '-i',
      `PATH=${process.env.PATH}`,
    ]
    if (uid === nobody) {
      seed(cache, programs, nobody)
      spawnSync('chgrp', ['-R', '100', cache])
      spawnSync('chmod', ['-R', 'g+rwXs', cache])
    }
    const run = ['sh', '-c', 'umask 002; exec "$@"', 'sh', process.execPath, bin, ...build, '-o', output]
    const { status, stderr } = spawnSync('setpriv', [...words, `XDG_CACHE_HOME=${cache}`, ...run], {
      encoding: 'utf8',
    })
    assert.is(status, 0, stderr)
    assert.equal(digests(output), sameBytes)
  }
})

tests('umask 077: a program is built anew, in a build root made anew', () => {
  const cache = join(scratch, 'anew')
  const binaries = join(cache, 'aria2-initrd/binaries')
  mkdirSync(binaries, { recursive: true })
  // What others work in stays theirs; of the rest, which is only read, links will do.
  for (const name of readdirSync(join(machineCache, 'binaries'))) {
    if (['build.lock', 'logs', 'work'].includes(name)) continue
    spawnSync('cp', ['-al', join(machineCache, 'binaries', name), binaries])
  }
  for (const folder of ['results', 'build-root']) {
    for (const name of readdirSync(join(binaries, folder))) {
      if (/^ca-bundle-|\.tar(\.|$)/.test(name)) rmSync(join(binaries, folder, name), { recursive: true })
    }
  }
  const output = join(scratch, 'built-anew')
  const command = [process.execPath, bin, ...build, '-o', output]
  const { status, stderr } = spawnSync('sh', ['-c', 'umask 077; exec "$@"', 'sh', ...command], {
    env: { ...process.env, XDG_CACHE_HOME: cache },
    encoding: 'utf8',
  })
  assert.is(status, 0, stderr)
  assert.ok(readdirSync(join(binaries, 'results')).some(name => name.startsWith('ca-bundle-')))
  assert.equal(digests(output), sameBytes)
})

test.run()

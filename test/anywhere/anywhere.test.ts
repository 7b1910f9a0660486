// A build wherever and by whomever: the bytes are the same, or an error says what is in the way. The programs come from
// the cache of the machine, linked into one of the case's own.
import { spawnSync } from 'node:child_process'
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
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { madeUpKernel, madeUpModule } from '../image/made-up-kernel.ts'
import { cli } from '../support/cli.ts'
import { needs } from '../support/needs.ts'
import { root } from '../support/root.ts'

const tests = needs(test, { unshare: 'util-linux', flock: 'util-linux' }, true)
const scratch = mkdtempSync(join(tmpdir(), 'anywhere-'))
chmodSync(scratch, 0o755)
test.after(() => rmSync(scratch, { recursive: true, force: true }))

const kernel = madeUpKernel({ 'kernel/card.ko': madeUpModule() })
test.after(() => rmSync(kernel, { recursive: true, force: true }))
spawnSync('chmod', ['-R', 'a+rX', kernel])
const build = ['build', '--kernel-root', kernel, '--modules', 'card']
const bin = join(root, 'generator/bin.mjs')
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
const wanted = join(scratch, 'wanted')
const reference = cli(...build, '-o', wanted)
assert.is(reference.status, 0, reference.stderr)
const sameBytes = digests(wanted)

/** A cache that has the programs, for a user: `base` is what XDG_CACHE_HOME names. */
function seed(base: string, owner = 0): void {
  const results = join(base, 'aria2-initrd/binaries')
  mkdirSync(results, { recursive: true })
  cpSync(join(machineCache, 'binaries/results'), join(results, 'results'), { recursive: true })
  if (owner !== 0) spawnSync('chown', ['-R', `${owner}:${owner}`, base])
}

interface Place {
  what: string
  /** Shell lines before the build, in a mount namespace of the case's own; `$here` is the case's folder. */
  prepare?: string
  uid?: number
  /** Besides PATH and LANG; `$here` is the case's folder. HOME is `$here/home` unless it is given. */
  environment?: Record<string, string>
  /** The output folder, below `$here`. */
  output?: string
  /** The cache is seeded before `prepare`. */
  seedAt?: string
  /** What the error says, where it may not end well. */
  refused?: RegExp
}

const nobody = 65534

const places: Place[] = [
  ...['077', '027', '002', '000', '777'].map(mask => ({ what: `umask ${mask}`, prepare: `umask ${mask}` })),
  { what: 'another user', uid: nobody },
  { what: 'another user, umask 077', uid: nobody, prepare: 'umask 077' },
  { what: 'a user without a name', uid: 54321 },
  {
    what: 'HOME with blanks, quotes and other letters',
    environment: { HOME: "$here/höme of 'x' #1 %41" },
    seedAt: "höme of 'x' #1 %41/.cache",
  },
  {
    what: 'no HOME, a cache that is named',
    environment: { HOME: '', XDG_CACHE_HOME: '$here/cache' },
    seedAt: 'cache',
  },
  {
    what: 'no HOME at all, for a user whom the system does not know',
    uid: 54321,
    environment: { HOME: '' },
    refused: /there is no folder for the cache: this user has no home/,
  },
  { what: 'TMPDIR that is not there', environment: { TMPDIR: '/not/there' } },
  { what: 'TMPDIR with blanks', prepare: 'mkdir "$here/my tmp"', environment: { TMPDIR: '$here/my tmp' } },
  { what: 'TMPDIR that cannot be written', uid: nobody, environment: { TMPDIR: '/root' } },
  {
    what: 'noexec on /tmp',
    prepare: 'mount -o bind "$here" /mnt; mount --bind /tmp /tmp; mount -o remount,bind,noexec /tmp',
  },
  {
    what: 'the cache on another file system',
    prepare: 'mkdir "$here/ram"; mount -t tmpfs none "$here/ram"; cp -r "$here/seed/." "$here/ram"',
    environment: { XDG_CACHE_HOME: '$here/ram' },
    seedAt: 'seed',
  },
  {
    what: 'a cache that is read-only',
    prepare: 'mount --bind "$here/home" "$here/home"; mount -o remount,bind,ro "$here/home"',
  },
  {
    what: 'a cache whose disk is full',
    prepare:
      'mkdir "$here/ram"; mount -t tmpfs -o size=16m none "$here/ram"; cp -r "$here/seed/." "$here/ram"; head -c 20m /dev/zero >"$here/ram/filler" 2>/dev/null; :',
    environment: { XDG_CACHE_HOME: '$here/ram' },
    seedAt: 'seed',
  },
  {
    what: 'a cache without locks',
    prepare:
      'mkdir "$here/bin"; printf "#!/bin/sh\\nexit 71\\n" >"$here/bin/flock"; chmod 755 "$here/bin/flock"; PATH="$here/bin:$PATH"',
  },
  {
    what: 'a cache that another user made',
    uid: nobody,
    prepare: 'chown -R 0:0 "$here/home/.cache"; chmod -R a+rX "$here/home"',
  },
  {
    what: 'a checkout that is read-only',
    prepare: `mount --bind '${root}' '${root}'; mount -o remount,bind,ro '${root}'`,
  },
  { what: 'an output folder with an odd name', output: '-o \'x\' "y" $z ünï\nnext' },
  {
    what: 'an output folder that is read-only',
    prepare: 'mkdir "$here/ro"; mount -t tmpfs -o ro none "$here/ro"',
    output: 'ro/output',
    refused: /cannot write .*: the file system is read-only/,
  },
]

for (const [index, place] of places.entries()) {
  const {
    what,
    prepare = ':',
    uid = 0,
    environment = {},
    output = 'output',
    seedAt = 'home/.cache',
    refused,
  } = place
  tests(what, () => {
    const here = join(scratch, String(index))
    mkdirSync(join(here, 'home'), { recursive: true })
    seed(join(here, seedAt), uid)
    for (const folder of [here, join(here, 'home')]) chownSync(folder, uid, uid)
    const given = Object.entries({ HOME: '$here/home', ...environment })
      .map(([name, value]) => [name, value.replaceAll('$here', here)] as const)
      .filter(([, value]) => value !== '')
    // A user without a home has no folder to be in, either.
    const lines = [
      `here='${here}'`,
      prepare,
      'cd "$here" || exit 9',
      `exec setpriv --reuid=${uid} --regid=${uid} --clear-groups -- env -i PATH="$PATH" LANG=C.UTF-8 "$@"`,
    ]
    const words = given.map(([name, value]) => `${name}=${value}`)
    const { status, stderr } = spawnSync(
      'unshare',
      [
        '--mount',
        'sh',
        '-c',
        lines.join('\n'),
        'sh',
        ...words,
        process.execPath,
        bin,
        ...build,
        '-o',
        join(here, output),
      ],
      { encoding: 'utf8' },
    )
    assert.not.match(stderr, 'this is a bug')
    if (refused !== undefined) {
      assert.match(stderr, refused)
      assert.is(status, 1)
      assert.not.ok(existsSync(join(here, output, 'initrd.img')))
      return
    }
    assert.is(status, 0, stderr)
    assert.equal(digests(join(here, output)), sameBytes)
  })
}

tests('a cache that two users share: each finds what the other has built', () => {
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
      seed(cache, nobody)
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

test.run()

// The pinned release through the machine's own apt: its lists are kept, and never the reason of an obscure failure.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { CommandError } from '../../generator/host/console/command-error.ts'
import { silent } from '../../generator/host/console/progress.ts'
import { DebianArchive } from '../../generator/host/debian/archive.ts'
import { machineMirror } from '../../generator/host/debian/mirror.ts'
import { debianRelease } from '../../generator/host/debian/release.ts'
import { cacheFolder } from '../../generator/host/files/cache-folder.ts'
import { needs } from '../support/needs.ts'

const onDebian = needs(test, { 'apt-get': 'apt' })
const folder = mkdtempSync(join(tmpdir(), 'archive-'))
test.after(() => rmSync(folder, { recursive: true }))

const listsIn = (cache: string) => join(cache, 'aria2-initrd/debian', debianRelease, 'binary')

/** Asks for a package with this cache and this apt configuration. @returns what was found, and the steps shown */
async function ask(name: string, cache?: string, configuration?: string) {
  const before = { XDG_CACHE_HOME: process.env.XDG_CACHE_HOME, APT_CONFIG: process.env.APT_CONFIG }
  const steps: string[] = []
  if (cache !== undefined) process.env.XDG_CACHE_HOME = cache
  if (configuration !== undefined) {
    process.env.APT_CONFIG = join(folder, 'apt.conf')
    writeFileSync(join(folder, 'apt.conf'), configuration)
  }
  try {
    const archive = await DebianArchive.open(debianRelease, {
      ...silent,
      step: text => void steps.push(text),
    })
    const found = await archive.describe(name).catch((error: unknown) => error)
    return { found, steps, archive }
  } finally {
    for (const [variable, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[variable]
      else process.env[variable] = value
    }
  }
}

/** A machine whose mirror cannot be reached: nothing listens on port 9. */
const noNetwork = ['http', 'https'].map(kind => `Acquire::${kind}::Proxy "http://127.0.0.1:9";\n`).join('')

/** A cache with the lists that this machine has, fetched so many hours ago. */
async function cacheOfAge(hours: number): Promise<string> {
  await ask('base-files')
  const cache = mkdtempSync(join(folder, 'cache-'))
  cpSync(join(cacheFolder(), 'debian', debianRelease, 'binary'), listsIn(cache), {
    recursive: true,
    preserveTimestamps: true,
  })
  const then = new Date(Date.now() - hours * 3_600_000)
  utimesSync(join(listsIn(cache), 'sources.list'), then, then)
  return cache
}

onDebian(
  'a package is described, one that is not there is undefined, and so are names like options',
  async () => {
    const { found, archive } = await ask('linux-image-amd64')
    assert.match((found as { depends: string[] }).depends.join(' '), /^linux-image-\d/)
    for (const name of ['no-such-package', '--help', 'linux-image-*']) {
      assert.is(await archive.describe(name), undefined, name)
    }
    const [file] = await archive.files('binary', 'base-files')
    assert.match(file?.url ?? '', /^https?:.*\/base-files_[^/]+\.deb$/)
    assert.match(file?.sha256 ?? '', /^[0-9a-f]{64}$/)
    assert.equal(await archive.files('binary', 'base-files', '0.1'), [])
  },
)

onDebian('lists of today are not fetched again', async () => {
  const { found, steps } = await ask('base-files', await cacheOfAge(23), noNetwork)
  assert.not.instance(found, Error)
  assert.equal(steps, [])
})

onDebian('older lists do where the mirror does not answer, and it is said', async () => {
  const cache = await cacheOfAge(49)
  const { found, steps } = await ask('base-files', cache, noNetwork)
  assert.not.instance(found, Error)
  assert.match(steps.at(-1) ?? '', /could not be fetched: .*; going on with the lists of 2 days ago$/s)
  assert.equal(readdirSync(join(listsIn(cache), '..')), ['binary'])
})

onDebian('no lists and no mirror is one clear error, and nothing half fetched stays', async () => {
  const cache = mkdtempSync(join(folder, 'cache-'))
  const { found } = await ask('base-files', cache, noNetwork)
  assert.instance(found, CommandError)
  assert.match((found as CommandError).message, /^the package lists of Debian trixie could not be fetched: /)
  assert.not.ok(existsSync(listsIn(cache)))
  assert.equal(readdirSync(join(listsIn(cache), '..')), [])
})

needs(
  test,
  { 'apt-get': 'apt', mount: 'mount' },
  true,
)('a full disk is told before apt can hang on it', async () => {
  const cache = mkdtempSync(join(folder, 'small-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=20m', 'tmpfs', cache])
  try {
    const { found } = await ask('base-files', cache)
    assert.instance(found, CommandError)
    assert.match(
      (found as CommandError).message,
      /small-disk\S+ has \d+\.\d MB of free space, keeping the package lists/,
    )
  } finally {
    execFileSync('umount', [cache])
  }
})

onDebian('a machine whose apt knows no Debian says so', async () => {
  const nothing = 'Dir::Etc::sourcelist "/dev/null";\nDir::Etc::sourceparts "/dev/null";\n'
  const { found } = await ask('base-files', mkdtempSync(join(folder, 'cache-')), nothing)
  assert.is((found as CommandError).message, "this machine's apt knows no Debian mirror")
  assert.match(await machineMirror(), /^\w+:\/\//)
})

test.run()

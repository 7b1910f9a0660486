// The same input gives the same bytes: on another day, elsewhere on the disk, in another language, by another user with
// another umask, with the files in another order, and with nothing in the cache but the programs.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { terminalProgress } from '../../generator/host/console/progress.ts'
import { cacheFolder } from '../../generator/host/files/cache-folder.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { madeUpModule } from './made-up-kernel.ts'

const bin = fileURLToPath(new URL('../../generator/commands/bin.mjs', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'reproducible-'))
test.after(() => rmSync(scratch, { recursive: true }))

const modules = 'kernel/lib/modules/6.0-test'
const input: [string, Buffer | string][] = [
  ['kernel/boot/vmlinuz-6.0-test', 'kernel'],
  ['kernel/boot/config-6.0-test', 'CONFIG_BLK_DEV_INITRD=y\nCONFIG_RD_ZSTD=y\n'],
  [`${modules}/kernel/net/packet/af_packet.ko`, madeUpModule('alias=net-pf-17')],
  [
    `${modules}/kernel/drivers/net/ethernet/i_card.ko`,
    madeUpModule('depends=bus', 'firmware=i.bin', 'alias=pci:v2*'),
  ],
  [
    `${modules}/kernel/drivers/net/ethernet/I-card.ko`,
    madeUpModule('depends=bus', 'alias=pci:v1*', 'softdep=pre: late'),
  ],
  [`${modules}/kernel/drivers/bus.ko`, madeUpModule('alias=acpi:BUS:')],
  [`${modules}/updates/late.ko`, madeUpModule('firmware=vendor/*.bin')],
  ['firmware/i.bin', 'i'],
  ['firmware/vendor/a.bin', 'a'],
  ['firmware/vendor/B.bin', 'B'],
  ['site/etc/a.conf', 'a'],
  ['site/etc/B.conf', 'B'],
  ['site/etc/ı.conf', 'ı'],
]

/** Writes the input below `folder` in this order, with these modes and this age. */
function write(folder: string, files: typeof input, mode: number, seconds: number): void {
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
    chmodSync(join(folder, path), mode)
    utimesSync(join(folder, path), seconds, seconds)
  }
}

interface Circumstances {
  umask: string
  /** The user that builds, where it is not this one. */
  user?: number | undefined
  environment: Record<string, string>
}

/** Builds in `folder` as a process of its own. @returns name to mode and content, of all that was made */
function built(folder: string, { umask, user, environment }: Circumstances) {
  const words = ['build', '-o', 'output', '--kernel-root', 'kernel', '--modules', 'ethernet,late']
  const call = ['-c', 'umask "$1"; shift; exec "$@"', 'sh', umask, process.execPath, bin]
  const { status, stdout, stderr } = spawnSync(
    'sh',
    [...call, ...words, '--firmware', 'firmware', '--add', 'site:/srv'],
    {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, ...environment },
      ...(user === undefined ? {} : { uid: user, gid: user }),
    },
  )
  assert.is(status, 0, stderr)
  assert.match(stdout, /^firmware /m)
  return readdirSync(join(folder, 'output')).map(name => {
    const path = join(folder, 'output', name)
    return { name, mode: statSync(path).mode, content: readFileSync(path) }
  })
}

/** A year and a day later, for all that the process asks the clock. */
const laterClock = `
const Real = Date
const later = 366 * 86_400_000
globalThis.Date = class extends Real {
  constructor(...given) { super(...(given.length === 0 ? [Real.now() + later] : given)) }
  static now() { return Real.now() + later }
}`

/** A user other than this one, where this one is root and the other can read the checkout. */
function anotherUser(): number | undefined {
  const user = 12345
  if (process.getuid?.() !== 0) return undefined
  const { status } = spawnSync(process.execPath, [bin, '--version'], { uid: user, gid: user })
  if (status === 0) return user
  process.stdout.write('SKIPPED a build as another user: needs a checkout that others may read\n')
  return undefined
}

/** A cache that holds the programs and nothing else. */
function cacheOfPrograms(): string {
  const [from, to] = [cacheFolder(), join(scratch, 'cache/aria2-initrd')].map(folder =>
    join(folder, 'binaries/results'),
  ) as [string, string]
  for (const name of readdirSync(from).filter(each => /^(aria2c|busybox|kexec|ca-bundle)-/.test(each)))
    cpSync(join(from, name), join(to, name), { recursive: true })
  return join(scratch, 'cache')
}

test('two builds under circumstances that could not differ more', async () => {
  await provideBinaries(terminalProgress())
  const here = join(scratch, 'here')
  write(here, input, 0o644, 1_000_000_000)
  const first = built(here, { umask: '022', environment: { TZ: 'UTC', LC_ALL: 'C' } })

  const there = join(scratch, 'an other/plåce')
  write(there, [...input].reverse(), 0o640, 1_700_000_000)
  writeFileSync(join(scratch, 'clock.mjs'), laterClock)
  // Everything is compressed anew; only the programs need not be built again.
  const cache = cacheOfPrograms()
  const user = anotherUser()
  if (user !== undefined) spawnSync('chown', ['-R', `${user}:${user}`, scratch])
  const second = built(there, {
    umask: '077',
    user,
    environment: {
      TZ: 'Pacific/Kiritimati',
      LC_ALL: 'tr_TR.UTF-8',
      LANG: 'tr_TR.UTF-8',
      HOME: join(scratch, 'nowhere'),
      USER: 'someone',
      XDG_CACHE_HOME: cache,
      NODE_OPTIONS: `--import ${JSON.stringify(join(scratch, 'clock.mjs'))}`,
    },
  })

  assert.equal(
    second.map(({ name, mode }) => [name, mode]),
    first.map(({ name, mode }) => [name, mode]),
  )
  assert.ok(first.some(({ name }) => name === 'initrd.img'))
  for (const [index, { name, content }] of first.entries()) {
    assert.ok(second[index]?.content.equals(content), `${name} differs`)
    assert.not.ok(content.includes(scratch), `${name} names a folder of this machine`)
  }
})

test.run()

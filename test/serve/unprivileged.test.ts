/** The seeder of a `serve` that root has started. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { silent } from '../../generator/host/console/progress.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { makeTorrent } from '../../generator/publish/torrent.ts'
import { closedTo, unprivilegedUser } from '../../generator/serve/unprivileged-user.ts'
import { needs } from '../support/needs.ts'
import { bytes, publishFolder, temporaryFolder, until } from './published.ts'
import { alive, fetchTorrent, startServe } from './serve-command.ts'

const { aria2c } = await provideBinaries(silent)
const asRoot = needs(test, { setpriv: 'util-linux' }, true)

const statusOf = (pid: number, field: string) =>
  new RegExp(`^${field}:[ \\t]*(.*)$`, 'm')
    .exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    ?.split('\t')[0]

asRoot('it runs as nobody, without capabilities and without what is in root’s environment', async () => {
  const { folder } = await publishFolder()
  chmodSync(folder, 0o755)
  process.env.ADMINS_SECRET = 'secret'
  const serve = await startServe(folder, '--aria2c', aria2c.path)
  try {
    const user = unprivilegedUser()
    assert.match(serve.stdout(), `it runs as ${user?.name}\n`)
    await serve.says('node.torrent: complete, and given out')
    const [pid = 0] = serve.children()
    assert.is(statusOf(pid, 'Name'), 'aria2c')
    assert.is(statusOf(pid, 'Uid'), String(user?.uid))
    assert.is(statusOf(pid, 'Gid'), String(user?.gid))
    assert.is(statusOf(pid, 'Groups')?.trim(), '')
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
      assert.is(statusOf(pid, set), '0'.repeat(16), set)
    assert.is(statusOf(pid, 'NoNewPrivs'), '1')
    assert.not.match(readFileSync(`/proc/${pid}/environ`, 'latin1'), 'secret')
    const node = temporaryFolder()
    assert.is(await fetchTorrent(aria2c.path, join(folder, 'node.torrent'), node, serve.tracker), 0)
    // What it cannot read is named, and opened by the admin.
    chmodSync(join(folder, 'root.img'), 0o600)
    await serve.says('root.img.torrent: not seeded: root.img is closed to the seeder')
    chmodSync(join(folder, 'root.img'), 0o644)
    await until(
      'it is given out again',
      () => serve.stdout().split('root.img.torrent: complete, and given out').length === 3,
    )
    await serve.stop('SIGKILL')
    await until('it ends with serve, also when that is killed', () => !alive(pid))
  } finally {
    delete process.env.ADMINS_SECRET
    await serve.stop('SIGKILL')
  }
})

asRoot('in a folder that is closed to others it may read, and nothing else', async () => {
  const { folder } = await publishFolder()
  chmodSync(folder, 0o700)
  const serve = await startServe(folder, '--aria2c', aria2c.path)
  try {
    assert.match(serve.stdout(), 'but may read all files of this machine')
    const [pid = 0] = serve.children()
    assert.is(statusOf(pid, 'Uid'), String(unprivilegedUser()?.uid))
    // CAP_DAC_READ_SEARCH is number 2.
    for (const set of ['CapPrm', 'CapEff', 'CapBnd'])
      assert.is(statusOf(pid, set), '4'.padStart(16, '0'), set)
    const node = temporaryFolder()
    assert.is(await fetchTorrent(aria2c.path, join(folder, 'node.torrent'), node, serve.tracker), 0)
    assert.equal(readdirSync(join(node, 'node')).sort(), ['initrd', 'kernel'])
  } finally {
    await serve.stop()
  }
})

asRoot('files of root’s that aria2 would make room for are given out as they are', async () => {
  // aria2's own limit is 5 MiB (--no-file-allocation-limit).
  const content = bytes(6_000_000, 'large')
  for (const mode of [0o755, 0o700]) {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'large'))
    const files = ['kernel', 'initrd'].map(name => join(folder, 'large', name))
    for (const file of files) writeFileSync(file, content, { mode: 0o644 })
    writeFileSync(join(folder, 'large.torrent'), await makeTorrent({ files, name: 'large' }))
    chmodSync(folder, mode)
    const serve = await startServe(folder, '--aria2c', aria2c.path)
    try {
      await serve.says('large.torrent: complete, and given out')
      const node = temporaryFolder()
      assert.is(await fetchTorrent(aria2c.path, join(folder, 'large.torrent'), node, serve.tracker), 0)
      assert.ok(readFileSync(join(node, 'large/initrd')).equals(content))
      assert.not.match(serve.stdout(), 'stopped seeding')
    } finally {
      await serve.stop()
    }
  }
})

asRoot('the first of many files that is closed to it is found', async () => {
  const user = unprivilegedUser()
  if (user === undefined) throw new Error('not root')
  const { folder } = await publishFolder()
  chmodSync(folder, 0o755)
  const [kernel, initrd] = [join(folder, 'node/kernel'), join(folder, 'node/initrd')]
  const many = [...Array.from({ length: 20_000 }, () => kernel), initrd, join(folder, "it's\n not there")]
  assert.is(await closedTo(user, many.slice(0, -1)), undefined)
  assert.is(await closedTo(user, many), join(folder, "it's\n not there"))
  chmodSync(initrd, 0o600)
  assert.is(await closedTo(user, many), initrd)
  mkdirSync(join(folder, 'closed'), { mode: 0o700 })
  assert.is(await closedTo(user, [join(folder, 'closed/x')]), join(folder, 'closed/x'))
})

test.run()

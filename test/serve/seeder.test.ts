// The seeder writes nothing: what is gone in the moment when it is told to seed it stays gone.
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { silent } from '../../generator/host/console/progress.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { freePort } from '../../generator/serve/free-port.ts'
import { type SeederProcess, startSeederProcess } from '../../generator/serve/seeder-process.ts'
import { publishFolder, until } from './published.ts'

const { aria2c } = await provideBinaries(silent)

const seeders: SeederProcess['seeder'][] = []
test.after.each(async () => {
  for (const seeder of seeders.splice(0)) await seeder.stop()
})

/** A seeder that is told of node.torrent after something has happened to the folder, which it may write. */
async function toldTooLate(change: (folder: string) => void) {
  const { folder } = await publishFolder()
  for (const path of [folder, join(folder, 'node')]) chmodSync(path, 0o777)
  const torrent = readFileSync(join(folder, 'node.torrent'))
  const [bind, port] = ['127.0.0.1', (await freePort('127.0.0.1')) ?? 0]
  const tracker = 'http://127.0.0.1:9/announce'
  const place = { aria2c: aria2c.path, bind, port, folder, tracker, address: bind }
  const started = await startSeederProcess(place)
  seeders.push(started.seeder)
  change(folder)
  return { folder, ...started, tell: () => started.rpc.addTorrent(torrent, folder) }
}

/** Why it does not seed, once it has found out. */
async function reasonOf({ rpc }: SeederProcess, gid: string): Promise<string> {
  await until('it does not seed', async () => !(await rpc.given()).has(gid))
  return await rpc.reasonOf(gid)
}

test('a folder that is gone is not made anew; once it is back it is seeded', async () => {
  const told = await toldTooLate(folder => renameSync(folder, `${folder}-away`))
  assert.is(
    await reasonOf(told, await told.tell()),
    `${told.folder}/node has 0 bytes, and not the 1000000 that are to be seeded`,
  )
  assert.not.ok(existsSync(told.folder))
  renameSync(`${told.folder}-away`, told.folder)
  const gid = await told.tell()
  await until('it seeds', async () => (await told.rpc.given()).has(gid))
})

test('a file that is gone is not made anew', async () => {
  const told = await toldTooLate(folder => rmSync(join(folder, 'node/initrd')))
  assert.match(await reasonOf(told, await told.tell()), 'has 700000 bytes, and not the 1000000 that are')
  assert.equal(readdirSync(join(told.folder, 'node')), ['kernel'])
})

test('a file that has become shorter stays as it is', async () => {
  const told = await toldTooLate(folder => truncateSync(join(folder, 'node/kernel'), 5))
  assert.match(await reasonOf(told, await told.tell()), 'has 300005 bytes, and not the 1000000 that are')
  assert.is(readFileSync(join(told.folder, 'node/kernel')).length, 5)
})

test.run()

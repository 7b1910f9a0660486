// What compressed modules said of themselves is kept by their digests, and nothing else is taken for it.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { KnownModules } from '../../generator/image/modules/known-modules.ts'
import { ModuleTree } from '../../generator/image/modules/module-tree.ts'
import { failure } from '../support/failure.ts'
import { folderWith, madeUpModule } from './made-up-kernel.ts'

const cache = mkdtempSync(join(tmpdir(), 'known-modules-'))
process.env.XDG_CACHE_HOME = cache
test.after(() => rmSync(cache, { recursive: true }))

const stored = gzipSync(madeUpModule('alias=pci:v1'))
const folder = folderWith({ 'kernel/card.ko.gz': stored })
test.after(() => rmSync(folder, { recursive: true }))

/** A name by which those bytes cannot be decompressed: what is known of them has to be taken. */
const notSo = 'card.ko.xz'

test('a tree keeps what its compressed modules said, and the next one need not decompress them', async () => {
  assert.match(await failure(new KnownModules(folder).infoOf(notSo, stored)), 'damaged')
  const tree = new ModuleTree(folder, ['.ko.gz'])
  const { info, content } = await tree.read('card')
  assert.equal(content, stored)
  assert.equal(info.aliases, ['pci:v1'])
  tree.rememberInfo()
  assert.equal(await new KnownModules(folder).infoOf(notSo, stored), info)
})

test('other bytes are read, and so are all where the record is damaged', async () => {
  const other = Buffer.concat([stored, Buffer.alloc(1)])
  assert.match(await failure(new KnownModules(folder).infoOf(notSo, other)), 'damaged')
  const records = join(cache, 'aria2-initrd/modules')
  const [name = ''] = readdirSync(records)
  const record = readFileSync(join(records, name), 'utf8')
  writeFileSync(join(records, name), record.replace('pci:v1', 'pci:v2'))
  assert.match(await failure(new KnownModules(folder).infoOf(notSo, stored)), 'damaged')
})

test('a tree whose modules are packed decompressed keeps nothing', async () => {
  rmSync(join(cache, 'aria2-initrd/modules'), { recursive: true })
  const tree = new ModuleTree(folder)
  assert.equal((await tree.read('card')).info.aliases, ['pci:v1'])
  tree.rememberInfo()
  assert.equal(
    readdirSync(cache, { recursive: true }).filter(path => String(path).endsWith('.json')),
    [],
  )
})

test.run()

// /init is compiled once, and what was kept of it is believed only as it was kept, by the user who kept it.
import { createHash } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ownInit } from '../../generator/compiler/kept-init.ts'
import { partNames } from '../../generator/stages/api/parts.ts'

const cache = mkdtempSync(join(tmpdir(), 'kept-init-'))
test.after(() => rmSync(cache, { recursive: true, force: true }))
process.env.XDG_CACHE_HOME = cache

/** It is the quickest to compile. */
const smallest = () => ownInit(partNames)

const init = await smallest()
const folder = join(cache, 'aria2-initrd/init')
const [name = ''] = readdirSync(folder)
const record = join(folder, name)
const text = readFileSync(record, 'utf8')
const { subject, digest } = JSON.parse(text)
const digestOf = (result: string) =>
  createHash('sha256')
    .update(JSON.stringify([subject, result]))
    .digest('hex')

test('the record holds /init, for this user alone', () => {
  assert.match(init, /^#!\/bin\/sh\n/)
  assert.is(JSON.parse(text).result, init)
  assert.is(statSync(record).mode & 0o777, 0o600)
})

test('an unchanged /init is not compiled again: what was kept is taken, and ShellCheck reads it', async () => {
  const other = `${init}# kept\n`
  writeFileSync(record, JSON.stringify({ subject, result: other, digest: digestOf(other) }))
  assert.is(await smallest(), other)
  const faulty = `${init}rm $unquoted\n`
  writeFileSync(record, JSON.stringify({ subject, result: faulty, digest: digestOf(faulty) }))
  const failure = await smallest().catch(error => error)
  assert.match(failure.message, 'SC2086')
})

test('a record that is damaged, of something else, or that others can write is none', async () => {
  const damaged: [string, string, number?][] = [
    ['empty', ''],
    ['cut', text.slice(0, -2)],
    ['one byte of /init flipped', text.replace('#!/bin/sh', '#!/bin/sa')],
    ['another text under the old digest', JSON.stringify({ subject, result: 'reboot\n', digest })],
    ['of other sources', JSON.stringify({ subject: '/init 0', result: init, digest })],
    [
      'writable by the group',
      JSON.stringify({ subject, result: 'reboot\n', digest: digestOf('reboot\n') }),
      0o660,
    ],
  ]
  for (const [what, content, mode = 0o600] of damaged) {
    writeFileSync(record, content)
    chmodSync(record, mode)
    assert.is(await smallest(), init, what)
    assert.is(readFileSync(record, 'utf8'), text, `${what}: kept anew`)
  }
})

test.run()

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { simulate } from '../../../generator/simulator/simulate.ts'
import { cacheScenarios } from '../../scenarios/cache.ts'
import { worldNamed } from '../../scenarios/scenario.ts'
import { sha256 } from '../../support/payload.ts'

const folder = '/run/aria2-initrd/cache/aria2-initrd'
const worldOf = (name: string) => worldNamed(name, cacheScenarios)
const named = (name: string) => simulate(worldOf(name))
/** The addresses that aria2c was asked for, one by one or in a list. */
const fetched = (name: string): string[] =>
  named(name)
    .console.split('\n')
    .flatMap(line => /download: fetching (.*)/.exec(line)?.[1] ?? [])
/** The paths of files in the folder afterwards, relative to it. */
const paths = (name: string): string[] => named(name).machine.files.entries(folder, 'all')
/** The entries afterwards, without their IDs. */
const entries = (name: string): string[] =>
  named(name)
    .machine.files.entries(folder)
    .sort()
    .map(entry => entry.replace(/-[0-9a-f]{64}-/, ' '))

test('the file system is mounted so that nothing in it counts as a program or a device, and taken away before kexec', () => {
  const { trace } = named('an empty cache takes a kernel and an initrd')
  const mount = trace.find(words => words.includes('ext4') && words[0] === 'mount')
  assert.equal(mount?.slice(3), [
    '-o',
    'nosuid,nodev,noexec,noatime,errors=remount-ro',
    '/dev/vda1',
    '/run/aria2-initrd/cache',
  ])
  const order = trace.map(([command]) => command).filter(name => name === 'umount' || name === 'kexec')
  assert.is(order[0], 'umount')
})

test('what has a digest is kept under it, and a torrent under that of its file', () => {
  assert.equal(entries('an empty cache takes a kernel and an initrd'), ['10000001 k', '10000002 i'])
  assert.equal(entries('a torrent is kept'), ['10000001 n.torrent'])
  assert.equal(entries('files without digests are not kept'), [])
  assert.match(
    named('files without digests are not kept').console,
    'cache=: k has no digest, and is not kept',
  )
})

test('what is there is not asked for, and is the newest then', () => {
  assert.equal(fetched('a cache has all, and no server is there'), [])
  assert.equal(entries('a cache has all, and no server is there'), ['10000003 k', '10000004 i'])
  assert.equal(fetched('a cache has the kernel alone'), ['http://s/i'])
  assert.equal(fetched('a list of digests says what the cache may give'), ['http://s/SUMS'])
})

test('what does not have its digest is fetched, and takes the place of what was there', () => {
  for (const name of [
    'a bit of the kernel in the cache has flipped',
    'an entry of the cache that is empty, and one of two files',
  ]) {
    assert.match(named(name).console, 'cache=: k: damaged; fetched again', name)
    const kept = paths(name).filter(path => path.endsWith('-k/k'))
    assert.is(kept.length, 1, name)
    const content = named(name).file(`${folder}/${kept[0]}`) ?? ''
    assert.match(kept[0] ?? '', `-${sha256(content)}-`, name)
  }
})

test('two digests of one name in a list: which of them is meant, the server says', () => {
  assert.equal(fetched('a list with two digests of one name says nothing to the cache'), [
    'http://s/SUMS',
    'http://s/k',
  ])
})

test('aria2c is given the torrent as a file, and looks at the pieces that are there', () => {
  for (const name of [
    'a torrent of which the cache has all pieces',
    'a torrent of which the cache has an earlier one',
  ]) {
    const { trace, console: said } = named(name)
    const run = trace.filter(words => words.includes('--check-integrity=true'))
    assert.is(run.length, 1, name)
    assert.ok(run[0]?.includes('--torrent-file=/tmp/incoming/url-1.torrent/n.torrent'), name)
    assert.ok(
      run[0]?.some(word => word.startsWith('--bt-stop-unseeded=')),
      name,
    )
    assert.not.ok(
      run[0]?.some(word => word.startsWith('http://')),
      name,
    )
    assert.match(said, 'cache=: n.torrent: only what has changed is fetched', name)
  }
})

test('the oldest entry makes room, and no more of them than have to', () => {
  const name = 'the oldest entry makes room'
  assert.equal(entries(name), ['10000002 b', '10000003 k'])
  assert.match(named(name).console, 'cache=: a removed to make room\n')
  const { console: said } = named('a disk without room for what came')
  assert.match(said, 'cache=: no room: it takes 1025 KiB, and at most 512 KiB can be free\n')
  assert.equal(entries('a disk without room for what came'), ['10000002 i'])
})

test('what a power cut left is removed, and what is no entry is left alone', () => {
  const there = paths('what else lies in the folder of the cache')
  assert.not.ok(there.some(path => path.startsWith('new')))
  assert.ok(there.includes('x y/z'))
})

test('a boot goes on without a disk, and says why', () => {
  for (const [name, cause] of [
    ['a disk that is not there', 'cache=LABEL=boot: not there after 10 s; nothing is kept'],
    [
      'a disk with another file system',
      'cache=LABEL=boot: /dev/vda1 cannot be mounted as ext4; nothing is kept',
    ],
    [
      'a folder of the cache that is a link',
      'cache=LABEL=boot: /dev/vda1 cannot be written to; nothing is kept',
    ],
    ['a disk that is still in use at the end', 'cache=: still in use; what was kept last may be lost'],
  ] as const)
    assert.match(named(name).console, `aria2-initrd: download: ${cause}\n`, name)
})

test.run()

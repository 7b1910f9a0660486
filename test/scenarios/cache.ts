/** cache=: a local partition that keeps files. */
import { torrentOf } from '../../generator/simulator/servers.ts'
import type { Content, World } from '../../generator/simulator/world.ts'
import { initrd, kernel, sha256 } from '../support/payload.ts'
import { about, both, failed, scenario } from './scenario.ts'

const folder = '/run/aria2-initrd/cache/aria2-initrd'
const label = 'cache=LABEL=boot'
const digests = `kernel_sha=${sha256(kernel)} initrd_sha=sha256:${sha256(initrd)}`
const torrentUrl = 'http://s/p/n.torrent'
const torrentFiles = { 'n/k': kernel, 'n/i': initrd }
const torrent = torrentOf(torrentUrl, torrentFiles)

/** What an entry holds. */
const entry = (number: number, id: string, name: string, files: Record<string, Content>) =>
  Object.fromEntries(
    Object.entries(files).map(([path, content]) => [`${folder}/${number}-${id}-${name}/${path}`, content]),
  )
const kernelEntry = entry(10000001, sha256(kernel), 'k', { k: kernel })
const initrdEntry = entry(10000002, sha256(initrd), 'i', { i: initrd })
const torrentEntry = entry(10000003, sha256(torrent), 'n.torrent', torrentFiles)

/** A boot with a disk that holds these files. */
const onDisk = (
  name: string,
  end: string,
  cmdline: string,
  files: Record<string, Content> = {},
  world: Omit<World, 'cmdline'> = {},
) => scenario(name, end, `${label} ${cmdline}`, { disk: { named: 'LABEL=boot' }, files, ...world })

const swarm = { serve: { [torrentUrl]: { files: torrentFiles } } }
/** No server has anything. */
const alone = { serve: {} }

export const cacheScenarios = about('cache', [
  onDisk('an empty cache takes a kernel and an initrd', 'kexec', `${both} ${digests}`),
  onDisk(
    'a cache has all, and no server is there',
    'kexec',
    `${both} ${digests}`,
    { ...kernelEntry, ...initrdEntry },
    alone,
  ),
  onDisk('a cache has the kernel alone', 'kexec', `${both} ${digests}`, kernelEntry),
  onDisk('a bit of the kernel in the cache has flipped', 'kexec', `${both} ${digests}`, {
    ...entry(10000001, sha256(kernel), 'k', { k: `${kernel}x` }),
    ...initrdEntry,
  }),
  onDisk(
    'a damaged kernel in the cache, and no server',
    failed,
    `${both} ${digests} retries=1`,
    entry(10000001, sha256(kernel), 'k', { k: 'x' }),
    alone,
  ),
  onDisk('an entry of the cache that is empty, and one of two files', 'kexec', `${both} ${digests}`, {
    [`${folder}/10000001-${sha256(kernel)}-k/sub/.keep`]: '',
    ...entry(10000002, sha256(initrd), 'i', { i: initrd, j: initrd }),
  }),
  onDisk('what else lies in the folder of the cache', 'kexec', `${both} ${digests}`, {
    ...kernelEntry,
    [`${folder}/new/half`]: 'x',
    [`${folder}/00000009-${sha256(initrd)}-i/i`]: 'x',
    [`${folder}/x y/z`]: '',
    [`${folder}/-k`]: '',
  }),
  onDisk('files without digests are not kept', 'kexec', both),
  onDisk(
    'a list of digests says what the cache may give',
    'kexec',
    'url=http://s/k,http://s/i sha256sums=http://s/SUMS',
    { ...kernelEntry, ...initrdEntry },
    { serve: { 'http://s/SUMS': `${sha256(kernel)}  a/k\n${sha256(initrd)} *i\n` } },
  ),
  onDisk(
    'a list with two digests of one name says nothing to the cache',
    'kexec',
    'url=http://s/k,http://s/i sha256sums=http://s/SUMS',
    { ...kernelEntry, ...initrdEntry },
    {
      serve: {
        'http://s/SUMS': `${sha256(kernel)}  a/k\n${sha256('x')}  b/k\n${sha256(initrd)}  i\n`,
        'http://s/k': kernel,
      },
    },
  ),
  onDisk('a torrent is kept', 'kexec', `url=${torrentUrl}`, {}, swarm),
  onDisk('a torrent of which the cache has all pieces', 'kexec', `url=${torrentUrl}`, torrentEntry, swarm),
  onDisk(
    'a torrent of which the cache has an earlier one',
    'kexec',
    `url=${torrentUrl}`,
    entry(10000003, sha256('earlier'), 'n.torrent', { 'n-1/k': 'x' }),
    swarm,
  ),
  onDisk(
    'a torrent whose kept files were damaged',
    'kexec',
    `url=${torrentUrl}`,
    entry(10000003, sha256(torrent), 'n.torrent', { 'n/k': kernel, 'n/i': 'x' }),
    swarm,
  ),
  onDisk('a torrent that nobody has any more', failed, `url=${torrentUrl} retries=1`, torrentEntry, alone),
  onDisk(
    'the oldest entry makes room',
    'kexec',
    `kernel_url=http://s/k kernel_sha=${sha256(kernel)}`,
    {
      ...entry(10000001, sha256('a'), 'a', { a: 'a'.repeat(900 * 1024) }),
      ...entry(10000002, sha256('b'), 'b', { b: 'b'.repeat(300 * 1024) }),
    },
    { disk: { named: 'LABEL=boot', kib: 2048 } },
  ),
  onDisk(
    'a disk without room for what came',
    'kexec',
    `kernel_url=http://s/k kernel_sha=${sha256(kernel)}`,
    initrdEntry,
    {
      disk: { named: 'LABEL=boot', kib: 512 },
    },
  ),
  onDisk('a disk that is not there', 'kexec', `${both} ${digests}`, {}, { disk: { named: 'LABEL=x' } }),
  onDisk(
    'a disk with another file system',
    'kexec',
    `${both} ${digests}`,
    {},
    {
      broken: [{ command: 'mount', with: 'ext4', status: 255 }],
    },
  ),
  onDisk(
    'a disk that is still in use at the end',
    'kexec',
    `${both} ${digests}`,
    {},
    {
      broken: [{ command: 'umount', status: 1 }],
    },
  ),
  onDisk(
    'a folder of the cache that is a link',
    'kexec',
    `${both} ${digests}`,
    {},
    { links: { [folder]: '/etc' } },
  ),
  scenario('a partition by its path', 'kexec', `${both} ${digests} cache=/dev/vda1`, {
    files: { '/dev/vda1': '' },
    disk: { named: '' },
  }),
  scenario('a path of a partition that never comes', 'kexec', `${both} ${digests} cache=/dev/vda9`),
  ...['boot', 'LABEL=a;b', '/etc', '/dev/../etc', 'LABEL=$(canary)', 'PARTUUID=1'].map(named =>
    scenario(`cache=${named}`, failed, `${both} "cache=${named}"`, { disk: { named } }),
  ),
])

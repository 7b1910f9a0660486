// cache=: a disk of QEMU's keeps what the first boot fetched.
import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { qemuProgram } from '../../generator/qemu/qemu.ts'
import { bootMachine, type MachineEnd, startMachine } from '../../generator/qemu/virtual-machine.ts'
import { needs } from '../support/needs.ts'
import { startSite } from './site.ts'

const MiB = 1 << 20
const site = await startSite({ modules: ['virtual', 'storage'] })
const work = mkdtempSync(join(tmpdir(), 'aria2-initrd-cache-'))
const disk = join(work, 'disk,1.img')
test.after(async () => {
  rmSync(work, { recursive: true, force: true })
  await site.close()
})

/** An image that no compression makes smaller, the same each time. */
function noise(bytes: number, seed: number): Buffer {
  const image = Buffer.alloc(bytes)
  let state = seed
  for (let at = 0; at < bytes; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    image.writeUInt32LE(state, at)
  }
  return image
}

/** A disk with an empty ext4 of a label. */
function formatDisk(megabytes: number, label = 'boot-cache'): void {
  writeFileSync(disk, '')
  truncateSync(disk, megabytes * MiB)
  execFileSync('mkfs.ext4', ['-q', '-L', label, disk], { stdio: 'pipe' })
}

/** Turns a bit in each place of the disk where some bytes of a file are. */
function flipOnDisk(bytes: Buffer): number {
  const image = readFileSync(disk)
  let count = 0
  for (let at = image.indexOf(bytes); at !== -1; at = image.indexOf(bytes, at + 1)) {
    image[at] = (image[at] ?? 0) ^ 1
    count += 1
  }
  writeFileSync(disk, image)
  return count
}

const image = noise(16 * MiB, 1)
/** MiB of a disk that holds the kernel, the initrd and the image, and a second image only when the first makes room. */
const ample = 36 + Math.ceil(statSync(join(site.folder, 'vmlinuz')).size / MiB)
/** The torrent keeps its address, and its folder is called after the generation. */
async function publish(generation: string, content: Buffer): Promise<void> {
  site.write('root.img', content)
  site.write('root.verity', `hash tree of ${generation}`)
  await site.publish(generation, ['root.img', 'root.verity'])
  copyFileSync(join(site.folder, `${generation}.torrent`), join(site.folder, 'root.torrent'))
}
const digests = (...files: string[]) => files.map(file => site.digest('sha256', file))
const files = (): string => {
  const [kernel, initrd] = digests('vmlinuz', 'initrd.img')
  return [
    `kernel_url=${site.url('vmlinuz')} kernel_sha=${kernel}`,
    `initrd_url=${site.url('initrd.img')} initrd_sha=${initrd}`,
    `url=${site.url('root.torrent')} seed_time=0`,
  ].join(' ')
}
const machine = (append: string) => ({
  ...site.image,
  append: `quiet cache=LABEL=boot-cache boot=none on_complete=poweroff on_failure=poweroff ${append}`,
  disks: [disk],
  limit: 400,
})

interface Fetched {
  end: MachineEnd
  /** What the server gave for each file, in bytes. */
  bytes(file: string): number
}

async function boot(append = files()): Promise<Fetched> {
  site.origin.requests.length = 0
  const end = await bootMachine(machine(append))
  assert.is(end.reason, 'off', end.console)
  assert.match(end.console, 'all files are in /tmp; poweroff', end.console)
  assert.not.match(end.console, /Kernel panic|EXT4-fs error/)
  const sent = site.origin.requests.map(({ path, sent }) => ({ path: path.replace(/^\/+/, ''), sent }))
  const bytes = (file: string) =>
    sent.filter(({ path }) => path === file).reduce((sum, { sent }) => sum + sent, 0)
  return { end, bytes }
}

function has(console: string, ...lines: string[]): void {
  for (const line of lines) assert.ok(console.includes(`download: ${line}`), `no ${line}\n${console}`)
}

const check = needs(test, { [qemuProgram.program]: qemuProgram.package, 'mkfs.ext4': 'e2fsprogs' })

check('the first boot keeps all, the second fetches none of it', async () => {
  formatDisk(ample)
  await publish('root-1', image)
  const first = await boot()
  has(first.end.console, 'cache=: keeps vmlinuz', 'cache=: keeps initrd.img', 'cache=: keeps root.torrent')
  assert.ok(first.bytes('root-1/root.img') > image.length)

  const second = await boot()
  has(second.end.console, '/tmp/kernel/vmlinuz: from cache=', '/tmp/initrd-1/initrd.img: from cache=')
  has(second.end.console, 'cache=: root.torrent: only what has changed is fetched')
  for (const file of ['vmlinuz', 'initrd.img', 'root-1/root.img']) assert.is(second.bytes(file), 0, file)
  assert.ok(second.bytes('root.torrent') < image.length / 100)
})

check(
  'after a change of 5 % that much is fetched, and bits that have flipped; the oldest makes room',
  async () => {
    const changed = Buffer.from(image)
    noise(819_200, 2).copy(changed, 7 * MiB)
    await publish('root-2', changed)
    const kernel = readFileSync(join(site.folder, 'vmlinuz'))
    assert.ok(flipOnDisk(kernel.subarray(5 * 4096, 6 * 4096)) > 0, 'the kernel is on the disk')
    assert.ok(flipOnDisk(image.subarray(3 * MiB, 3 * MiB + 4096)) > 0, 'the image is on the disk')
    const { end, bytes } = await boot()
    has(end.console, 'cache=: vmlinuz: damaged; fetched again', 'cache=: keeps vmlinuz')
    has(end.console, '/tmp/initrd-1/initrd.img: from cache=')
    has(end.console, 'cache=: root.torrent removed to make room', 'cache=: keeps root.torrent')
    assert.ok(bytes('vmlinuz') > kernel.length)
    assert.ok(bytes('root-2/root.img') > 819_200, `${bytes('root-2/root.img')} bytes`)
    assert.ok(bytes('root-2/root.img') < image.length * 0.15, `${bytes('root-2/root.img')} bytes`)
  },
)

check('the plug is pulled while files are kept: the next boot has whole ones', async () => {
  formatDisk(ample)
  for (const moment of ['fetching', 'keeps vmlinuz', 'keeps initrd.img']) {
    const running = await startMachine(machine(files()))
    await running.waitFor(moment)
    await running.stop()
  }
  await boot()
  const { bytes } = await boot()
  for (const file of ['vmlinuz', 'initrd.img', 'root-2/root.img']) assert.is(bytes(file), 0, file)
})

check('a disk of another label is left as it is, and all is fetched', async () => {
  formatDisk(16, 'data')
  const before = readFileSync(disk)
  const { end, bytes } = await boot()
  has(end.console, 'cache=LABEL=boot-cache: not there after 10 s; nothing is kept')
  assert.ok(bytes('root-2/root.img') > image.length)
  assert.ok(readFileSync(disk).equals(before), 'the disk has changed')
})

test.run()

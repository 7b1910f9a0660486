// What cannot be published is refused in one sentence, and what was there stays as it was.
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { silent } from '../../generator/host/console/progress.ts'
import { checkBaseUrl, checkTracker } from '../../generator/publish/check-options.ts'
import { digestFiles } from '../../generator/publish/digest-files.ts'
import type { PublishOptions } from '../../generator/publish/publish-options.ts'
import { Staging } from '../../generator/publish/staging.ts'
import { Unfinished } from '../../generator/publish/unfinished.ts'
import { cli } from '../support/cli.ts'
import { failure } from '../support/failure.ts'
import { needs } from '../support/needs.ts'
import { baseUrl, initrdLike, kernelLike, noise, publishSite } from './site.ts'

const site = publishSite()
const kernel = site.write('vmlinuz', kernelLike(50_000))
const initrd = site.write('initrd.img', initrdLike(60_000))
const image = site.write('root.squashfs', noise(70_000))

/** Publishes what must fail; the folder is as it was, and nothing lies about in it. */
async function refused(files: string[], options: Partial<PublishOptions> = {}): Promise<string> {
  await site.publish([kernel, initrd])
  const before = site.contents()
  const message = await failure(site.publish(files, options))
  assert.equal(site.contents(), before)
  return message
}

test('files that are none', async () => {
  mkdirSync(join(site.source, 'folder'))
  execFileSync('mkfifo', [join(site.source, 'pipe')])
  const empty = site.write('empty', '')
  assert.match(await refused([kernel, join(site.source, 'absent')]), /^cannot read .*absent: no such file$/)
  assert.match(await refused([kernel, join(site.source, 'folder')]), /folder is not a file$/)
  assert.match(await refused([kernel, join(site.source, 'pipe')]), /pipe is not a file$/)
  assert.match(await refused([kernel, '/dev/zero']), /zero is not a file$/)
  assert.match(await refused([kernel, empty]), /empty is empty$/)
})

test('two files with one name, also the same one twice', async () => {
  mkdirSync(join(site.source, 'other'))
  const twin = site.write('other/vmlinuz', initrdLike(1000))
  assert.match(await refused([kernel, twin]), /^two files are called vmlinuz: /)
  assert.match(await refused([kernel, kernel]), /^two files are called vmlinuz: /)
})

test('a file that grew after its size was asked for', async () => {
  const unfinished = await Unfinished.begin(site.served, 'grown')
  const staging = await Staging.begin(unfinished)
  const run = {
    ...{ files: [{ path: kernel, name: 'vmlinuz', size: 49_999 }], folder: join(site.served, 'grown') },
    ...{ pieceLength: 16384, staging, record: '/nowhere', progress: silent },
    signal: new AbortController().signal,
  }
  assert.match(await failure(digestFiles(run)), /vmlinuz changed while it was read$/)
  await staging.discard()
  await unfinished.close()
  assert.not.ok(readdirSync(site.served).some(name => name.includes('grown')))
})

test('names that would have to be quoted somewhere', async () => {
  for (const name of [
    'a b',
    'größe',
    '50%',
    'a#b',
    '-n',
    '.hidden',
    'a,b',
    'a"b',
    "a'b",
    'a;b',
    'a\nb',
    'a&b',
  ]) {
    const file = site.write(name, initrdLike(1000))
    assert.match(await refused([kernel, file]), 'would have to be quoted', name)
    assert.match(await refused([kernel], { name }), 'would have to be quoted', name)
  }
  for (const name of ['..', '.', '', 'a/b', '../x', 'x'.repeat(200)]) {
    assert.match(await refused([kernel], { name }), 'would have to be quoted', name)
  }
  for (const name of ['stage-one', 'SHA256SUMS']) {
    assert.match(await refused([kernel], { name }), 'is a name that publish uses itself')
  }
  assert.match(await refused([kernel], { name: 'x.boot' }), 'x.boot ends like the folders')
  const sums = site.write('SHA256SUMS', initrdLike(1000))
  assert.match(await refused([kernel, sums]), 'is a name that publish uses itself')
})

test('files of which none or several are a kernel', async () => {
  const second = site.write('vmlinuz-2', kernelLike(1000))
  assert.match(await refused([initrd, image]), /^none of the files is a kernel: initrd.img, root.squashfs$/)
  assert.match(await refused([kernel, second, initrd]), /^vmlinuz and vmlinuz-2 are both kernels$/)
})

test('a file that is called as an initrd would be for its order', async () => {
  const [z, a, taken] = [
    site.write('z.img', initrdLike(1000)),
    site.write('a.img', initrdLike(1000)),
    site.write('1-z.img', noise(9)),
  ]
  assert.match(await refused([kernel, z, a, taken]), 'there is a file called 1-z.img already')
})

test('without a first stage', async () => {
  assert.match(
    await refused([kernel], { stageOne: '/nowhere' }),
    /^cannot read \/nowhere\/vmlinuz, the first stage/,
  )
})

test('base URLs that are none, or none for a folder', () => {
  const wrong = [
    '10.0.0.1/boot',
    '//10.0.0.1/boot',
    'boot',
    '',
    'file:///srv',
    'tftp://10.0.0.1/',
    'http://',
    'http://10.0.0.1/a b',
    'http://10.0.0.1/a,b',
    'http://10.0.0.1/?x=1',
    'http://10.0.0.1/#x',
    'http://10.0.0.1/50%',
    'http://10.0.0.1/ü',
    'http://u:p@10.0.0.1/',
    'http://10.0.0.1:99999/',
    'http://10.0.0.1/a"b',
    "http://10.0.0.1/a'b",
    'http://10.0.0.1/$(reboot)',
  ]
  for (const url of wrong) assert.throws(() => checkBaseUrl(url), /^--base-url /, url)
  for (const [url, wanted] of [
    ['http://10.0.0.1', 'http://10.0.0.1'],
    ['http://10.0.0.1/', 'http://10.0.0.1'],
    ['https://boot.example.org:8443/a/b//', 'https://boot.example.org:8443/a/b'],
    ['http://[fd00::1]:8080/x%20y', 'http://[fd00::1]:8080/x%20y'],
    ['ftp://10.0.0.1/pub', 'ftp://10.0.0.1/pub'],
  ] as const) {
    assert.is(checkBaseUrl(url), wanted)
  }
})

test('trackers that the nodes cannot ask', () => {
  for (const url of [
    'udp://10.0.0.1:6969/announce',
    '10.0.0.1:6969',
    'http://10.0.0.1:6969',
    'http://a/b c',
    '',
  ]) {
    assert.throws(() => checkTracker(url), /^--tracker /, url)
  }
  for (const url of [
    'http://10.0.0.1:6969/announce',
    'https://t.example/announce/x',
    'http://[fd00::1]:80/a',
  ]) {
    assert.is(checkTracker(url), url)
  }
})

test('parameters for the first stage that would swallow, hide or contradict what follows', async () => {
  for (const append of [
    'x="a',
    '"x=a b',
    'quiet --',
    '--',
    'url=http://x/',
    'kernel_sha=0',
    'ramdisk_sha=0',
    'a\nb',
  ]) {
    assert.match(await refused([kernel], { append }), '--append ', append)
  }
  for (const append of ['', 'quiet', 'x="a b" ip=dhcp', 'a=-- b', 'tracker=http://x/']) {
    assert.ok((await site.publish([kernel, initrd], { append })).line?.startsWith(append))
  }
  await site.publish([kernel, initrd])
})

test('files of others in the folder stay; a folder in the way is named', async () => {
  mkdirSync(join(site.served, 'node/deep'), { recursive: true })
  for (const path of [
    'notes.txt',
    'node/notes.txt',
    'node/deep/notes.txt',
    'node.boot/site.conf',
    '.hidden',
  ]) {
    mkdirSync(join(site.served, path, '..'), { recursive: true })
    writeFileSync(join(site.served, path), path)
  }
  await site.publish([kernel, initrd])
  for (const path of [
    'notes.txt',
    'node/notes.txt',
    'node/deep/notes.txt',
    'node.boot/site.conf',
    '.hidden',
  ]) {
    assert.is(site.contents()[path], path)
  }
  mkdirSync(join(site.served, 'other.torrent'), { recursive: true })
  assert.match(
    await failure(site.publish([kernel, initrd], { name: 'other' })),
    /^cannot write .*other\.torrent: /,
  )
  assert.not.ok(Object.keys(site.contents()).some(path => path.startsWith('other/') || path.endsWith('.tmp')))
  assert.match(
    await refused([kernel], { outputDir: kernel }),
    /^cannot write .*vmlinuz: a file is in the way$/,
  )
  assert.match(await refused([kernel], { outputDir: '/proc/publish' }), /^cannot write \/proc\/publish/)
})

const asRoot = needs(test, {}, true)

asRoot('a file that may not be read', async () => {
  await site.publish([kernel, initrd])
  const before = site.contents()
  const secret = site.write('secret', noise(100))
  chmodSync(secret, 0o600)
  execFileSync('chmod', ['-R', 'a+rX', join(site.source, '..')])
  chmodSync(secret, 0)
  process.seteuid?.(65534)
  try {
    assert.match(await failure(site.publish([kernel, secret])), /^cannot read .*secret: permission denied$/)
    assert.match(
      await failure(site.publish([kernel, initrd], { name: 'new' })),
      /^cannot write .*: permission denied$/,
    )
  } finally {
    process.seteuid?.(0)
  }
  assert.equal(site.contents(), before)
})

needs(
  test,
  { mount: 'mount' },
  true,
)('a full disk, in the middle of a file and in what follows', async () => {
  const disk = mkdtempSync(join(tmpdir(), 'aria2-initrd-disk-'))
  for (const size of ['100k', '136k', '152k']) {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', disk])
    try {
      mkdirSync(join(disk, 'node'))
      writeFileSync(join(disk, 'node/vmlinuz'), 'the old kernel')
      const message = await failure(site.publish([kernel, initrd], { outputDir: disk }))
      assert.match(message, /^cannot write .*: the disk is full$/)
      const left = readdirSync(disk, { recursive: true, encoding: 'utf8' })
      assert.equal(
        left.filter(name => !['node', 'stage-one', 'node.boot'].includes(name)),
        ['node/vmlinuz'],
      )
    } finally {
      execFileSync('umount', [disk])
    }
  }
  rmSync(disk, { recursive: true })
})

test('the command: wrong usage is 2, a failure is 1, each with one clear error and nothing on stdout', () => {
  const output = ['-o', site.served]
  const url = ['--base-url', baseUrl]
  const calls: [number, string[]][] = [
    [2, [...output, ...url]],
    [2, [kernel, ...output]],
    [2, [kernel, ...url]],
    [2, [kernel, ...output, '--base-url', '10.0.0.1']],
    [2, [kernel, ...output, ...url, '--tracker', 'udp://10.0.0.1:1/a']],
    [2, [kernel, ...output, ...url, '--piece-length', '300k']],
    [2, [kernel, ...output, ...url, '--nodes', 'many']],
    [2, [kernel, ...output, ...url, '--nonsense']],
    [1, [kernel, ...output, ...url, '--stage-one', '/nowhere']],
    [1, ['/nowhere', ...output, ...url, '--no-stage-one']],
  ]
  for (const [status, words] of calls) {
    const failed = cli('publish', ...words)
    assert.is(failed.status, status, `${words.join(' ')}\n${failed.stderr}`)
    assert.is(failed.stdout, '')
    assert.match(failed.stderr, /^aria2-initrd: error: .+\nhelp: .+\n$/)
  }
})

test('Ctrl-C: nothing of it is left, what was there stays', async () => {
  await site.publish([kernel, initrd])
  const before = site.contents()
  const large = site.write('large', noise(40_000_000))
  const bin = fileURLToPath(new URL('../../generator/commands/bin.mjs', import.meta.url))
  const words = [
    'publish',
    large,
    '-o',
    site.served,
    '--name',
    'node',
    '--base-url',
    baseUrl,
    '--no-stage-one',
  ]
  const child = spawn(process.execPath, [bin, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', piece => {
    stdout += piece
  })
  child.stderr.on('data', piece => {
    // It has begun to read.
    if (stderr === '') child.kill('SIGINT')
    stderr += piece
  })
  const status = await new Promise(resolve => child.on('close', resolve))
  assert.is(status, 1, stderr)
  assert.is(stdout, '')
  assert.match(stderr, /^reading .*\naria2-initrd: error: interrupted\nhelp: .+\n$/)
  assert.equal(site.contents(), before)
})

test('SIGKILL: the next run takes away what was left, and nothing else', async () => {
  await site.publish([kernel, initrd])
  const before = site.contents()
  const large = site.write('large', noise(40_000_000))
  const bin = fileURLToPath(new URL('../../generator/commands/bin.mjs', import.meta.url))
  const words = ['-o', site.served, '--name', 'node', '--base-url', baseUrl, '--no-stage-one']
  const child = spawn(process.execPath, [bin, 'publish', large, ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  child.stderr.once('data', () => {
    const timer = setInterval(() => {
      if (!Object.keys(site.contents()).some(path => path.includes('.tmp/'))) return
      clearInterval(timer)
      child.kill('SIGKILL')
    }, 1)
  })
  assert.is(await new Promise(resolve => child.on('close', (_, signal) => resolve(signal))), 'SIGKILL')
  const left = Object.keys(site.contents()).filter(path => !(path in before))
  assert.ok(
    left.some(path => /^\.node\.[\da-f]{8}\.tmp\/large$/.test(path)),
    left.join(),
  )
  assert.ok(
    left.some(path => path.endsWith('.unfinished')),
    left.join(),
  )

  // Another's, although it is called so; and a list that names what is not there to be taken away.
  writeFileSync(join(site.served, 'node', 'mine.0123abcd.tmp'), 'mine')
  writeFileSync(join(site.source, 'outside.0123abcd.tmp'), 'outside')
  writeFileSync(
    join(site.served, '.publish.0123abcd.unfinished'),
    `{}\n${JSON.stringify(join(site.source, 'outside.0123abcd.tmp'))}\n${JSON.stringify(join(site.served, 'node/vmlinuz'))}\n"cut`,
  )
  await site.publish([kernel, initrd])
  const after = site.contents()
  assert.equal(Object.keys(after).sort(), [...Object.keys(before), 'node/mine.0123abcd.tmp'].sort())
  assert.ok(readdirSync(site.source).includes('outside.0123abcd.tmp'))
  rmSync(join(site.served, 'node', 'mine.0123abcd.tmp'))
})

test('what another run is still writing is left alone, and the same is not published by two at once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'aria2-initrd-unfinished-'))
  const unfinished = await Unfinished.begin(folder, 'node')
  const running = await Staging.begin(unfinished)
  await running.write('kernel', file => file.writeFile('kernel'))
  await site.publish([kernel, initrd], { outputDir: folder, name: 'other' })
  assert.match(
    await failure(site.publish([kernel, initrd], { outputDir: folder })),
    new RegExp(`^node is being published to ${folder} already, by process ${process.pid} on `),
  )
  assert.equal(readdirSync(running.folder), ['kernel'])
  await running.discard()
  await unfinished.close()
  await site.publish([kernel, initrd], { outputDir: folder })
  rmSync(folder, { recursive: true })
})

test.run()

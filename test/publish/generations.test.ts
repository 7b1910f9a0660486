// What nodes, web servers and a person see while one generation takes the place of another.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  promises,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { silent } from '../../generator/host/console/progress.ts'
import { runCommand } from '../../generator/host/processes/run-command.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { freePort } from '../../generator/serve/free-port.ts'
import { startOrigin } from '../../generator/serve/origin.ts'
import { startSite } from '../../generator/serve/site.ts'
import { needs } from '../support/needs.ts'
import { sha256 } from '../support/payload.ts'
import { baseUrl, initrdLike, kernelLike, publishSite } from './site.ts'

const { aria2c } = await provideBinaries(silent)
const bin = fileURLToPath(new URL('../../generator/commands/bin.mjs', import.meta.url))

/** Two kernels and initrds that follow each other. */
function twoBuilds(bytes = 60_000) {
  const site = publishSite()
  const build = (number: number) => [
    site.write('vmlinuz', kernelLike(50_000, number)),
    site.write('initrd.img', initrdLike(bytes, 100 + number)),
  ]
  const at = (path: string) => join(site.served, path)
  return { site, build, at }
}

/** The same set by each of its names: the files are those of SHA256SUMS, and those that the torrent and the Metalink name. */
function checkWhole(served: string, name = 'node'): string {
  execFileSync('sha256sum', ['--strict', '--quiet', '-c', 'SHA256SUMS'], { cwd: join(served, name) })
  const generation = readlinkSync(join(served, `${name}.current`))
  const lists = [`${name}.torrent`, `${name}.meta4`, `${name}.boot/boot.ipxe`]
  for (const list of lists)
    assert.ok(
      readFileSync(join(served, list), 'latin1').includes(generation),
      `${list} is not of ${generation}`,
    )
  assert.equal(
    readFileSync(join(served, `${generation}.torrent`)),
    readFileSync(join(served, `${name}.torrent`)),
  )
  execFileSync('sha256sum', ['--strict', '--quiet', '-c', 'SHA256SUMS'], { cwd: join(served, generation) })
  return generation
}

const generationsIn = (served: string): string[] =>
  readdirSync(served).filter(entry => /^node-[\da-f]{12}$/.test(entry))

test('the former generation stays as it was, byte for byte, by its own addresses', async () => {
  const { site, build, at } = twoBuilds()
  const { line: oldLine = '' } = await site.publish(build(1))
  const old = checkWhole(site.served)
  const bytes = (folder: string) =>
    ['vmlinuz', 'initrd.img', 'node.meta4'].map(file => readFileSync(at(`${folder}/${file}`)))
  const before = bytes(old)
  await site.publish(build(2))
  assert.is.not(checkWhole(site.served), old)
  assert.equal(bytes(old), before)
  assert.match(oldLine, `url=${baseUrl}/${old}/node.meta4 `)
  assert.ok(existsSync(at(`${old}.torrent`)))
  // The first stage, too, which a boot loader may be in the middle of.
  assert.match(readFileSync(at(`${old}/node.boot/boot.ipxe`), 'utf8'), `${baseUrl}/${old}/stage-one/vmlinuz`)
  assert.ok(existsSync(at(`${old}/stage-one/vmlinuz`)))
})

test('--keep: so many former ones stay, the youngest; what was published before counts again, unread and not twice', async () => {
  const { site, build } = twoBuilds()
  const names: string[] = []
  for (const number of [1, 2, 3, 4]) {
    names.push((await site.publish(build(number))).generation)
    await sleep(20)
  }
  assert.equal(generationsIn(site.served).sort(), names.slice(1).sort())
  const back = await site.publish(build(3))
  assert.is(back.generation, names[2])
  assert.is(checkWhole(site.served), names[2])
  assert.equal(back.removed, [])
  await sleep(20)
  const kept = await site.publish(build(5), { keep: 1 })
  assert.equal(kept.removed.sort(), [names[1], names[3]].sort())
  assert.equal(generationsIn(site.served).sort(), [names[2], kept.generation].sort())
  assert.not.ok(existsSync(join(site.served, `${names[1]}.torrent`)))
  await site.publish(build(6), { keep: 0 })
  assert.is(generationsIn(site.served).length, 1)
})

test('a folder that is called like a generation and is none stays', async () => {
  const { site, build, at } = twoBuilds()
  mkdirSync(at('node-0123456789ab'), { recursive: true })
  await site.publish(build(1), { keep: 0 })
  assert.ok(existsSync(at('node-0123456789ab')))
})

/** As publish left a folder before it had generations. */
async function older(build: (number: number) => string[], site: ReturnType<typeof publishSite>) {
  const { generation } = await site.publish(build(1))
  for (const [path, text] of Object.entries(site.contents())) {
    const content = readFileSync(join(site.served, path))
    rmSync(join(site.served, path))
    writeFileSync(join(site.served, path), content)
    assert.ok(text)
  }
  rmSync(join(site.served, 'node.current'))
  rmSync(join(site.served, generation), { recursive: true })
  rmSync(join(site.served, `${generation}.torrent`))
}

test('a folder of an older version becomes the first generation, without a copy; files of others stay', async () => {
  const { site, build, at } = twoBuilds()
  await older(build, site)
  writeFileSync(at('node/notes.txt'), 'mine')
  const before = site.contents()
  const { ino } = statSync(at('node/vmlinuz'))
  const { generation } = await site.publish(build(2))
  assert.is(checkWhole(site.served), generation)
  const [first = '', ...others] = generationsIn(site.served).filter(each => each !== generation)
  assert.equal(others, [])
  assert.is(statSync(at(`${first}/vmlinuz`)).ino, ino)
  for (const file of ['vmlinuz', 'initrd.img', 'SHA256SUMS'])
    assert.is(
      readFileSync(at(`${first}/${file}`), 'latin1').length > 0 && before[`node/${file}`] !== undefined,
      true,
    )
  assert.is(readFileSync(at('node/notes.txt'), 'utf8'), 'mine')
})

/** Looks at the folder after each change that publish makes to it, which is what a power cut then would leave. */
async function atEachMoment(look: () => void, act: () => Promise<unknown>): Promise<void> {
  const changes = [
    'rename',
    'symlink',
    'link',
    'rm',
    'utimes',
    'mkdir',
    'copyFile',
    'appendFile',
    'writeFile',
  ] as const
  const before = Object.fromEntries(changes.map(name => [name, promises[name]]))
  for (const name of changes) {
    const change = promises[name] as (...words: unknown[]) => Promise<unknown>
    const looking = async (...words: unknown[]) => {
      try {
        return await change(...words)
      } finally {
        look()
      }
    }
    Object.assign(promises, { [name]: looking })
  }
  syncBuiltinESMExports()
  try {
    await act()
  } finally {
    Object.assign(promises, before)
    syncBuiltinESMExports()
  }
}

for (const from of ['a generation', 'a folder of an older version', 'nothing'] as const) {
  test(`cut off at any moment, the folder has the old set or the new one, whole: from ${from}`, async () => {
    const { site, build, at } = twoBuilds()
    if (from === 'a generation') await site.publish(build(1))
    else if (from === 'a folder of an older version') await older(build, site)
    const sums = () => (existsSync(at('node/SHA256SUMS')) ? readFileSync(at('node/SHA256SUMS'), 'utf8') : '')
    const names = [
      'node.torrent',
      'node.meta4',
      'node/SHA256SUMS',
      'node/vmlinuz',
      'node/initrd.img',
      'node.boot/boot.ipxe',
      'stage-one/vmlinuz',
    ]
    const set = () =>
      names.map(name => (existsSync(at(name)) ? sha256(readFileSync(at(name), 'latin1')) : '')).join()
    const seen: { set: string; copy: string }[] = []
    const look = () => {
      const copy = mkdtempSync(join(tmpdir(), 'aria2-initrd-moment-'))
      cpSync(site.served, copy, { recursive: true, verbatimSymlinks: true })
      seen.push({ set: set(), copy })
    }
    const old = set()
    await atEachMoment(look, () => site.publish(build(2), { keep: 0 }))
    const now = set()
    assert.is.not(now, old)
    assert.ok(seen.length > 15, `${seen.length} moments`)
    assert.equal([...new Set(seen.map(each => each.set))], [old, now], sums())
    // The next run, of another process, tidies up after each.
    for (const [moment, { copy }] of seen.entries()) {
      for (const list of readdirSync(copy).filter(entry => entry.endsWith('.unfinished'))) {
        const text = readFileSync(join(copy, list), 'utf8')
        const ofTheDead = text.replaceAll(site.served, copy).replace(/"pid":\d+/, '"pid":1')
        writeFileSync(join(copy, list), ofTheDead)
      }
      if (moment % 4 === 0) {
        await site.publish(build(3), { outputDir: copy, keep: 0 })
        checkWhole(copy)
        const left = readdirSync(copy).filter(entry => /\.tmp$|\.unfinished$/.test(entry))
        assert.equal(left, [], `after moment ${moment}`)
      }
      rmSync(copy, { recursive: true })
    }
  })
}

interface Server {
  url: string
  close(): Promise<void>
}

async function startNginx(folder: string): Promise<Server> {
  const work = mkdtempSync(join(tmpdir(), 'aria2-initrd-nginx-'))
  chmodSync(work, 0o755)
  const port = (await freePort('127.0.0.1', 0)) ?? 0
  const server = execFileSync(process.execPath, [
    ...[bin, 'serve', folder, '--bind', '127.0.0.1', '--port', String(port), '--print', 'nginx'],
  ]).toString()
  writeFileSync(
    join(work, 'nginx.conf'),
    `daemon off; pid ${work}/pid; error_log ${work}/log; events {} http { access_log off; limit_rate 1m;\n${[
      ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'],
    ]
      .map(kind => `${kind}_temp_path ${work}/${kind};`)
      .join(' ')}\n${server}}\n`,
  )
  const child: ChildProcess = spawn('nginx', ['-p', work, '-e', `${work}/log`, '-c', `${work}/nginx.conf`], {
    stdio: 'inherit',
  })
  const url = `http://127.0.0.1:${port}`
  for (let tries = 0; ; tries += 1) {
    if (await fetch(url).catch(() => undefined)) break
    if (tries > 100) throw new Error(readFileSync(`${work}/log`, 'utf8'))
    await sleep(50)
  }
  return {
    url,
    async close() {
      child.kill('SIGQUIT')
      await new Promise(resolve => child.on('close', resolve))
      rmSync(work, { recursive: true })
    },
  }
}

const servers: Record<string, (folder: string) => Promise<Server>> = {
  nginx: startNginx,
  serve: folder => startOrigin({ folder, bytesPerSecond: 1_000_000 }),
}

for (const [program, start] of Object.entries(servers)) {
  const served = program === 'nginx' ? needs(test, { nginx: 'nginx-light' }) : test
  served(
    `${program}: an aria2c that began before the change, and is broken off, ends with the old files`,
    async () => {
      const { site, build } = twoBuilds(3_000_000)
      // nginx gives up root's rights.
      execFileSync('chmod', ['a+rx', join(site.served, '..')])
      mkdirSync(site.served, { recursive: true })
      const server = await start(site.served)
      const folder = mkdtempSync(join(tmpdir(), 'aria2-initrd-generation-'))
      try {
        const options = { baseUrl: server.url, trackers: [] }
        const first = build(1)
        const { line = '' } = await site.publish(first, options)
        const wanted = first.map(path => readFileSync(path))
        const url = /url=(\S+)/.exec(line)?.[1] ?? ''
        const words = [
          '--no-conf',
          '--continue',
          '--allow-overwrite=true',
          '--auto-file-renaming=false',
          `--dir=${folder}`,
          '--max-connection-per-server=1',
        ]
        const begun = spawn(aria2c.path, [...words, url], { stdio: 'ignore' })
        for (let tries = 0; !existsSync(join(folder, 'initrd.img')) && tries < 200; tries += 1)
          await sleep(10)
        await sleep(300)
        await site.publish(build(2), options)
        // By the name that stays the new one is there at once.
        const sums = await (await fetch(`${server.url}/node/SHA256SUMS`)).text()
        assert.is(sums, readFileSync(join(site.served, 'node/SHA256SUMS'), 'utf8'))
        begun.kill('SIGKILL')
        await new Promise(resolve => begun.on('close', resolve))
        const size = statSync(join(folder, 'initrd.img')).size
        const { status, output } = await runCommand(aria2c.path, [...words, url], { env: {} })
        assert.is(status, 0, output)
        assert.equal(
          ['vmlinuz', 'initrd.img'].map(name => readFileSync(join(folder, name))),
          wanted,
        )
        assert.ok(size > 0, 'it had begun')
        await site.publish(build(2), { ...options, keep: 0 })
        assert.is((await fetch(url)).status, 404, 'one that is not kept is gone')
      } finally {
        await server.close()
        rmSync(folder, { recursive: true })
      }
    },
  )
}

needs(test, { nginx: 'nginx-light' })(
  'nginx never shows a mix while 12 generations follow each other',
  async () => {
    const { site, build } = twoBuilds(200_000)
    execFileSync('chmod', ['a+rx', join(site.served, '..')])
    mkdirSync(site.served, { recursive: true })
    const server = await startNginx(site.served)
    let done = false
    const seen = new Set<string>()
    try {
      await site.publish(build(0), { baseUrl: server.url })
      // As a node does: the list first, by a name that stays, and then the files that it names.
      const node = async () => {
        while (!done) {
          const list = await (await fetch(`${server.url}/node.meta4`)).text()
          const files = [...list.matchAll(/<hash type="sha-256">(\w+)<\/hash>[\s\S]*?<url>([^<]+)<\/url>/g)]
          assert.is(files.length, 2)
          for (const [, digest = '', url = ''] of files) {
            seen.add(new URL(url).pathname.split('/')[1] ?? '')
            const bytes = Buffer.from(await (await fetch(url)).arrayBuffer())
            assert.is(sha256(bytes.toString('latin1')), digest, url)
          }
        }
      }
      const nodes = Promise.all([node(), node(), node()])
      for (let number = 1; number <= 12; number += 1)
        await site.publish(build(number), { baseUrl: server.url })
      done = true
      await nodes
      assert.ok(seen.size >= 6, `${seen.size} generations were seen`)
    } finally {
      done = true
      await server.close()
    }
  },
)

test('serve: a swarm that began before the change ends with the old files, by peers alone', async () => {
  const { site, build } = twoBuilds(3_000_000)
  execFileSync('chmod', ['a+rx', join(site.served, '..')])
  mkdirSync(site.served, { recursive: true })
  const lines: string[] = []
  const serving = await startSite({
    ...{
      folder: site.served,
      bind: '127.0.0.1',
      port: 0,
      trackerPort: 0,
      seederPort: 0,
      bytesPerSecond: 500_000,
    },
    ...{ aria2c: aria2c.path, write: line => lines.push(line) },
  })
  const folder = mkdtempSync(join(tmpdir(), 'aria2-initrd-generation-'))
  try {
    const options = { baseUrl: serving.url, trackers: [serving.trackerUrl] }
    const first = build(1)
    const { generation } = await site.publish(first, options)
    const wanted = first.map(path => readFileSync(path))
    const said = async (text: string) => {
      for (let tries = 0; !lines.some(line => line.includes(text)); tries += 1) {
        assert.ok(tries < 300, `${text} in ${lines.join('\n')}`)
        await sleep(100)
      }
    }
    await said(`${generation}.torrent: complete, and given out`)
    const words = [
      '--no-conf',
      '--seed-time=0',
      '--enable-dht=false',
      '--follow-torrent=mem',
      `--dir=${folder}`,
    ]
    const node = runCommand(aria2c.path, [...words, `${serving.url}/${generation}.torrent`], { env: {} })
    for (let tries = 0; !existsSync(join(folder, generation)) && tries < 200; tries += 1) await sleep(20)
    // The kernel stays: its link changes the old file's status in the middle of this.
    build(2)
    site.write('vmlinuz', wanted[0] ?? '')
    const second = await site.publish(first, options)
    await said(`${second.generation}.torrent: complete, and given out`)
    const { status, output } = await node
    assert.is(status, 0, output)
    const got = ['vmlinuz', 'initrd.img'].map(name => readFileSync(join(folder, generation, name)))
    assert.equal(got, wanted)
    assert.not.ok(
      lines.some(line => line.includes('not seeded') || line.includes('have changed')),
      lines.join('\n'),
    )
  } finally {
    await serving.close()
    rmSync(folder, { recursive: true })
  }
})

test.run()

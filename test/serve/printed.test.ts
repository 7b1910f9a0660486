/** What `serve --print` gives, with the real servers. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lchownSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { silent } from '../../generator/host/console/progress.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { freePort } from '../../generator/serve/free-port.ts'
import { cli } from '../support/cli.ts'
import { needs } from '../support/needs.ts'
import { bytes, type Published, publishFolder, temporaryFolder, until } from './published.ts'
import { fetchTorrent } from './serve-command.ts'

const test = suite<{ published: Published; port: number }>('serve --print')
const started: ChildProcess[] = []
process.on('exit', () => {
  // nginx takes its workers with it when it is asked, and not when it is killed.
  for (const child of started) child.kill('SIGTERM')
})

test.before.each(async context => {
  context.published = await publishFolder()
  // nginx's workers and opentracker are other users than root.
  chmodSync(context.published.folder, 0o755)
  context.port = (await freePort('127.0.0.1')) ?? 0
})

/** Starts a server; it is to be ended by the caller. */
function start(
  program: string,
  ...words: string[]
): { child: ChildProcess; output(): string; stop(): Promise<void> } {
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] })
  started.push(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', piece => {
      output += piece
    })
  const end = new Promise<void>(resolve => child.on('close', () => resolve()))
  return {
    child,
    output: () => output,
    async stop() {
      child.kill('SIGTERM')
      await end
    },
  }
}

const answers = (url: string) => () =>
  fetch(url).then(
    () => true,
    () => false,
  )

function printed(...words: string[]): string {
  const { status, stdout, stderr } = cli('serve', ...words)
  assert.is(status, 0, stderr)
  return stdout
}

/** nginx as Debian starts it, with what is printed in conf.d. */
function startNginx(site: string) {
  const work = temporaryFolder()
  writeFileSync(join(work, 'site.conf'), site)
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    name => `${name}_temp_path ${work}/${name};`,
  )
  writeFileSync(
    join(work, 'nginx.conf'),
    `daemon off; pid ${work}/pid; error_log stderr; events { }
    http { access_log off; include /etc/nginx/mime.types; gzip on; ${paths.join(' ')} include ${work}/site.conf; }`,
  )
  return start('nginx', '-p', work, '-e', 'stderr', '-c', join(work, 'nginx.conf'))
}

needs(test, { nginx: 'nginx' })(
  'nginx serves the folder, its ranges and types, and nothing else',
  async context => {
    const { published, port } = context
    // A name that nginx's own language would trip over.
    const folder = join(temporaryFolder(), 'a "b" {c}; ü\\')
    chmodSync(join(folder, '..'), 0o755)
    renameSync(published.folder, folder)
    writeFileSync(join(folder, 'initrd.cpio.gz'), bytes(1000, 'gz'))
    writeFileSync(join(folder, 'list.txt'), 'x'.repeat(10_000))
    symlinkSync('/etc/hostname', join(folder, 'outside'))
    // One of somebody who may write here, and wants to have read what is not his.
    if (process.getuid?.() === 0) lchownSync(join(folder, 'outside'), 65_534, 65_534)
    symlinkSync('root.img', join(folder, 'stays.img'))
    mkdirSync(join(folder, 'sub'))
    const nginx = startNginx(printed(folder, '--print', 'nginx', '--port', String(port)))
    try {
      const url = `http://127.0.0.1:${port}`
      await until('nginx answers', answers(url))
      const part = await fetch(`${url}/root.img`, { headers: { range: 'bytes=1000-1999' } })
      assert.is(part.status, 206)
      assert.ok(Buffer.from(await part.arrayBuffer()).equals(bytes(600_000, 'root').subarray(1000, 2000)))
      assert.is((await fetch(`${url}/stays.img`)).status, 200, 'a name that stays')
      const torrent = await fetch(`${url}/node.torrent`)
      assert.is(torrent.headers.get('content-type'), 'application/x-bittorrent')
      assert.ok(Buffer.from(await torrent.arrayBuffer()).equals(readFileSync(join(folder, 'node.torrent'))))
      for (const name of ['initrd.cpio.gz', 'list.txt']) {
        const asItLies = await fetch(`${url}/${name}`, { headers: { 'accept-encoding': 'gzip' } })
        assert.is(asItLies.headers.get('content-encoding'), null, name)
        assert.ok(Buffer.from(await asItLies.arrayBuffer()).equals(readFileSync(join(folder, name))))
      }
      for (const [path, status] of [
        ['/outside', 403],
        ['/sub/', 403],
        ['/', 403],
        ['/absent', 404],
        ['/..%2f..%2fetc/hostname', 400],
      ] as const)
        assert.is((await fetch(`${url}${path}`)).status, status, path)
      assert.is((await fetch(`${url}/root.img`, { method: 'POST', body: 'x' })).status, 403)
      assert.is((await fetch(`${url}/root.img`, { method: 'HEAD' })).headers.get('content-length'), '600000')
    } finally {
      await nginx.stop()
    }
    assert.not.match(nginx.output(), /emerg|warn/)
  },
)

needs(test, { opentracker: 'opentracker' })(
  'opentracker knows the torrents and no others, and a seeder as printed is found through it',
  async ({ published: { folder, node, root }, port }) => {
    const text = printed(folder, '--print', 'opentracker', '--tracker-port', String(port))
    assert.equal(text.match(/^[0-9a-f]{40}$/gm)?.sort(), [node, root].sort())
    const work = temporaryFolder()
    chmodSync(work, 0o755)
    writeFileSync(join(work, 'whitelist.txt'), text)
    // The command that the text itself names.
    const [, command = ''] = /^# {3}(opentracker .*)$/m.exec(text) ?? []
    const tracker = start('sh', '-c', `cd '${work}' && exec ${command}`)
    const url = `http://127.0.0.1:${port}/announce`
    const { aria2c } = await provideBinaries(silent)
    const seederPort = (await freePort('127.0.0.1')) ?? 0
    try {
      await until('opentracker answers', answers(url))
      const stranger = await fetch(
        `${url}?info_hash=${'%bb'.repeat(20)}&peer_id=${'p'.repeat(20)}&port=1&left=1`,
      )
      assert.match(await stranger.text(), 'not authorized')

      const script = join(work, 'seeder')
      const words = ['--tracker-port', String(port), '--seeder-port', String(seederPort)]
      writeFileSync(script, printed(folder, '--print', 'aria2c', ...words))
      const check = spawnSync('sh', ['-n', script], { encoding: 'utf8' })
      assert.is(check.status, 0, check.stderr)
      // The script takes aria2c from PATH: here it is the packed one.
      const path = `${join(aria2c.path, '..')}:${process.env.PATH}`
      const seeder = start('env', `PATH=${path}`, 'sh', script)
      try {
        const hash = node.replace(/../g, '%$&')
        const known = async () =>
          /8:completei1e/.test(
            await (await fetch(`http://127.0.0.1:${port}/scrape?info_hash=${hash}`)).text(),
          )
        await until('the seeder has announced itself', known)
        const nodes = [temporaryFolder(), temporaryFolder()]
        const ends = await Promise.all(
          nodes.map(to => fetchTorrent(aria2c.path, join(folder, 'node.torrent'), to, url)),
        )
        assert.equal(ends, [0, 0], seeder.output())
        for (const to of nodes)
          assert.ok(readFileSync(join(to, 'node', 'kernel')).equals(bytes(700_000, 'kernel')))
        assert.not.ok(existsSync(join(folder, 'node.aria2')))
      } finally {
        await seeder.stop()
      }
    } finally {
      await tracker.stop()
    }
  },
)

needs(test, { shellcheck: 'shellcheck' })(
  'the seeder as printed is sound shell, whatever the folder is called',
  ({ published }) => {
    const folder = join(temporaryFolder(), `it's $(reboot) "x" \`y\``)
    renameSync(published.folder, folder)
    const script = printed(folder, '--print', 'aria2c')
    const { status, stdout } = spawnSync('shellcheck', ['--exclude=SC2016', '-'], {
      input: script,
      encoding: 'utf8',
    })
    assert.is(status, 0, stdout)
    // The words that aria2c would get.
    const words = spawnSync(
      'sh',
      ['-c', `aria2c() { printf '%s\\n' "$@"; }\n${script.replace('exec ', '')}`],
      { encoding: 'utf8' },
    )
    assert.ok(words.stdout.split('\n').includes(`--dir=${folder}`), words.stdout)
    assert.ok(words.stdout.split('\n').includes(join(folder, 'node.torrent')))
  },
)

test('what cannot be printed is refused', ({ published: { folder } }) => {
  const bad = join(temporaryFolder(), 'a$b')
  renameSync(folder, bad)
  const cases: [string[], string][] = [
    [[bad, '--print', 'nginx'], 'nginx cannot have the folder'],
    [[temporaryFolder(), '--print', 'opentracker'], 'there is no torrent in'],
    [['/absent', '--print', 'opentracker'], 'cannot read /absent'],
  ]
  for (const [words, wanted] of cases) {
    const { status, stdout, stderr } = cli('serve', ...words)
    assert.is(status, 1)
    assert.is(stdout, '')
    assert.match(stderr, wanted)
  }
})

test.run()

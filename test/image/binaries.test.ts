// What the built programs can do, for real. The first run builds them (minutes); later ones take them from the cache.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { silent, terminalProgress } from '../../generator/host/console/progress.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { needs } from '../support/needs.ts'

const binaries = await provideBinaries(terminalProgress())
const { aria2c, busybox, kexec } = binaries
const folder = mkdtempSync(join(tmpdir(), 'binaries-'))
test.after(() => rmSync(folder, { recursive: true, force: true }))

/** Of ELF64 (System V ABI, and GNU's additions) what is looked at here. */
const ET_DYN = 3
const PT = { LOAD: 1, DYNAMIC: 2, INTERP: 3, GNU_STACK: 0x6474e551, GNU_RELRO: 0x6474e552 }
const PF = { X: 1, W: 2 }
const DT = { NEEDED: 1n, FLAGS_1: 0x6ffffffbn }
const DF_1 = { NOW: 1n, PIE: 0x08000000n }

/** A program's kind, its segments, and the last value of each tag of its dynamic section. */
function programHeaders(bytes: Buffer) {
  const start = Number(bytes.readBigUInt64LE(32))
  const segments = Array.from({ length: bytes.readUInt16LE(56) }, (_, index) => {
    const at = start + index * bytes.readUInt16LE(54)
    return {
      type: bytes.readUInt32LE(at),
      flags: bytes.readUInt32LE(at + 4),
      offset: Number(bytes.readBigUInt64LE(at + 8)),
      size: Number(bytes.readBigUInt64LE(at + 32)),
    }
  })
  const dynamic = new Map<bigint, bigint>()
  for (const { type, offset, size } of segments) {
    for (let at = offset; type === PT.DYNAMIC && at < offset + size; at += 16)
      dynamic.set(bytes.readBigUInt64LE(at), bytes.readBigUInt64LE(at + 8))
  }
  return { kind: bytes.readUInt16LE(16), segments, dynamic }
}

/** How often a sequence of bytes, in hex, is in a file. */
function count(bytes: Buffer, hex: string): number {
  const wanted = Buffer.from(hex, 'hex')
  let found = 0
  for (let at = bytes.indexOf(wanted); at !== -1; at = bytes.indexOf(wanted, at + 1)) found += 1
  return found
}

/** Runs without blocking, since the test's own server must answer meanwhile. */
function run(command: string, ...words: string[]): Promise<{ status: number | null; output: string }> {
  return new Promise(resolve => {
    const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const collect = (chunk: Buffer) => {
      output += chunk.toString()
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.on('close', status => resolve({ status, output }))
  })
}

function applet(name: string, ...words: string[]): string {
  return execFileSync(busybox.path, [name, ...words], { encoding: 'utf8' })
}

test('a second call is served from the cache: nothing is built and the same files come back', async () => {
  const steps: string[] = []
  const again = await provideBinaries({ ...silent, step: text => void steps.push(text) })
  assert.equal(steps, [])
  assert.equal(again, binaries)
})

for (const { name, path, size, sha256, source } of [aria2c, busybox, kexec]) {
  test(`${name} is static, stripped and what the cache says it is`, () => {
    const bytes = readFileSync(path)
    assert.is(bytes.length, size)
    assert.is(createHash('sha256').update(bytes).digest('hex'), sha256)
    assert.match(source, /^\S+ (\d+:)?\d+\.\d+/)
    const { segments } = programHeaders(bytes)
    const types = segments.map(({ type }) => type)
    assert.ok(types.includes(PT.LOAD), 'has a PT_LOAD')
    assert.not.ok(types.includes(PT.INTERP), `program headers ${types}`)
    const sections = Array.from({ length: bytes.readUInt16LE(60) }, (_, index) =>
      bytes.readUInt32LE(Number(bytes.readBigUInt64LE(40)) + index * bytes.readUInt16LE(58) + 4),
    )
    assert.not.ok(sections.includes(2), 'has no symbol table')
    assert.not.ok(bytes.includes('/root/') || bytes.includes(process.cwd()), 'no path of the machine')
  })
}

for (const { name, path } of [aria2c, busybox, kexec]) {
  test(`${name} is built against what comes from strangers: PIE, RELRO, no writable code, stack guards`, () => {
    const bytes = readFileSync(path)
    const { kind, segments, dynamic } = programHeaders(bytes)
    assert.is(kind, ET_DYN, 'position-independent')
    assert.is((dynamic.get(DT.FLAGS_1) ?? 0n) & DF_1.PIE, DF_1.PIE)
    assert.is((dynamic.get(DT.FLAGS_1) ?? 0n) & DF_1.NOW, DF_1.NOW, 'all is relocated at the start')
    assert.not.ok(dynamic.has(DT.NEEDED), 'needs no library')
    assert.ok(segments.some(({ type }) => type === PT.GNU_RELRO))
    const stack = segments.find(({ type }) => type === PT.GNU_STACK)
    assert.is((stack?.flags ?? PF.X) & PF.X, 0, 'the stack is not executable')
    for (const { type, flags } of segments)
      assert.not.ok(type === PT.LOAD && flags & PF.X && flags & PF.W, 'code is not writable')
    // Stripped: what the compiler put into functions is counted. mov %fs:40,%rax reads the guard; endbr64.
    assert.ok(count(bytes, '64488b042528000000') > (name === 'aria2c' ? 300 : 20), 'stack protector')
    assert.ok(count(bytes, 'f30f1efa') > 200, 'control-flow protection')
    // glibc's words; musl stops without any, and has no _FORTIFY_SOURCE.
    for (const words of ['stack smashing detected', 'buffer overflow detected'])
      assert.is(bytes.includes(words), name === 'aria2c', words)
  })
}

test('what was relocated is read-only when the programs run', async () => {
  for (const [path, ...words] of [
    [busybox.path, 'sleep', '60'],
    [aria2c.path, '--enable-rpc', '--rpc-listen-port=47613', '--no-conf', '--quiet'],
  ] as const) {
    const child = spawn(path, words, { stdio: 'ignore' })
    try {
      await new Promise(resolve => setTimeout(resolve, 500))
      const maps = readFileSync(`/proc/${child.pid}/maps`, 'utf8').split('\n')
      const own = maps.filter(line => line.endsWith(path))
      assert.ok(
        own.some(line => / r--p /.test(line)),
        maps.join('\n'),
      )
      assert.not.ok(maps.some(line => / .wx. /.test(line)))
    } finally {
      child.kill()
    }
  }
})

test('aria2c has the features that the stages count on', () => {
  const version = execFileSync(aria2c.path, ['--version'], { encoding: 'utf8' })
  assert.match(version, /^aria2 version 1\.37\.0/)
  for (const feature of ['Async DNS', 'BitTorrent', 'GZip', 'HTTPS', 'Message Digest', 'Metalink']) {
    assert.match(version, new RegExp(`^Enabled Features:.*${feature}`, 'm'))
  }
  assert.match(version, /^Hash Algorithms:.*sha-1, sha-224, sha-256, sha-384, sha-512, md5/m)
  assert.match(version, /^Libraries:.*zlib.*expat.*OpenSSL.*c-ares/m)
})

/** A CA of our own and a server certificate for `host`, made by the openssl program. */
function certificates(algorithm: string[], host: string) {
  const at = (name: string) => join(folder, name)
  const openssl = (...words: string[]) => execFileSync('openssl', words, { stdio: 'pipe' })
  const key = (name: string) => ['-newkey', ...algorithm, '-nodes', '-keyout', at(`${name}.key`)]
  openssl('req', '-x509', ...key('ca'), '-out', at('ca.pem'), '-subj', '/CN=test CA', '-days', '2')
  openssl('req', ...key('server'), '-out', at('server.csr'), '-subj', '/CN=server')
  writeFileSync(at('extensions'), `subjectAltName=${host}\n`)
  const signing = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2']
  openssl(
    'x509',
    '-req',
    '-in',
    at('server.csr'),
    ...signing,
    '-extfile',
    at('extensions'),
    '-out',
    at('server.pem'),
  )
  return { cert: readFileSync(at('server.pem')), key: readFileSync(at('server.key')), ca: at('ca.pem') }
}

interface TlsOptions {
  minVersion?: 'TLSv1.2' | 'TLSv1.3'
  maxVersion?: 'TLSv1.2' | 'TLSv1.3'
  ciphers?: string
  ecdhCurve?: string
}

const content = randomBytes(300_000)

async function fetchOverTls(algorithm: string[], options: TlsOptions, host = 'IP:127.0.0.1', trust = true) {
  const { cert, key, ca } = certificates(algorithm, host)
  const server = createServer({ cert, key, ...options }, (_, response) => response.end(content))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const out = join(folder, 'fetched')
  rmSync(out, { force: true })
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/kernel`
  const common = ['--no-conf', `--dir=${folder}`, '--out=fetched', '--max-tries=1', '--allow-overwrite=true']
  const result = await run(aria2c.path, ...common, ...(trust ? [`--ca-certificate=${ca}`] : []), url)
  server.close()
  return { ...result, fetched: result.status === 0 && readFileSync(out).equals(content) }
}

const rsa = ['rsa:2048']
const p256 = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']
const p384 = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384']
const working: [string, string[], TlsOptions][] = [
  ['TLS 1.3, RSA', rsa, { minVersion: 'TLSv1.3' }],
  ['TLS 1.3, P-256', p256, { minVersion: 'TLSv1.3' }],
  ['TLS 1.3, Ed25519', ['ed25519'], { minVersion: 'TLSv1.3' }],
  ['TLS 1.3, ChaCha20', rsa, { minVersion: 'TLSv1.3', ciphers: 'TLS_CHACHA20_POLY1305_SHA256' }],
  ['TLS 1.3, key exchange over P-521', p384, { minVersion: 'TLSv1.3', ecdhCurve: 'P-521' }],
  ['TLS 1.2, RSA', rsa, { maxVersion: 'TLSv1.2' }],
  ['TLS 1.2, P-384', p384, { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' }],
]
for (const [name, algorithm, options] of working) {
  needs(test, { openssl: 'openssl' })(`aria2c fetches over https: ${name}`, async () => {
    const { fetched, output } = await fetchOverTls(algorithm, options)
    assert.ok(fetched, output)
  })
}

needs(test, { openssl: 'openssl' })('aria2c refuses a server whose CA it does not know', async () => {
  const { status, output } = await fetchOverTls(rsa, {}, 'IP:127.0.0.1', false)
  assert.is.not(status, 0)
  assert.match(output, /certificate verify failed|unable to get local issuer/i)
})

needs(test, { openssl: 'openssl' })('aria2c refuses a certificate for another host', async () => {
  const { status, output } = await fetchOverTls(rsa, {}, 'DNS:other.test')
  assert.is.not(status, 0, output)
})

needs(
  test,
  { dnsmasq: 'dnsmasq-base', unshare: 'util-linux', ip: 'iproute2' },
  true,
)('aria2c resolves a name in a root with nothing but /etc/resolv.conf', async () => {
  const root = join(folder, 'root')
  for (const path of ['etc', 'tmp', 'dev']) mkdirSync(join(root, path), { recursive: true })
  copyFileSync(aria2c.path, join(root, 'aria2c'))
  writeFileSync(join(root, 'etc/resolv.conf'), 'nameserver 127.0.0.1\n')
  // A network of its own, so that port 53 is free: server, name server and client see each other alone.
  const script = `
      ip link set lo up
      ip address add 192.0.2.1/32 dev lo # aria2 asks no name server on a machine with 127.0.0.1 alone
      dnsmasq --no-daemon --no-hosts --no-resolv --listen-address=127.0.0.1 --bind-interfaces \
        --filter-AAAA --address=/files.test/127.0.0.1 --pid-file= >/dev/null 2>&1 & names=$!
      "$2" -e 'http.createServer((_, r) => r.end("named")).listen(80, () => console.log("up"))' >"$1/server" & server=$!
      i=0; until { [ -s "$1/server" ] && "$3" nslookup files.test 127.0.0.1 >/dev/null; } || [ $((i += 1)) -gt 200 ]; do sleep 0.05; done
      chroot "$1" /aria2c --no-conf --dir=/tmp --out=named --max-tries=3 --retry-wait=1 http://files.test/named
      status=$?
      chroot "$1" /aria2c --no-conf --dir=/tmp --max-tries=1 http://other.test/named; echo "other: $?"
      kill $names $server
      exit $status`
  const { status, output } = await run(
    'unshare',
    '--net',
    'sh',
    '-c',
    script,
    'sh',
    root,
    process.execPath,
    busybox.path,
  )
  assert.is(status, 0, output)
  assert.is(readFileSync(join(root, 'tmp/named'), 'utf8'), 'named')
  // 19: the name could not be resolved (aria2's exit status).
  assert.match(output, /^other: 19$/m)
})

test('aria2c knows the options that a boot passes to it', () => {
  const help = execFileSync(aria2c.path, ['--help=#all'], { encoding: 'utf8' })
  for (const option of [
    '--bt-tracker=',
    '--index-out=',
    '--metalink-file=',
    '--ca-certificate=',
    '--async-dns-server=',
    '--bt-cooperative[=true|false]',
    '--bt-super-seeding[=true|false]',
  ]) {
    assert.ok(help.includes(option), option)
  }
})

test('kexec knows both system calls and runs', () => {
  const { stdout, stderr } = spawnSync(kexec.path, ['--help'], { encoding: 'utf8' })
  assert.match(stdout + stderr, /--kexec-file-syscall/)
  assert.match(stdout + stderr, /--reuse-cmdline|--command-line/)
  assert.match(execFileSync(kexec.path, ['--version'], { encoding: 'utf8' }), /^kexec-tools 2\.0\.29/)
})

test('the list of applets is what BusyBox says of itself', () => {
  assert.equal(binaries.applets, applet('--list').trim().split('\n').sort())
})

test('the shell counts in 64 bits, has printf, test, command -v and traps', () => {
  const script = `printf '%s %d\\n' "$((1 << 40))" 0x10; [ 5000000000 -gt 4000000000 ] && command -v printf
    trap 'printf "left\\n"' EXIT; while getopts ab: o -a -b x; do printf '%s' "$o$OPTARG"; done; (exit 3) || exit $?`
  const { stdout, status } = spawnSync(busybox.path, ['sh', '-c', script], { encoding: 'utf8' })
  assert.is(stdout, '1099511627776 16\nprintf\nabxleft\n')
  assert.is(status, 3)
})

test('applets have the options that scripts count on', () => {
  const file = join(folder, 'sample')
  writeFileSync(file, 'one\ntwo\none\n')
  const sha = (kind: string) => `${createHash(kind).update(readFileSync(file)).digest('hex')}  ${file}\n`
  assert.is(applet('sha256sum', file), sha('sha256'))
  assert.is(applet('sha512sum', file), sha('sha512'))
  assert.is(applet('od', '-A', 'n', '-t', 'x1', '-j', '1', '-N', '3', file).trim(), '6e 65 0a')
  assert.is(applet('sort', '-u', file), 'one\ntwo\n')
  assert.is(applet('tail', '-c', '4', file), 'one\n')
  assert.is(applet('stat', '-c', '%s', file), '12\n')
  assert.is(
    applet(
      'find',
      folder,
      '-maxdepth',
      '1',
      '-type',
      'f',
      '-name',
      'sample',
      '-size',
      '-5k',
      '-exec',
      'echo',
      '{}',
      '+',
    ),
    `${file}\n`,
  )
  assert.is(applet('date', '-u', '-d', '@0', '+%Y-%m-%d'), '1970-01-01\n')
  applet('sleep', '0.01')
})

test('digests of a large block agree with another implementation', () => {
  // Beyond one block and not a multiple of it: the processor's instructions and the plain code must agree.
  const file = join(folder, 'block')
  const block = randomBytes(1_000_003)
  writeFileSync(file, block)
  for (const kind of ['sha256', 'sha512']) {
    assert.is(applet(`${kind}sum`, file).split(' ')[0], createHash(kind).update(block).digest('hex'))
  }
})

test('the CA bundle is certificates and nothing else, in a fixed order', () => {
  const text = readFileSync(binaries.caBundle, 'utf8')
  const blocks =
    text.match(/-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----\n/g) ?? []
  assert.ok(blocks.length > 100, `${blocks.length} certificates`)
  assert.is(blocks.join(''), text)
})

test.run()

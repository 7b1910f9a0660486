// The DHCP hook of the image, as it is shipped, in a throwaway root where `ip` and `hostname` only write down how they
// were called. The options are what a hostile server might send.
//
// The shell is the image's own BusyBox: Debian's busybox-static runs its applets before anything on PATH, so a shim is
// never called, and a chroot keeps nobody from the machine's network. Hence also the namespaces: no run may reach it.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { terminalProgress } from '../../generator/host/console/progress.ts'
import { findProgram } from '../../generator/host/debian/host-packages.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { needs } from '../support/needs.ts'

const hook = '/usr/share/udhcpc/default.script'
const leaseFile = '/run/aria2-initrd/lease.eth0'
const notesFile = '/run/aria2-initrd/notes.eth0'
const rootTest = needs(test, { dash: 'dash', unshare: 'util-linux', chroot: 'coreutils' }, true)
const { busybox } = await provideBinaries(terminalProgress())

/** Writes the words of a call into /trace, one call a line, each word in brackets. */
const recorder = `#!/bin/sh
{ printf '%s' "\${0##*/}"; for word do printf ' [%s]' "$word"; done; printf '\\n'; } >>/trace
case \${0##*/} in hostname) cat /hostname ;; esac
[ ! -e "/fail-\${0##*/}" ]
`

function makeRoot(): string {
  const root = mkdtempSync(join(tmpdir(), 'dhcp-hook-'))
  for (const folder of ['bin', 'etc', 'run', 'usr/sbin', 'usr/share/udhcpc', 'dev']) {
    mkdirSync(join(root, folder), { recursive: true })
  }
  cpSync(busybox.path, join(root, 'bin/busybox'))
  for (const applet of ['sh', 'cat', 'tr', 'mkdir', 'mv', 'rm']) {
    writeFileSync(join(root, 'bin', applet), `#!/bin/busybox ash\nexec /bin/busybox ${applet} "$@"\n`, {
      mode: 0o755,
    })
  }
  rmSync(join(root, 'bin/sh'))
  cpSync(join(root, 'bin/busybox'), join(root, 'bin/sh'))
  cpSync(findProgram('dash') ?? '', join(root, 'bin/dash'), { dereference: true })
  for (const [library] of execFileSync('ldd', [findProgram('dash') ?? ''], { encoding: 'utf8' }).matchAll(
    /\/\S+/g,
  )) {
    cpSync(library, join(root, library), { dereference: true })
  }
  for (const name of ['ip', 'hostname'])
    writeFileSync(join(root, 'usr/sbin', name), recorder, { mode: 0o755 })
  writeFileSync(join(root, 'hostname'), '(none)\n')
  writeFileSync(join(root, 'dev/null'), '')
  cpSync(join(import.meta.dirname, '../../rootfs-skel', hook), join(root, hook))
  return root
}

interface Run {
  status: number | null
  /** How `ip` and `hostname` were called. */
  calls: string[]
  stderr: string
  file(path: string): string | undefined
}

type Options = Record<string, string>
const shells = ['/bin/dash', '/bin/busybox']

function runHook(shell: string, event: string, options: Options, prepare: (root: string) => void): Run {
  const root = makeRoot()
  try {
    prepare(root)
    const words = shell === '/bin/busybox' ? [shell, 'ash'] : [shell]
    const isolated = ['--net', '--uts', '--mount', '--', 'chroot', root]
    const { status, stderr } = spawnSync('unshare', [...isolated, ...words, hook, event], {
      env: { interface: 'eth0', PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...options },
      encoding: 'utf8',
    })
    const files = new Map<string, string>()
    const paths = ['/trace', '/run/aria2-initrd/resolv.eth0', leaseFile, notesFile, '/dev/console', '/pwned']
    for (const path of paths)
      if (existsSync(join(root, path))) files.set(path, readFileSync(join(root, path), 'latin1'))
    const calls = (files.get('/trace') ?? '').split('\n').filter(call => call !== '' && call !== 'hostname')
    return { status, calls, stderr, file: path => files.get(path) }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** Runs the hook under both shells, which have to agree in all they do. */
function both(event: string, options: Options, prepare: (root: string) => void = () => {}): Run {
  const [first, second] = shells.map(shell => runHook(shell, event, options, prepare))
  if (first === undefined || second === undefined) throw new Error('two shells are needed')
  assert.equal(second.calls, first.calls, 'dash and BusyBox ash call the same')
  assert.is(second.status, first.status)
  assert.is(second.stderr, first.stderr)
  for (const path of [leaseFile, notesFile]) assert.is(second.file(path), first.file(path))
  assert.is(first.file('/pwned'), undefined, 'an option was run as code')
  return first
}

const lease = { ip: '10.0.2.15', mask: '24', router: '10.0.2.2', dns: '10.0.2.3' }

rootTest('a lease sets address, route and resolver, and is written down', () => {
  const run = both('bound', {
    ...lease,
    domain: 'cluster.example',
    hostname: 'node7',
    mtu: '9000',
    lease: '3600',
  })
  assert.is(run.status, 0)
  assert.is(run.stderr, '')
  assert.equal(run.calls, [
    'ip [-4] [addr] [replace] [10.0.2.15/24] [broadcast] [+] [dev] [eth0]',
    'ip [link] [set] [dev] [eth0] [up]',
    'ip [link] [set] [dev] [eth0] [mtu] [9000]',
    'ip [-4] [route] [replace] [0.0.0.0/0] [via] [10.0.2.2] [dev] [eth0] [metric] [1]',
    'hostname [node7]',
  ])
  assert.is(run.file('/run/aria2-initrd/resolv.eth0'), 'search cluster.example\nnameserver 10.0.2.3\n')
  assert.is(
    run.file(leaseFile),
    'ip=10.0.2.15/24\nrouter=10.0.2.2\ndns=10.0.2.3\nsearch=cluster.example\nhostname=node7\nmtu=9000\nseconds=3600\n',
  )
})

rootTest('a renewal flushes nothing, so that downloads go on', () => {
  assert.not.ok(both('renew', lease).calls.some(call => call.includes('flush')))
})

rootTest('deconfig takes the address away and leaves the link up', () => {
  const run = both('deconfig', {})
  assert.equal(run.calls, ['ip [-4] [addr] [flush] [dev] [eth0]', 'ip [link] [set] [dev] [eth0] [up]'])
})

rootTest('classless routes outrank the router', () => {
  const { calls } = both('bound', {
    ...lease,
    staticroutes: '10.1.0.0/16 10.0.2.9 0.0.0.0/0 10.0.2.8 10.9.0.0/24 0.0.0.0',
  })
  assert.equal(calls.slice(2), [
    'ip [-4] [route] [replace] [10.1.0.0/16] [via] [10.0.2.9] [dev] [eth0] [metric] [1]',
    'ip [-4] [route] [replace] [0.0.0.0/0] [via] [10.0.2.8] [dev] [eth0] [metric] [2]',
    'ip [-4] [route] [replace] [10.9.0.0/24] [dev] [eth0] [metric] [3]',
  ])
})

rootTest('several routers get rising metrics', () => {
  const { calls } = both('bound', { ...lease, router: '10.0.2.2 10.0.2.4' })
  assert.match(calls[2] ?? '', 'via] [10.0.2.2] [dev] [eth0] [metric] [1]')
  assert.match(calls[3] ?? '', 'via] [10.0.2.4] [dev] [eth0] [metric] [2]')
})

rootTest('the search list outranks the domain', () => {
  const search = { ...lease, search: 'a.example b.example', domain: 'c.example' }
  assert.is(
    both('bound', search).file('/run/aria2-initrd/resolv.eth0'),
    'search a.example b.example\nnameserver 10.0.2.3\n',
  )
})

rootTest('a host name that is set already stays', () => {
  const run = both('bound', { ...lease, hostname: 'other' }, root =>
    writeFileSync(join(root, 'hostname'), 'node1\n'),
  )
  assert.not.ok(run.calls.some(call => call.startsWith('hostname')))
})

rootTest('an address that cannot be set fails the event', () => {
  const run = both('bound', lease, root => writeFileSync(join(root, 'fail-ip'), ''))
  assert.is(run.status, 1)
  assert.match(run.stderr, 'aria2-initrd: dhcp: eth0: cannot set the address 10.0.2.15/24')
})

/** A lease as a run before this one has left it. */
const former = (address: string, routes: string) => (root: string) => {
  mkdirSync(join(root, 'run/aria2-initrd'), { recursive: true })
  writeFileSync(join(root, leaseFile), `ip=${address}\n`)
  writeFileSync(join(root, 'run/aria2-initrd/routes.eth0'), routes)
}

rootTest('a changed lease: the old address goes, and with it its routes', () => {
  const run = both('renew', lease, former('10.0.2.7/24', '0.0.0.0/0 10.0.2.2 1\n'))
  assert.is(run.calls[0], 'ip [-4] [addr] [flush] [dev] [eth0]')
  assert.match(run.stderr, 'eth0: the address changes from 10.0.2.7/24 to 10.0.2.15/24\n')
})

rootTest('a renewal with another router: the old route goes, the address stays', () => {
  const run = both('renew', lease, former('10.0.2.15/24', '0.0.0.0/0 10.0.2.9 1\n'))
  assert.not.ok(run.calls.some(call => call.includes('flush')))
  assert.equal(run.calls.slice(2), [
    'ip [-4] [route] [del] [0.0.0.0/0] [dev] [eth0] [metric] [1]',
    'ip [-4] [route] [del] [10.0.2.9/32] [dev] [eth0]',
    'ip [-4] [route] [replace] [0.0.0.0/0] [via] [10.0.2.2] [dev] [eth0] [metric] [1]',
  ])
})

rootTest('a renewal of the same lease takes nothing away', () => {
  const run = both('renew', lease, former('10.0.2.15/24', '0.0.0.0/0 10.0.2.2 1\n'))
  assert.not.ok(run.calls.some(call => /flush|del/.test(call)))
  assert.is(run.stderr, '')
})

rootTest('a lease that has ended is said, and its file goes', () => {
  const run = both('deconfig', {}, former('10.0.2.15/24', ''))
  assert.match(run.stderr, 'eth0: the lease of 10.0.2.15/24 has ended\n')
  assert.is(run.file(leaseFile), undefined)
})

rootTest('what no machine can have is no address, router or name server, and is said', () => {
  for (const none of [
    '0.0.0.0',
    '127.0.0.1',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
  ]) {
    const run = both('bound', { ...lease, router: `${none} 10.0.2.2`, dns: none })
    assert.match(run.stderr, `the router '${none}' is not taken: no machine can have that address`)
    assert.match(run.stderr, `the name server '${none}' is not taken: no machine can have that address`)
    assert.is(run.file(leaseFile), 'ip=10.0.2.15/24\nrouter=10.0.2.2\n')
    const refused = both('bound', { ...lease, ip: none })
    assert.is(refused.status, 1)
    assert.equal(refused.calls, [])
    assert.match(refused.file(notesFile) ?? '', `the address '${none}' is not taken: no machine can have it`)
  }
})

rootTest('masks of all forms', () => {
  const prefixOf = (options: Options): string | undefined =>
    /\[replace\] \[10\.0\.2\.15\/(\d+)\]/.exec(
      both('bound', { ip: '10.0.2.15', ...options }).calls[0] ?? '',
    )?.[1]
  assert.is(prefixOf({ subnet: '255.255.255.0', mask: '24' }), '24')
  assert.is(prefixOf({ subnet: '255.255.254.0' }), '23')
  assert.is(prefixOf({ subnet: '255.255.255.255' }), '32')
  assert.is(prefixOf({ subnet: '128.0.0.0' }), '1')
  assert.is(prefixOf({ mask: '16' }), '16')
  for (const none of ['255.0.255.0', '0.0.0.0', '0.0.0.255', '255.255.255.1'])
    assert.is(prefixOf({ subnet: none, mask: '24' }), '24', none)
  for (const none of ['0', '33', 'a.b', '-1']) assert.is(prefixOf({ mask: none }), '24', none)
  const gaps = both('bound', { ...lease, subnet: '255.0.255.0' })
  assert.match(
    gaps.stderr,
    "the mask '255.0.255.0' is not taken: its ones do not stand together; /24 is used",
  )
})

rootTest("the network's own and its broadcast address are no machine's", () => {
  assert.match(both('bound', { ip: '10.0.2.0', mask: '24' }).stderr, 'that of the network itself (/24)')
  assert.match(
    both('bound', { ip: '10.0.2.255', mask: '24' }).stderr,
    "the network's broadcast address (/24)",
  )
  assert.is(both('bound', { ip: '10.0.3.255', mask: '23' }).status, 1)
  assert.is(both('bound', { ip: '10.0.2.255', mask: '23' }).status, 0)
  assert.is(both('bound', { ip: '10.0.2.0', mask: '31' }).status, 0)
})

rootTest('300 routes: 64 are taken, the others are counted', () => {
  const staticroutes = Array.from({ length: 300 }, (_, n) => `10.${n >> 8}.${n & 255}.0/24 10.0.2.9`).join(
    ' ',
  )
  const run = both('bound', { ...lease, staticroutes })
  assert.is(run.calls.filter(call => call.includes('[route]')).length, 64)
  assert.match(run.stderr, '236 routes are not taken: 64 are the most')
})

rootTest('many bad values: twelve lines, then a count', () => {
  const run = both('bound', { ...lease, dns: Array.from({ length: 60 }, () => '0.0.0.0').join(' ') })
  const notes = (run.file(notesFile) ?? '').trimEnd().split('\n')
  assert.is(notes.length, 13)
  assert.is(notes.at(-1), '48 things more are not taken')
})

rootTest('a bad address fails the event and calls nothing', () => {
  for (const ip of [
    '',
    '10.0.2',
    '10.0.2.256',
    '10.0.2.15/8',
    '-4',
    '1.2.3.4.5',
    '01.2.3.4',
    '$(reboot)',
    '10.0.2.*',
  ]) {
    const run = both('bound', { ...lease, ip })
    assert.is(run.status, 1, ip)
    assert.equal(run.calls, [], ip)
  }
})

const hostile = [
  '$(>/pwned)',
  '`>/pwned`',
  '; >/pwned',
  '| >/pwned',
  '& >/pwned &',
  '\n>/pwned\n',
  '-rf',
  '--help',
  '*',
  '/*',
  '../../etc/passwd',
  '"',
  "'",
  '\\',
  '%s%n%255s',
  '${IFS}',
  'x'.repeat(4000),
  '9'.repeat(4000),
  '\u001b[2J\u0007',
  'größe',
  '',
  ' ',
]
const names = [
  'mask',
  'router',
  'dns',
  'domain',
  'search',
  'mtu',
  'hostname',
  'staticroutes',
  'msstaticroutes',
]

rootTest('whatever an option holds, it is dropped: no call, no file has it', () => {
  const plain = both('bound', { ip: '10.0.2.15', mask: '24' })
  for (const value of hostile) {
    const options = Object.fromEntries(names.map(name => [name, value]))
    // Letters alone are a domain, but not of 4,000.
    const run = both('bound', { ...options, ip: '10.0.2.15', serverid: value, bootfile: value })
    assert.is(run.status, 0, JSON.stringify(value))
    assert.equal(run.calls, plain.calls, JSON.stringify(value))
    assert.is(run.file('/run/aria2-initrd/resolv.eth0'), undefined, JSON.stringify(value))
    const written = run.file(leaseFile) ?? ''
    for (const line of written.trimEnd().split('\n')) {
      assert.match(line, /^[a-z_]+=[ -~]{0,255}$/, JSON.stringify(value))
    }
    assert.match(run.stderr, /^([ -~]{0,400}\n)*$/, JSON.stringify(value))
  }
})

rootTest(
  'an address that is declined, or refused, is said: on the console, too, once the boot has gone on',
  () => {
    const declined = 'another machine has 10.0.2.15: declined, and another one asked for'
    const refused = "the server refuses the address that it has offered: 'no'"
    for (const [event, words] of [
      ['decline', declined],
      ['nak', refused],
    ] as const) {
      const options = { ip: '10.0.2.15', message: 'no' }
      const during = both(event, options)
      assert.is(during.file(notesFile), `${words}\n`)
      assert.is(during.file('/dev/console'), undefined)
      const after = both(event, options, root => {
        mkdirSync(join(root, 'run/aria2-initrd'))
        writeFileSync(join(root, 'run/aria2-initrd/way'), 'eth0\n')
      })
      assert.is(after.file(notesFile), `${words}\n`)
      assert.is(after.file('/dev/console'), `aria2-initrd: dhcp: eth0: ${words}\n`)
      assert.equal(after.calls, [])
    }
  },
)

rootTest('good and bad values in one option are told apart', () => {
  const run = both('bound', { ...lease, dns: '10.0.2.3 evil;reboot 10.0.2.4', search: '-x ok.example' })
  assert.is(
    run.file('/run/aria2-initrd/resolv.eth0'),
    'search ok.example\nnameserver 10.0.2.3\nnameserver 10.0.2.4\n',
  )
  assert.match(run.stderr, "the name server 'evil;reboot' is not taken")
  assert.match(run.stderr, "the domain '-x' is not taken")
})

test.run()

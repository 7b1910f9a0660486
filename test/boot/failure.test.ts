import { readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import { testKernelName } from '../support/test-kernel.ts'
import { type BootCase, declareBoots } from './boot-cases.ts'
import { startFaultyServer } from './faulty-server.ts'
import { startSite } from './site.ts'

const site = await startSite()
const faulty = await startFaultyServer()
const leaving = await startFaultyServer()
test.after(async () => {
  await faulty.close()
  await leaving.close()
  await site.close()
})

site.write('huge', '')
truncateSync(join(site.folder, 'huge'), 1024 ** 3)

/** Without its signature: no certificate table, the fifth of PE32+'s data directories. */
const unsigned = readFileSync(join(site.folder, 'vmlinuz'))
unsigned.fill(
  0,
  unsigned.readUInt32LE(0x3c) + 24 + 112 + 4 * 8,
  unsigned.readUInt32LE(0x3c) + 24 + 112 + 5 * 8,
)
site.write('unsigned', unsigned)

const [kernel, initrd] = [site.url('vmlinuz'), site.url('initrd.img')]
const broken = (path: string) => `http://10.0.2.2:${faulty.port}/${path}`
const gone = `http://10.0.2.2:${leaving.port}/gone`
const next = 'next_kernel_params="console=ttyS0 quiet no_timer_check"'
const off = 'retries=1 on_failure=poweroff failure_delay=1'
const sha256 = (file: string) => site.digest('sha256', file)
const zeros = '0'.repeat(64)
const followed = 'boot failed; poweroff in 1 s'
const notStarted = ['kexec: starting', 'second kernel:']

/** The netboot kernel's modules have no signatures: under lockdown it comes no further than to its network card. */
const unsignedModules =
  testKernelName === 'netboot'
    ? /no driver: under lockdown this kernel loads modules with its signature alone/
    : undefined

/** Where the kernel would be, and why it does not come from there. */
const faults: [string, string][] = [
  [site.url('absent'), 'not found on the server'],
  ['http://10.0.2.2:1/k', ''],
  [broken('truncated'), ''],
  [gone, ''],
  [broken('hung'), 'timed out'],
  [broken('stalled'), ''],
  [broken('broken'), 'the server returned an error'],
  [broken('rubbish'), ''],
  ['http://origin.invalid/k', 'the server name does not resolve'],
]

/** Addresses that must stay data: no command of them runs, they become no option and no file name of this machine. */
const staysData = (urls: string[]): BootCase => ({
  name: `data only: ${urls.join(' ')}`,
  append: `"kernel_url=${urls.join()}" ${off} ${next}`,
  has: [...urls, followed],
  not: [...notStarted, 'not found\n', 'syntax error', /aria2c?: unrecognized option/, 'root:x:0', 'uid='],
})

const cases: BootCase[] = [
  {
    name: 'a wrong kernel digest: wanted and got on the console, no kexec, the failure action follows',
    append: `kernel_url=${kernel} initrd_url=${initrd} kernel_sha=${zeros} ${off} ${next}`,
    has: [`wrong digest: wanted ${zeros}, got ${sha256('vmlinuz')}`, followed],
    not: notStarted,
  },
  {
    name: 'a wrong initrd digest; the default failure action is a reboot',
    append: `kernel_url=${kernel} initrd_url=${initrd} kernel_sha=${sha256('vmlinuz')} initrd_sha=${zeros} failure_delay=1 ${next}`,
    has: [`wrong digest: wanted ${zeros}, got ${sha256('initrd.img')}`, 'boot failed; reboot in 1 s'],
    not: notStarted,
    end: 'reboot',
  },
  {
    name: 'nine mirrors, each with a fault of its own',
    append: `kernel_url=${faults.map(([url]) => url).join()} ${off} ${next} aria2_options=--timeout=3`,
    has: [...faults.map(([url, cause]) => `download: ${url}: ${cause}`), followed],
    not: notStarted,
  },
  {
    name: 'a password in an address is nowhere on the console',
    append: `kernel_url=http://u:secret@10.0.2.2:1/k ${off} ${next}`,
    has: [/download: http:\/\/u:\*\*\*@10\.0\.2\.2:1\/k: .*Connection refused/, followed],
    not: [...notStarted, 'secret'],
  },
  {
    name: 'nothing to fetch',
    append: off,
    has: ['nothing to fetch', followed],
    not: notStarted,
  },
  {
    name: 'a file that is no kernel: kexec says so, nothing panics',
    append: `kernel_url=${initrd} ${off} ${next}`,
    has: [
      /Cannot determine the file type of \/tmp\/kernel\/initrd\.img: it is no kernel for x86_64/,
      followed,
    ],
    not: ['second kernel:', 'trying kexec_load', 'segment'],
  },
  {
    name: 'lockdown=integrity, and a kernel without a signature',
    append: `lockdown=integrity kernel_url=${site.url('unsigned')} initrd_url=${initrd} ${off} ${next}`,
    has: [
      unsignedModules ??
        /unsigned: kexec_file_load failed: Operation not permitted: lockdown .* takes signed kernels alone/,
      followed,
    ],
    not: notStarted,
  },
  {
    name: 'lockdown=integrity, and kexec=load',
    append: `lockdown=integrity kexec=load kernel_url=${kernel} initrd_url=${initrd} ${off} ${next}`,
    has: [
      unsignedModules ??
        /lockdown \(none \[integrity\] confidentiality\) takes signed kernels alone, and no kexec_load/,
      followed,
    ],
    not: notStarted,
  },
  {
    name: 'a file larger than the memory: a clear message',
    append: `url=${site.url('huge')} ${off} ${next}`,
    memory: 256,
    has: [
      `download: ${site.url('huge')}: not enough memory for the file and the two copies that kexec makes`,
      followed,
    ],
    not: [...notStarted, 'Out of memory'],
  },
  ...[
    [
      'http://10.0.2.2:1/$(reboot)',
      'http://10.0.2.2:1/`reboot`;reboot&reboot|reboot',
      'http://10.0.2.2:1/*/../??/[a-z]*',
      'http://10.0.2.2:1/%s%n\\n\\$(id)',
    ],
    ['--on-download-start=/bin/reboot'],
    ['$(cat /etc/passwd)'],
  ].map(staysData),
]

declareBoots(test, site, cases, 'failures')
test.run()

// Values that try to be code, options or paths: in every parameter, DHCP option, server-supplied and file name. The simulator
// runs all; the bytes of /init every second one under the packed BusyBox and every tenth under one of the other shells
// (ALL_SHELLS=1: each under all).
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { declaredParameters } from '../../generator/simulator/boot-program.ts'
import type { Boot } from '../../generator/simulator/simulate.ts'
import type { World } from '../../generator/simulator/world.ts'
import { both, served } from '../scenarios/scenario.ts'
import { needs } from '../support/needs.ts'
import { initrd, kernel } from '../support/payload.ts'
import { compareBoot, inTurn, makeBench } from './boots.ts'
import { hostileTexts } from './hostile.ts'
import { shellPackages } from './shells.ts'
import { canary } from './throwaway-root.ts'

const bootTest = needs(test, { ...shellPackages, chroot: 'coreutils' }, true)
const bench = process.getuid?.() === 0 ? await makeBench() : undefined

/** Options that the stages themselves use; none other may ever appear. */
const known: Record<string, string[]> = {
  mount: ['-t', '-o'],
  modprobe: ['-a', '-b', '-q', '--'],
  udhcpc: ['-i', '-a100', '-b', '-A', '-t', '-p', '-O', '-x', '-V'],
  // Waits for an event: the text is ours.
  sh: ['-c'],
  nc: ['-z', '-w', '--'],
  ping: ['-q', '-c', '-W', '--'],
  arping: ['-q', '-f', '-w', '-I', '--'],
  nslookup: ['-type'],
  chown: ['-R'],
  kill: ['-9', '-1'],
  ip: ['-o'],
  kexec: ['-s', '-c', '-l', '-e', '--command-line', '--initrd'],
  reboot: ['-n', '-f'],
  switch_root: ['-c'],
  tar: ['-x', '-f', '-'],
  cpio: ['-i', '-d', '-m', '-u'],
  readlink: ['--'],
  killall: ['-q'],
}

const optionName = (word: string): string => word.replace(/=.*$/s, '')

/** Words that start with a dash and are none of the stages' options, nor the value of one. */
function smuggled(boot: Boot, plainAria2: Set<string>): string[] {
  return boot.trace.flatMap(([command = '', ...words]) =>
    words
      .filter((word, index) => word.startsWith('-') && !['-l', '-i', '-V'].includes(words[index - 1] ?? ''))
      .map(optionName)
      .filter(name => !(command === 'aria2c' ? plainAria2.has(name) : known[command]?.includes(name)))
      .map(name => `${command} ${name}`),
  )
}

/** Paths that only this boot has, outside of where its files belong. */
function astray(boot: Boot, outputDir: string): string[] {
  const places = [
    outputDir,
    '/tmp',
    '/run',
    '/proc',
    '/sys',
    '/etc/resolv.conf',
    '/sysroot',
    '/etc/modprobe.d/blacklist.conf',
  ]
  return [...boot.machine.files.snapshot().entries()]
    .filter(([path, bytes]) => bytes !== undefined && !places.some(place => path.startsWith(place)))
    .map(([path]) => path)
}

// The plain boot's options, all that may be set among them.
const quick =
  'retries=1 failure_delay=0 rd.net.timeout.iflink=0 rd.net.timeout.carrier=0 rd.net.timeout.dhcp=0'
let plainAria2 = new Set<string>()
let tried = 0

async function bears(what: string, world: World, outputDir = '/tmp', asked: string[] = []): Promise<void> {
  if (bench === undefined) return
  if (plainAria2.size === 0) {
    const plain = await compareBoot(
      { ...bench, shells: [] },
      {
        cmdline: `${both} tracker=http://t/announce`,
        serve: served,
      },
    )
    plainAria2 = new Set(
      plain.boot.trace.filter(([command]) => command === 'aria2c').flatMap(words => words.map(optionName)),
    )
  }
  const isForShells = tried % 2 === 0 || process.env.ALL_SHELLS === '1'
  const shells = isForShells ? inTurn(bench, tried % 10 === 0 ? 1 : 0) : { ...bench, shells: [] }
  const { boot, runs, differences } = await compareBoot(shells, world)
  tried += 1
  assert.ok(differences.length === 0, `${what}\n${differences.map(each => each.slice(0, 800)).join('\n')}`)
  for (const { trace } of runs)
    assert.not.ok(
      trace.some(([command]) => command === canary),
      what,
    )
  assert.equal(smuggled(boot, new Set([...plainAria2, ...asked])), [], what)
  assert.equal(astray(boot, outputDir), [], what)
}

/** A value as the kernel's command line can carry it: in quotes, without quotes of its own. */
const carried = (text: string): string => `"${text.replaceAll('"', "'")}"`

/** How a hostile text reaches deeper than the first check: at the end of something good. */
const prefixes: Record<string, string[]> = {
  url: ['', 'http://s/', 'magnet:?'],
  kernel_url: ['', 'http://s/'],
  initrd_url: ['', 'ftp://s/'],
  ramdisk_url: ['https://s/'],
  output_dir: ['', '/srv/', '/srv/x/../'],
  aria2_options: ['', '--header='],
  ip: ['', '10.0.0.5::10.0.0.1:24:', '10.0.0.5:::24::', '10.0.0.5:::24:node:eth0:none:'],
  BOOTIF: ['', '01-52-'],
  next_kernel_params: ['', 'root='],
  image_dest: ['', '/x/'],
  'rd.overlay': ['', 'tmpfs:size='],
  syslog: ['', 's:', '[fd00::1]:'],
  report: ['', 'http://', 'http://s/'],
}

/** Those that are worth a second place in a value. */
const sharp = new Set([
  'substitution',
  'command after a newline',
  'star',
  'option',
  'parents',
  'blanks',
  '4,000 characters',
])

const textParameters = declaredParameters().filter(({ type }) => type === 'text')
const otherParameters = declaredParameters().filter(({ type }) => type !== 'text')

for (const parameter of textParameters.flatMap(({ name, aliases }) => [name, ...aliases])) {
  bootTest(`${parameter}= with hostile values`, async () => {
    for (const [index, prefix] of (prefixes[parameter] ?? ['']).entries()) {
      for (const [kind, text] of Object.entries(hostileTexts)) {
        if (index > 0 && !sharp.has(kind)) continue
        const value = `${prefix}${text}`.replaceAll('"', "'")
        const others = parameter === 'kernel_url' ? 'initrd_url=http://s/i' : both
        const cmdline = `${others} ${quick} ${parameter}=${carried(value)}`
        // What a site itself asks of aria2 is not smuggled, unless the stage refuses it.
        const asked = parameter === 'aria2_options' ? value.split(/\s+/).map(optionName) : []
        await bears(
          `${parameter}: ${prefix} ${kind}`,
          { cmdline, serve: { ...served, [value]: kernel }, until: 100 },
          parameter === 'output_dir' ? '/' : '/tmp',
          asked,
        )
      }
    }
  })
}

bootTest('numbers, choices and flags with hostile values stay as they were', async () => {
  for (const [kind, text] of Object.entries(hostileTexts)) {
    const values = otherParameters.map(({ name }) => `${name}=${carried(text)}`)
    await bears(kind, { cmdline: `${both} ${quick} ${values.join(' ')}`, serve: served })
  }
})

bootTest('next_kernel_params_b64= with hostile texts', async () => {
  for (const [kind, text] of Object.entries(hostileTexts)) {
    const b64 = Buffer.from(text, 'latin1').toString('base64url')
    await bears(kind, { cmdline: `${both} ${quick} next_kernel_params_b64=${b64}`, serve: served })
  }
})

bootTest('DHCP options with hostile values', async () => {
  const options = ['mask', 'router', 'domain', 'search', 'hostname', 'server', 'boot_file']
  for (const [kind, text] of Object.entries(hostileTexts)) {
    const hostile = Object.fromEntries(options.map(option => [option, text]))
    const dhcp = { ip: '10.0.0.9', dns: '10.0.0.1', ...hostile }
    await bears(kind, { cmdline: `${both} ${quick}`, serve: served, network: [{ name: 'eth0', dhcp }] })
  }
})

bootTest('hostile names of files in a torrent', async () => {
  for (const [kind, text] of Object.entries(hostileTexts)) {
    const name = text.slice(0, 250).replaceAll('../', '').replaceAll('/', '_')
    const files = name === '' ? { k: kernel } : { [name]: kernel, [`sub ${name}/${name}`]: initrd }
    await bears(kind, { cmdline: `url=http://s/t ${quick}`, serve: { 'http://s/t': { files } } })
  }
})

bootTest('hostile names of images', async () => {
  for (const [kind, text] of Object.entries(hostileTexts)) {
    const name = text.slice(0, 240).replaceAll('/', '_')
    if (name === '') continue
    const image = { [`x${name}`]: 'hsqs' }
    const beside = { k: kernel, i: initrd, ...image }
    const live = `url=http://s/t ${quick} next_kernel_params=boot=live`
    await bears(kind, { cmdline: live, serve: { 'http://s/t': { files: beside } } })
    await bears(`${kind}: the root`, {
      cmdline: `url=http://s/t ${quick} boot=switch_root rd.overlay=tmpfs`,
      serve: { 'http://s/t': { files: image } },
      files: { '/sysroot/sbin/init': '#!' },
    })
  }
})

bootTest('hostile causes in the log of aria2', async () => {
  for (const [kind, text] of Object.entries(hostileTexts)) {
    await bears(kind, { cmdline: `${both} ${quick}`, serve: { 'http://s/k': { status: 6, cause: text } } })
  }
})

bootTest('hostile variables that the kernel hands on', async () => {
  for (const name of [
    'PS4',
    'PS1',
    'ENV',
    'BASH_ENV',
    'IFS',
    'OPTIND',
    'stage',
    'newline',
    'blanks',
    'interface',
    'boot_interface',
    'kernel',
  ]) {
    for (const text of [`$(${canary})`, `\`${canary}\``, 'kernel', '', '-x']) {
      await bears(`${name}=${text}`, {
        cmdline: `${both} ${quick} debug ${name}=${carried(text)}`,
        serve: served,
      })
    }
  }
})

test.after(() => bench?.remove())
test.run()

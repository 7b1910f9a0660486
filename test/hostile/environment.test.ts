// Words of the kernel command line become the environment of /init. What each program that it starts has of it: under
// five shells, where every command writes down its environment, and in a whole boot.
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { qemuProgram } from '../../generator/qemu/qemu.ts'
import { bootMachine } from '../../generator/qemu/virtual-machine.ts'
import { simulate } from '../../generator/simulator/simulate.ts'
import { SimulatedMachine } from '../../generator/simulator/simulated-machine.ts'
import { startSite } from '../boot/site.ts'
import { makeBench } from '../differential/boots.ts'
import { replay } from '../differential/replay.ts'
import { shellPackages } from '../differential/shells.ts'
import { canary, recordEnvironment } from '../differential/throwaway-root.ts'
import { both, served } from '../scenarios/scenario.ts'
import { needs } from '../support/needs.ts'
import { declareInputs, type HostileInput } from './inputs.ts'

/** What /init gives to all that it starts, and what shells add by themselves. */
const own = new Set(['PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'LC_ALL=C', 'HOME=/', 'TERM=linux'])
const ofShells = /^(PWD|OLDPWD|SHLVL|_)=/

const hostile: Record<string, string> = {
  PATH: '/evil',
  IFS: '0a',
  ENV: '/evil',
  PS4: `$(${canary})`,
  HOME: '/evil',
  TERM: 'evil',
  LC_ALL: 'de_DE',
  LANG: 'de_DE.UTF-8',
  TZ: ':/evil',
  http_proxy: 'http://evil',
  HTTPS_PROXY: 'http://evil',
  no_proxy: '*',
  OPENSSL_CONF: '/evil',
  SSL_CERT_FILE: '/evil',
  SSL_CERT_DIR: '/evil',
  RES_OPTIONS: 'rotate',
  LOCALDOMAIN: 'evil',
  CARES_SERVERS: '192.0.2.66',
  MODPROBE_OPTIONS: '-r',
  TMPDIR: '/evil',
  BASH_ENV: '/evil',
  CDPATH: '/evil',
  newline: 'x',
  stage: 'evil',
  mtu: '700',
  search: 'foo',
  router: '192.0.2.66',
  staticroutes: '10.0.0.0/8 192.0.2.66',
  interface: 'evil0',
  'a-b': 'c',
  '1x': 'y',
}
const words = Object.entries(hostile).map(([name, value]) => `${name}="${value}"`)

/** For each program under each shell, its environment. */
async function environments(): Promise<Map<string, string[]>> {
  const bench = await makeBench()
  try {
    const cmdline = `${both} ${words.join(' ')} debug`
    const boot = simulate({ cmdline, serve: served })
    const start = new SimulatedMachine({ cmdline, serve: served }).files.snapshot()
    const found = new Map<string, string[]>()
    for (const { shell, root } of bench.shells) {
      recordEnvironment(root)
      const run = await replay(shell, root, bench.init, { cmdline, start, calls: boot.calls })
      assert.is(run.end, 'machine', `${shell.name}: ${run.end}\n${run.console}`)
      const records = readdirSync(join(root, 'dev'))
        .filter(name => name.startsWith('environment.'))
        .map(name => join(root, 'dev', name))
      const recorded = records.map(path => readFileSync(path, 'latin1')).join('')
      for (const entry of recorded.split('END\n')) {
        const [program = '', ...variables] = entry.split('\n').filter(line => line !== '')
        if (program !== '')
          found.set(`${shell.name}: ${program}`, [
            ...(found.get(`${shell.name}: ${program}`) ?? []),
            ...variables,
          ])
      }
      for (const path of records) rmSync(path)
    }
    return found
  } finally {
    bench.remove()
  }
}

let collected: Promise<Map<string, string[]>> | undefined
const found = (): Promise<Map<string, string[]>> => {
  collected ??= environments()
  return collected
}

const inputs: HostileInput[] = [
  ...Object.entries(hostile).map(
    ([name, value]): HostileInput => ({
      input: `${name}=${value}`,
      expected: 'no program has it',
      run: 'stages and shells',
      async see() {
        const all = await found()
        const with_ = [...all].filter(([, variables]) => variables.includes(`${name}=${value}`))
        assert.equal(
          with_.map(([program]) => program),
          [],
        )
        return 'none'
      },
    }),
  ),
  {
    input: 'all of these together',
    expected: 'each program has PATH, LC_ALL, HOME and TERM of /init, and what the shell adds',
    run: 'stages and shells',
    async see() {
      const programs = new Set<string>()
      for (const [program, variables] of await found()) {
        for (const each of own) assert.ok(variables.includes(each), `${program} lacks ${each}`)
        const others = variables.filter(each => !own.has(each) && !ofShells.test(each))
        assert.equal(others, [], program)
        programs.add(program.replace(/^.*: /, ''))
      }
      for (const program of [
        'udhcpc',
        // It becomes aria2c.
        'setpriv',
        'kexec',
        'ip',
        'modprobe',
        'mount',
        'cat',
        'find',
        'sha256sum',
      ])
        if (program !== 'sha256sum') assert.ok(programs.has(program), `${program} was not started`)
      return [...programs].sort().join(' ')
    },
  },
]
declareInputs(test, 'environment', inputs, needs(test, { ...shellPackages, chroot: 'coreutils' }, true))

needs(test, { [qemuProgram.program]: qemuProgram.package })('a whole boot with hostile words', async () => {
  const site = await startSite()
  try {
    // At most 32 words of others: the kernel takes no more.
    const append = `quiet kernel_url=${site.url('vmlinuz')} initrd_url=${site.url('initrd.img')} next_kernel_params="console=ttyS0 quiet no_timer_check" ${words
      .slice(0, 4)
      .join(' ')} LD_PRELOAD=/evil GLIBC_TUNABLES=evil ${words.slice(-9).join(' ')}`
    const { console } = await bootMachine({ ...site.image, append, limit: 90 })
    assert.match(console, 'eth0: DHCP gave ip=10.0.2.15/24 router=10.0.2.2')
    assert.not.match(console, /mtu=700|search=foo|192\.0\.2\.66/)
    assert.match(console, 'kexec: starting')
  } finally {
    await site.close()
  }
})

test.run()

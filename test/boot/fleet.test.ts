// Eight machines on the fleet's page at once: each real, behind one address, with an end of its own; `serve` is killed in the middle.
import { mkdirSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { silent } from '../../generator/host/console/progress.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { qemuProgram } from '../../generator/qemu/qemu.ts'
import { hostFromGuest } from '../../generator/qemu/qemu-words.ts'
import { type Machine, startMachine } from '../../generator/qemu/virtual-machine.ts'
import { freePort } from '../../generator/serve/free-port.ts'
import { chromiumProgram, openPage, type ShownRow, shownRows, startBrowser } from '../fleet/browser.ts'
import { startServe } from '../serve/serve-command.ts'
import { needs } from '../support/needs.ts'
import { laySmallRoot, makeCpio } from './next-systems.ts'
import { startSite } from './site.ts'

const site = await startSite()
test.after(() => site.close())
const { program, package: qemuPackage } = qemuProgram
const boots = needs(test, { [program]: qemuPackage, [chromiumProgram]: 'chromium', cpio: 'cpio' }, true)

/** Two processors emulate eight machines, and other tests have them too (s). */
const patience = 900

/** A root whose init is the next system's `report`: it says that it is up, and which one it is. */
async function makeCallingRoot(work: string, image: string, collector: number): Promise<void> {
  mkdirSync(work)
  laySmallRoot(work, (await provideBinaries(silent)).busybox.path)
  const init = `#!/bin/busybox sh
mac=$(/bin/busybox cat /sys/class/net/eth0/address)
body="{\\"event\\":\\"up\\",\\"node\\":{\\"mac\\":\\"$mac\\"}}"
/bin/busybox printf 'POST /report HTTP/1.0\\r\\nContent-Length: %d\\r\\n\\r\\n%s' "\${#body}" "$body" |
    /bin/busybox nc ${hostFromGuest} ${collector}
/bin/busybox poweroff -f
`
  writeFileSync(join(work, 'usr/sbin/init'), init)
  makeCpio(work, image)
}

boots(
  'eight machines, four kinds of failure, and a server that is killed: each is there, in its console’s words',
  async () => {
    const work = mkdtempSync(join(tmpdir(), 'fleet-boot-'))
    const [port, fleetPort] = [await freePort('127.0.0.1'), await freePort('127.0.0.1')]
    const kept = ['--state', join(work, 'state'), '--fleet-port', `${fleetPort}`, '--port', `${port}`]
    const start = () => startServe(site.folder, '--aria2c', site.aria2c, ...kept)
    const url = (file: string) => `http://${hostFromGuest}:${port}/${file}`
    site.write('small', 'a small file')
    site.write('large', '')
    truncateSync(join(site.folder, 'large'), 400 * 2 ** 20)
    await makeCallingRoot(join(work, 'root'), join(work, 'root.cpio'), port ?? 0)

    const fails = 'retries=1 on_failure=shell'
    const wrong = '0'.repeat(64)
    const roles: [name: string, append: string][] = [
      ['absent', `url=${url('absent')} ${fails}`],
      ['digest', `url=${url('small')} sha=${wrong} ${fails}`],
      ['refused', `url=http://${hostFromGuest}:1/small ${fails}`],
      ['memory', `url=${url('large')} ${fails}`],
      ...['first', 'second'].map((name): [string, string] => [
        name,
        `url=${url('root.cpio')} boot=switch_root`,
      ]),
      ...['third', 'fourth'].map((name): [string, string] => [
        name,
        `url=${url('root.cpio')} boot=none on_complete=shell`,
      ]),
    ]
    let serve = await start()
    const browser = await startBrowser()
    const machines = new Map<string, Machine>()
    try {
      const { page } = await openPage(browser, /^ {2}fleet +(\S+)/m.exec(serve.stdout())?.[1] ?? '')
      for (const [index, [name, append]] of roles.entries())
        machines.set(
          name,
          await startMachine({
            ...{ kernel: site.image.kernel, initrd: site.image.initrd, memory: 224, limit: patience },
            nics: [{ network: 'user', mac: `52:54:00:12:00:0${index}` }],
            append: `quiet ${append} hostname=${name} report=${url('report')}`,
          }),
        )
      const shown = async (what: string, isSo: (rows: Map<string, ShownRow>) => boolean) => {
        for (const end = Date.now() + patience * 1000; ; await page.waitForTimeout(500)) {
          const rows = new Map((await shownRows(page)).map(row => [row.name, row]))
          if (isSo(rows)) return rows
          const consoles = [...machines].map(
            ([name, machine]) => `${name}\n${machine.console().slice(-2000)}`,
          )
          if (Date.now() > end)
            throw new Error(`${what}\n${JSON.stringify([...rows.values()], null, 1)}\n${consoles.join('\n')}`)
        }
      }
      const waiting = ['first', 'second', 'third', 'fourth']
      const failing = roles.map(([name]) => name).filter(name => !waiting.includes(name))
      // What four of them want is not there yet, and they try again.
      const isInTheMiddle = (rows: Map<string, ShownRow>) =>
        failing.every(name => rows.get(name)?.state === 'failed') &&
        waiting.every(
          name => rows.get(name)?.stage === 'download' && rows.get(name)?.cause.includes('not found'),
        )
      const rows = await shown('four failed, four wait', isInTheMiddle)
      const left = serve.children()
      await serve.stop('SIGKILL')
      for (const pid of left) process.kill(pid, 'SIGKILL')
      await page.locator('.lost #connection').waitFor({ timeout: patience * 1000 })
      serve = await start()
      await page.locator('body:not(.lost)').waitFor({ timeout: patience * 1000 })
      // Those that failed say nothing any more.
      const after = await shown('all are there again', now => now.size === roles.length)
      for (const name of failing) assert.equal(after.get(name), rows.get(name), name)
      renameSync(join(work, 'root.cpio'), join(site.folder, 'root.cpio'))
      const last = await shown(
        'the others are there',
        now =>
          ['first', 'second'].every(name => now.get(name)?.state === 'up') &&
          ['third', 'fourth'].every(name => now.get(name)?.state === 'complete'),
      )
      assert.is(last.size, roles.length, 'no machine is there twice')
      const wanted: Record<string, [stage: string, cause: RegExp]> = {
        absent: ['download', /absent: not found on the server/],
        digest: ['download', /small: wrong digest: wanted 0{64}, got [0-9a-f]{64}$/],
        refused: ['download', /Connection refused/],
        memory: ['download', /needs \d+ MiB/],
      }
      for (const [name, [stage, cause]] of Object.entries(wanted)) {
        const row = last.get(name)
        assert.is(row?.stage, stage, `${name}: ${row?.cause}`)
        assert.match(row?.cause ?? '', cause)
        assert.match(machines.get(name)?.console().replaceAll('\n', ' ') ?? '', row?.cause ?? name, name)
      }
    } finally {
      for (const machine of machines.values()) await machine.stop()
      await browser.close()
      await serve.stop()
      rmSync(work, { recursive: true, force: true })
    }
  },
)

test.run()

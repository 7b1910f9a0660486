// The whole image in QEMU: swapped torrents, names that servers choose, a server that ignores ranges and breaks off,
// more words than the kernel hands on.

import { readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { secondKernelParameters } from '../../generator/demo/second-stage.ts'
import { writeNewc } from '../../generator/image/newc/newc-writer.ts'
import { qemuProgram } from '../../generator/qemu/qemu.ts'
import { hostFromGuest } from '../../generator/qemu/qemu-words.ts'
import { bootMachine } from '../../generator/qemu/virtual-machine.ts'
import { startSite } from '../boot/site.ts'
import { needs } from '../support/needs.ts'
import { sha256 } from '../support/payload.ts'
import { declareInputs, type HostileInput } from './inputs.ts'

const site = await startSite()
const kernel = readFileSync(join(site.folder, 'vmlinuz'))
const initrd = readFileSync(join(site.folder, 'initrd.img'))
/** An archive that takes the place of the second stage's /init, where it is joined behind it. */
const evil = await writeNewc([
  {
    ...{ kind: 'file', path: 'init', mode: 0o755 },
    content: Buffer.from('#!/bin/busybox sh\necho OWNED >/dev/console\n/bin/busybox poweroff -f\n'),
  },
])

// ---- servers

const files = new Map<string, Buffer>([
  ['/k', kernel],
  ['/i', initrd],
  ['/evil', evil],
])
let brokenOff = 0
const server = createServer((request, response) => {
  const path = decodeURIComponent((request.url ?? '').replace(/\?.*/, ''))
  if (path === '/named-initrds') return send(response, kernel, 'initrds')
  if (path === '/named-initrd-2') return send(response, evil, 'initrd-2')
  if (path === '/breaks-off') {
    // As python3 -m http.server: no ranges; it is killed at half, and started again.
    brokenOff += 1
    if (brokenOff > 1) return send(response, kernel)
    response.writeHead(200, { 'Content-Length': kernel.length })
    return void response.write(kernel.subarray(0, kernel.length / 2), () =>
      setTimeout(() => response.destroy(), 500),
    )
  }
  const content = files.get(path)
  if (content === undefined) return void response.writeHead(404).end()
  return send(response, content)
})
function send(response: ServerResponse, content: Buffer, name?: string): void {
  const disposition = name === undefined ? {} : { 'Content-Disposition': `attachment; filename="${name}"` }
  response.writeHead(200, { 'Content-Length': content.length, ...disposition })
  response.end(content)
}
await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
const base = `http://${hostFromGuest}:${(server.address() as AddressInfo).port}`
test.after(async () => {
  server.closeAllConnections()
  server.close()
  await site.close()
})

/** A Metalink of files by name, each from an address of ours. */
const metalink = (given: [name: string, path: string][]): Buffer => {
  const listed = given.map(([name, path]) => `<file name="${name}"><url>${base}${path}</url></file>`)
  return Buffer.from(
    `<?xml version="1.0"?><metalink xmlns="urn:ietf:params:xml:ns:metalink">${listed.join('')}</metalink>`,
  )
}
files.set(
  '/swapped.meta4',
  metalink([
    ['vmlinuz', '/k'],
    ['initrd.img', '/i'],
    ['zz.img', '/evil'],
  ]),
)
files.set(
  '/names.meta4',
  metalink([
    ['kernel/k', '/evil'],
    ['initrd-2/x', '/evil'],
    ['initrds', '/evil'],
  ]),
)

// ---- boots, two at a time

const next = 'next_kernel_params="console=ttyS0 quiet no_timer_check"'
const off = 'on_failure=poweroff failure_delay=1'
const hex = (content: Buffer) => sha256(content.toString('latin1'))
const digests = `kernel_sha=${hex(kernel)} initrd_sha=${hex(initrd)}`

interface Boot {
  input: string
  expected: string
  append: string
  /** The line that was seen. */
  says: RegExp
  /** Whether the second stage runs. */
  boots: boolean
}

const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()]
let started = 0
function boot({ input, expected, append, says, boots }: Boot): HostileInput {
  const lane = started % lanes.length
  started += 1
  const run = () =>
    bootMachine({
      ...{ kernel: site.image.kernel, initrd: site.image.initrd, limit: 600 },
      append: `quiet ${append} ${off} ${next}`,
    })
  let machine: ReturnType<typeof run> | undefined
  const start = () => {
    machine ??= (lanes[lane] as Promise<unknown>).then(run)
    lanes[lane] = machine.catch(() => {})
    return machine
  }
  starts.push(start)
  return {
    ...{ input, expected, run: 'QEMU' },
    async see() {
      for (const each of starts) each().catch(() => {})
      const { console, reason } = await start()
      assert.match(console, says)
      assert.is(secondKernelParameters(console) !== undefined, boots, `${reason}\n${console}`)
      assert.not.match(console, 'OWNED')
      const line = console.split('\n').find(each => says.test(each)) ?? ''
      const shown = line
        .replace(/^\[ *[0-9.]+\] /, '')
        .replace('aria2-initrd: ', '')
        .replaceAll(base, 'http://server')
      return `${shown}; ${boots ? 'the second stage runs' : 'no second stage'}`
    },
  }
}
const starts: (() => Promise<unknown>)[] = []
const many = (count: number, end: string) => Array.from({ length: count }, (_, n) => `x${n}${end}`).join(' ')

const inputs = [
  boot({
    ...{ input: 'a Metalink swapped for one with zz.img, two digests', expected: 'does not boot; says why' },
    append: `url=${base}/swapped.meta4 ${digests}`,
    says: /verify: \/tmp\/url-1\/zz\.img: no initrd_sha=; once one digest is given/,
    boots: false,
  }),
  boot({
    input:
      'Content-Disposition "initrds" for the kernel and "initrd-2" for url=, a Metalink with kernel/k, initrd-2/x',
    expected: 'boots what was asked for, and nothing else',
    append:
      `url=${base}/named-initrd-2,${base}/names.meta4 kernel_url=${base}/named-initrds ` +
      `initrd_url=${base}/i initrd_url=${base}/i ${digests} initrd_sha=${hex(initrd)}`,
    says: /verify: \/tmp\/kernel\/initrds: digest holds/,
    boots: true,
  }),
  boot({
    input: 'a server that ignores ranges breaks off at half, and comes back',
    expected: 'starts over, and boots',
    append: `kernel_url=${base}/breaks-off initrd_url=${base}/i ${digests}`,
    says: /verify: \/tmp\/kernel\/breaks-off: digest holds/,
    boots: true,
  }),
  boot({
    input: '31 names and 32 words that the kernel does not know',
    expected: 'reaches /init',
    // Four names are in what each boot here has.
    append: `kernel_sha= ${many(27, '=y')} ${many(32, '')}`,
    says: /command-line: kernel_sha=\(empty\): not a digest/,
    boots: false,
  }),
  boot({
    input: '32 names that the kernel does not know',
    expected: 'the kernel panics: what cmdline and publish refuse',
    append: `kernel_sha= ${many(28, '=y')}`,
    says: /Too many boot env vars at/,
    boots: false,
  }),
  boot({
    input: '33 words that the kernel does not know',
    expected: 'the kernel panics: what cmdline and publish refuse',
    append: many(33, ''),
    says: /Too many boot init vars at/,
    boots: false,
  }),
]

declareInputs(test, 'boots', inputs, needs(test, { [qemuProgram.program]: qemuProgram.package }))
test.run()

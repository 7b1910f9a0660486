// What boot loaders and boot services are told, read by readers that are not ours where they can be had.
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { PublishOptions } from '../../generator/publish/publish-options.ts'
import { type Delivery, plainHttpIsBetter } from '../../generator/swarm/swarm-or-http.ts'
import { boot } from '../support/boots.ts'
import { failure } from '../support/failure.ts'
import { needs } from '../support/needs.ts'
import { baseUrl, initrdLike, kernelLike, noise, publishSite } from './site.ts'

const site = publishSite()
const contents: Record<string, Buffer> = {
  vmlinuz: kernelLike(9_000_000),
  'initrd.img': initrdLike(50_000),
  'microcode.img': initrdLike(20_000, 5),
  'root.squashfs': noise(30_000),
}
const file = (name: string) => site.write(name, contents[name] as Buffer)
const sha = (name: string) =>
  createHash('sha256')
    .update(contents[name] as Buffer)
    .digest('hex')
const files = [file('vmlinuz'), file('initrd.img')]
const text = (name: string) => readFileSync(join(site.served, 'node.boot', name), 'utf8')
const digests = `kernel_sha=${sha('vmlinuz')} initrd_sha=${sha('initrd.img')}`

/** Realistic, and hard to carry. */
const next = `root=live:${baseUrl}/r.img ip=dhcp ds=nocloud-net;s=http://10.0.0.1/ q='a & b' x=<1> initrd=z \${y} + #`

const publishNext = (options: Partial<PublishOptions> = {}) =>
  site.publish(files, { nextKernelParams: next, append: 'console=ttyS0,115200', ...options })

/** What /init has of the next kernel's parameters from a line, whichever form it has. */
function nextOf(line: string): string | undefined {
  const plain = /next_kernel_params="([^"]*)"/.exec(line)?.[1]
  const encoded = /next_kernel_params_b64=([\w-]+)/.exec(line)?.[1]
  return plain ?? (encoded === undefined ? undefined : Buffer.from(encoded, 'base64url').toString())
}

test('the line: what to fetch, digests, and the next kernel’s parameters', async () => {
  const { line } = await publishNext()
  assert.is(
    line,
    `console=ttyS0,115200 url=${baseUrl}/${site.generation()}.torrent ${digests} next_kernel_params="${next}"`,
  )
  const quoted = await publishNext({ nextKernelParams: 'a="b  c"' })
  assert.is(nextOf(quoted.line ?? ''), 'a="b  c"')
  const foreign = await publishNext({ nextKernelParams: 'größe=1' })
  assert.is(nextOf(foreign.line ?? ''), 'größe=1')
  assert.not.match(foreign.line ?? '', /[^ -~]/)
  const nothing = await site.publish(files)
  assert.is(nothing.line, `url=${baseUrl}/${site.generation()}.torrent ${digests}`)
})

test('/init, on the simulator, makes of the line what is wanted', async () => {
  const { line = '' } = await publishNext()
  const served = { vmlinuz: contents.vmlinuz as Buffer, 'initrd.img': contents['initrd.img'] as Buffer }
  const ended = boot(line, { serve: { [`${baseUrl}/${site.generation()}.torrent`]: { files: served } } })
  assert.is(ended.end, 'kexec', ended.console)
  assert.is(ended.loaded?.commandLine, `console=ttyS0,115200 ${next}`)
  assert.match(ended.console, 'vmlinuz: digest holds')
  assert.match(ended.console, 'initrd.img: digest holds')
})

test('initrds are joined in the order that they are given in: by name, with numbers where that takes them', async () => {
  const [k = '', i = '', m = ''] = ['vmlinuz', 'initrd.img', 'microcode.img'].map(file)
  const byName = await site.publish([k, i, m])
  assert.is(
    byName.line,
    `url=${baseUrl}/${site.generation()}.torrent ${digests} initrd_sha=${sha('microcode.img')}`,
  )
  assert.equal(byName.files.map(({ name }) => name).sort(), ['initrd.img', 'microcode.img', 'vmlinuz'])
  const numbered = await site.publish([file('root.squashfs'), m, k, i])
  assert.is(
    numbered.line,
    `url=${baseUrl}/${site.generation()}.torrent kernel_sha=${sha('vmlinuz')} initrd_sha=${sha('microcode.img')} initrd_sha=${sha('initrd.img')}`,
  )
  const names = numbered.files.map(({ name }) => name).sort()
  assert.equal(names, ['1-microcode.img', '2-initrd.img', 'root.squashfs', 'vmlinuz'])
  const files = Object.fromEntries(names.map(name => [name, readFileSync(join(site.served, 'node', name))]))
  const ended = boot(numbered.line ?? '', {
    serve: { [`${baseUrl}/${site.generation()}.torrent`]: { files } },
  })
  assert.is(ended.end, 'kexec', ended.console)
  const joined = ended.loaded?.initrd ?? Buffer.alloc(0)
  assert.ok(
    joined.indexOf(contents['microcode.img'] as Buffer) < joined.indexOf(contents['initrd.img'] as Buffer),
  )
})

test('a root that dracut would not find in the initramfs is refused', async () => {
  const options = { imagesInInitramfs: true, nextKernelParams: 'root=live:/root.squashfs' }
  assert.is(
    await failure(site.publish([...files, file('root.squashfs')], options)),
    'root=live:/root.squashfs: dracut takes nothing but *.img and *.iso there',
  )
})

needs(test, { cpio: 'cpio' })(
  'an image in the initramfs: an archive that cpio reads, joined after the initrd',
  async () => {
    for (const size of [30_000, 30_001, 30_002, 30_003]) {
      const image = noise(size)
      const published = await site.publish([...files, site.write('root.squashfs', image)], {
        imagesInInitramfs: true,
        nextKernelParams: 'root=live:/root.img',
      })
      const archive = readFileSync(join(site.served, 'node/root.squashfs.cpio'))
      const cpio = (...words: string[]) =>
        execFileSync('cpio', ['--quiet', ...words], { input: archive, cwd: site.source })
      assert.is(cpio('-it').toString(), 'root.img\n')
      assert.ok(cpio('-i', '--to-stdout', 'root.img').equals(image))
      assert.is(
        createHash('sha256').update(archive).digest('hex'),
        published.files.find(each => each.name === 'root.squashfs.cpio')?.sha256,
      )
      const names = published.files.map(each => each.name)
      const served = Object.fromEntries(
        names.map(name => [name, readFileSync(join(site.served, 'node', name))]),
      )
      const ended = boot(published.line ?? '', {
        serve: { [`${baseUrl}/${site.generation()}.torrent`]: { files: served } },
      })
      assert.is(ended.end, 'kexec', ended.console)
      assert.match(ended.console, 'root.squashfs.cpio: digest holds')
      const joined = ended.loaded?.initrd ?? Buffer.alloc(0)
      assert.ok(joined.indexOf(archive) > joined.indexOf(contents['initrd.img'] as Buffer))
    }
  },
)

test('plain HTTP where a swarm does not pay', async () => {
  for (const options of [{ nodes: 1 }, { trackers: [] }]) {
    const { line, isSwarm } = await site.publish(files, options)
    assert.is(isSwarm, false)
    assert.match(line ?? '', `url=${baseUrl}/${site.generation()}/node.meta4 `)
  }
  const M = 1024 * 1024
  const better = (delivery: Partial<Delivery>) =>
    plainHttpIsBetter({
      bytes: 64 * M,
      nodes: 16,
      hasTracker: true,
      originRate: 50,
      nodeRate: 50,
      ...delivery,
    })
  // As measured in test/lab: 16 nodes, 50 Mbit/s, 8 MiB: 22 s from the web server, 4 s in a swarm.
  assert.not.ok(better({}))
  assert.not.ok(better({ bytes: 8 * M }))
  assert.not.ok(better({ nodes: 2 }))
  assert.ok(better({ bytes: M / 2 }), 'a small file')
  assert.ok(better({ nodes: 2, bytes: M }), 'few nodes')
  assert.ok(better({ originRate: 20_000 }), 'an origin that is much faster than the peers')
  assert.ok(better({ nodes: 1 }))
  assert.ok(better({ hasTracker: false }))
  assert.not.ok(plainHttpIsBetter({ bytes: 64 * M, hasTracker: true }))
})

test('no snippet relies on what its reader takes away, and each has the digests', async () => {
  await publishNext()
  const lines = {
    'boot.ipxe': /^kernel \S+ (.*) BOOTIF=01-\$\{netX\/mac:hexhyp\} initrd=initrd\.img \|\| goto failed$/m,
    'warewulf.ipxe':
      /^kernel \S+ (.*) BOOTIF=01-\$\{netX\/mac:hexhyp\} initrd=initrd\.img \|\| goto failed$/m,
    'grub.cfg': /^ {4}linux \S+ BOOTIF=\$net_default_mac (.*)$/m,
    'pxelinux.cfg': /^ {4}APPEND (.*)$/m,
    'xcat.stanza': /^ {4}kcmdline=(.*)$/m,
  }
  const found = Object.entries(lines).map(
    ([name, pattern]) => [name, pattern.exec(text(name))?.[1] ?? ''] as const,
  )
  const bss = JSON.parse(text('bss.json')).params as string
  const service = JSON.parse(text('boot-service.json')).spec.params as string
  for (const [name, line] of [
    ...found,
    ['bss.json', bss] as const,
    ['boot-service.json', service] as const,
  ]) {
    assert.ok(line.includes(sha('vmlinuz')) && line.includes(sha('initrd.img')), name)
    assert.ok(line.includes(`url=${baseUrl}/${site.generation()}.torrent`), name)
    assert.ok(nextOf(line.replaceAll("'", '')) !== undefined, name)
  }
  for (const line of [service, text('xcat.stanza').match(lines['xcat.stanza'])?.[1] ?? '']) {
    assert.not.match(line, /["'&+<>]/)
    assert.is(nextOf(line), next)
  }
  assert.not.match(bss, 'initrd')
  assert.is(nextOf(bss), next)
  assert.is(nextOf(found[0]?.[1] ?? ''), next)
})

test('the payloads have the fields that BSS and boot-service read', async () => {
  await publishNext()
  const folder = `${baseUrl}/${site.generation()}/stage-one`
  const stageOne = { kernel: `${folder}/vmlinuz`, initrd: `${folder}/initrd.img` }
  const { params, comment, ...bss } = JSON.parse(text('bss.json'))
  assert.match(comment, /^For OpenCHAMI before v0\.2\.0\. /)
  assert.equal(bss, { hosts: ['Default'], ...stageOne })
  assert.type(params, 'string')
  const service = JSON.parse(text('boot-service.json'))
  const { params: specParams, ...spec } = service.spec
  assert.equal([service.metadata, spec], [{ name: 'node' }, { ...stageOne, priority: 1 }])
  assert.type(specParams, 'string')
})

needs(test, { 'grub-script-check': 'grub-common' })('GRUB reads its configuration', async () => {
  await publishNext()
  const check = () =>
    spawnSync('grub-script-check', [join(site.served, 'node.boot/grub.cfg')], { encoding: 'utf8' })
  const run = check()
  assert.is(run.status, 0, run.stderr)
  assert.match(text('grub.cfg'), `linux (http,10.0.0.1)/boot/${site.generation()}/stage-one/vmlinuz `)
  assert.match(text('grub.cfg'), `initrd (http,10.0.0.1)/boot/${site.generation()}/stage-one/initrd.img\n`)
  await publishNext({ baseUrl: 'http://[fd00::1]:8080/x' })
  assert.is(check().status, 0)
})

needs(test, { dnsmasq: 'dnsmasq-base' })('dnsmasq takes its part', async () => {
  await publishNext()
  const path = join(site.served, 'node.boot/dnsmasq.conf')
  execFileSync('dnsmasq', ['--test', '-C', path], { stdio: 'pipe' })
  assert.match(text('dnsmasq.conf'), `\ndhcp-boot=tag:ipxe,${baseUrl}/node.boot/boot.ipxe\n`)
})

test('iPXE scripts begin as such and have no line that ends in a backslash; Warewulf’s has its fields', async () => {
  await publishNext()
  for (const name of ['boot.ipxe', 'autoexec.ipxe', 'warewulf.ipxe']) {
    const lines = text(name).split('\n')
    assert.is(lines[0], '#!ipxe')
    assert.is(lines.at(-1), '')
    const commands = lines.filter(line => line !== '' && !line.startsWith('#') && !line.startsWith(':'))
    for (const line of commands)
      assert.match(line, /^(kernel|initrd|boot|chain|dhcp|echo|imgfree|sleep|goto) ?[^\\]*$/)
    for (const [, label] of text(name).matchAll(/goto (\w+)/g)) assert.match(text(name), `\n:${label}\n`)
  }
  assert.not.match(text('boot.ipxe'), '{{')
  assert.match(text('warewulf.ipxe'), 'echo Booting {{.Fqdn}} with node\n')
})

test('what a carrier cannot bring is left out with the reason, and an old one is removed', async () => {
  await publishNext()
  assert.ok(existsSync(join(site.served, 'node.boot/bss.json')))
  const long = await publishNext({ nextKernelParams: `x=${'y'.repeat(1500)}` })
  assert.match(long.snippets.find(({ file }) => file === 'boot.ipxe')?.text ?? '', 'yyyy')
  const tooLong = await publishNext({ nextKernelParams: `x=${'y'.repeat(2100)}` })
  for (const { file, text, refusal } of tooLong.snippets) {
    const hasLine = !['dnsmasq.conf', 'autoexec.ipxe'].includes(file)
    assert.is(text === undefined, hasLine, file)
    assert.is(existsSync(join(site.served, 'node.boot', file)), !hasLine, file)
    if (text === undefined) assert.match(refusal ?? '', 'bytes long')
  }
  const secure = await publishNext({ baseUrl: 'https://10.0.0.1/boot' })
  assert.equal(
    secure.snippets.filter(({ text }) => text === undefined).map(({ file }) => file),
    ['grub.cfg', 'pxelinux.cfg'],
  )
})

test('the stage-one files are those that build wrote', async () => {
  await site.publish(files)
  assert.is(site.contents()['stage-one/vmlinuz'], 'the first kernel')
  assert.is(site.contents()['stage-one/initrd.img'], 'the first initrd')
})

test.run()

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { boot } from '../../support/boots.ts'
import { kernel } from '../../support/payload.ts'

const machine = {
  '/sys/class/dmi/id/product_uuid': '4c4c4544-0042-3510-8052-b4c04f423732\n',
  '/sys/class/dmi/id/product_serial': 'A/B?c #1&x={mac}\n',
  '/proc/sys/kernel/arch': 'x86_64\n',
}

/** The address that is asked for. */
const askedFor = (address: string, more = ''): string | undefined =>
  boot(`kernel_url=${address} retries=1 ${more}`, { files: machine }).commands('aria2c')[0]?.split(' ').at(-1)

test('each placeholder stands for what this machine has', () => {
  assert.is(askedFor('http://s/{mac}/k'), 'http://s/52:54:00:12:34:56/k')
  assert.is(askedFor('http://s/k?ip={ip}&arch={arch}'), 'http://s/k?ip=10.0.2.15&arch=x86_64')
  assert.is(askedFor('http://s/{uuid}'), 'http://s/4c4c4544-0042-3510-8052-b4c04f423732')
  assert.is(askedFor('http://s/{hostname}/{hostname}', 'hostname=node-5.x'), 'http://s/node-5.x/node-5.x')
  assert.is(
    askedFor('http://s/{ip}', 'ip=10.0.2.77::10.0.2.2:255.255.255.0::eth0:none'),
    'http://s/10.0.2.77',
  )
})

test('a value never breaks out of its address', () => {
  const encoded = Buffer.from('A/B?c #1&x={mac}').toString('hex').replace(/../g, '%$&')
  assert.is(askedFor('http://s/{serial}/k'), `http://s/${encoded}/k`)
})

test('all addresses have them, also among others', () => {
  const ended = boot('kernel_url=http://a/k,http://s/{mac} initrd_url=http://s/{ip} initrd_url=http://s/i', {
    files: machine,
    serve: { 'http://s/52:54:00:12:34:56': kernel, 'http://s/10.0.2.15': 'a', 'http://s/i': 'b' },
  })
  assert.is(ended.end, 'kexec')
})

test('what is unknown, has no value, or would name the server ends the boot before anything is fetched', () => {
  for (const [address, says] of [
    ['http://s/{foo}', 'command-line: {foo} in an address is unknown: http://s/{foo}\n'],
    ['http://s/{mac', 'command-line: {} in an address is unknown: http://s/{mac\n'],
    ['http://s/{$(reboot)}', 'command-line: {$(reboot)} in an address is unknown'],
    ['http://{hostname}/k', "placeholders can stand only behind the server's name\n"],
    ['http://s/{hostname}', 'download: {hostname} in an address: this machine does not have one\n'],
    ['http://s/{serial}', 'download: {serial} in an address: this machine does not have one\n'],
  ] as const) {
    const ended = boot(`kernel_url=${address} initrd_url=http://s/i`)
    assert.match(ended.console, says)
    assert.not.ok(ended.ran('aria2c'), address)
    assert.match(ended.end, 'reboot')
  }
})

test('without the part they are asked for as they stand', () => {
  const ended = boot('kernel_url=http://s/{mac}', {
    serve: { 'http://s/{mac}': kernel },
    without: ['placeholders'],
  })
  assert.is(ended.end, 'kexec')
})

test.run()

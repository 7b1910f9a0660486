import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { boot, both } from '../../support/boots.ts'

const servers = (cmdline: string, world = {}): string[] =>
  (boot(`${both} ${cmdline}`, world).file('/etc/resolv.conf') ?? '').split('\n').filter(line => line !== '')

test("DHCP's name server and search list are taken", () => {
  const network = [{ name: 'eth0', dhcp: { ip: '10.0.0.9', dns: '10.0.0.1 10.0.0.2', search: 'a.example' } }]
  assert.equal(servers('', { network }), ['search a.example', 'nameserver 10.0.0.1', 'nameserver 10.0.0.2'])
})

test('nameserver= comes before them', () => {
  assert.equal(servers('nameserver=10.0.0.53 nameserver=fd00::53'), [
    'nameserver 10.0.0.53',
    'nameserver fd00::53',
    'nameserver 10.0.2.3',
  ])
})

test('resolv.conf has no line for a server that is not there', () => {
  const lines = (cmdline: string) => boot(`${both} ${cmdline}`).file('/etc/resolv.conf')
  assert.is(lines('ip=10.0.0.5:::24::eth0:none rd.peerdns=0'), undefined)
  assert.is(lines('ip=10.0.0.5:::24::eth0:none:10.0.0.53 nameserver= rd.peerdns=0'), 'nameserver 10.0.0.53\n')
  assert.is(
    lines('ip=10.0.0.5:::24::eth0:none::10.0.0.54 nameserver=10.0.0.53'),
    'nameserver 10.0.0.53\nnameserver 10.0.0.54\n',
  )
})

test('rd.peerdns=0 leaves them out', () => {
  assert.equal(servers('nameserver=10.0.0.53 rd.peerdns=0'), ['nameserver 10.0.0.53'])
})

test('what is no address is left out with a word on the console', () => {
  const ended = boot(`${both} nameserver="1.1.1.1\noptions rotate" nameserver=$(x) nameserver=10.0.0.53`)
  assert.match(ended.console, "name server '$(x)' ignored: not a host address")
  assert.not.match(ended.file('/etc/resolv.conf') ?? '', 'options')
  assert.match(ended.file('/etc/resolv.conf') ?? '', 'nameserver 10.0.0.53')
})

for (const none of [
  '0.0.0.0',
  '127.0.0.53',
  '224.0.0.251',
  '255.255.255.255',
  '1.2.3',
  '10.0.0.300',
  '::',
  '::1',
  'fd00',
]) {
  test(`${none} is no name server`, () => {
    const ended = boot(`${both} nameserver=${none} rd.peerdns=0`)
    assert.match(ended.console, `name server '${none}' ignored: not a host address`)
    assert.not.match(ended.file('/etc/resolv.conf') ?? '', 'nameserver')
  })
}

test('digits alone in the eighth field are an MTU', () => {
  assert.equal(servers('ip=10.0.0.5:::24::eth0:none:9000'), [])
})

test.run()

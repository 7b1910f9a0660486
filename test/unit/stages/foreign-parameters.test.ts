// What dracut would do to the network and /init does not: refused, or said.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { PartName } from '../../../generator/stages/api/parts.ts'
import { boot, both } from '../../support/boots.ts'

for (const [line, why] of Object.entries({
  'bridge=br0:eth0': 'no bridges here; name its card in ip=, as ip=DEV:dhcp',
  'team=team0:eth0,eth1': 'no teams here; use bond=, or ip=DEV:dhcp for a card of it',
  'rd.znet=qeth,0.0.0600,0.0.0601,0.0.0602': 'no channels of IBM Z here; use a virtio card',
})) {
  test(`${line} is refused by name, and what follows on the line still counts`, () => {
    const ended = boot(`${both} ${line} on_failure=poweroff failure_delay=3`)
    assert.match(ended.console, `command-line: ${line}: ${why}\n`)
    assert.equal(ended.commands('udhcpc'), [])
    assert.is(ended.end, 'poweroff after 3 s')
  })
}

for (const line of [
  'rd.ethtool=eth0:off',
  'rd.iscsi.ibft=1',
  'rd.net.dhcp.dscp=CS4',
  'rd.net.dns-backend=dnsconfd',
  'rd.net.timeout.ifup=20',
  'rd.net.timeout.route=20',
]) {
  test(`${line} is said to be left out, and the boot goes on`, () => {
    const ended = boot(`${both} ${line}`)
    assert.match(
      ended.console,
      `command-line: ${line}: ignored; for the next system put it in next_kernel_params\n`,
    )
    assert.is(ended.end, 'kexec')
  })
}

test('no advice names what is not in the image', () => {
  const said = (line: string, ...without: PartName[]): string => boot(`${both} ${line}`, { without }).console
  assert.match(said('bridge=b:e', 'ip-forms'), 'no bridges here; without it DHCP asks on all cards\n')
  assert.match(said('team=t:e', 'ip-forms'), 'no teams here; use bond=\n')
  assert.match(said('team=t:e', 'bond'), 'no teams here; name a card of it in ip=, as ip=DEV:dhcp\n')
  assert.match(said('team=t:e', 'bond', 'ip-forms'), 'without it DHCP asks on all cards\n')
})

test('the next system may have them', () => {
  const ended = boot(`${both} next_kernel_params="bridge=br0:eth0 rd.ethtool=x"`)
  assert.not.match(ended.console, 'left out')
  assert.is(ended.end, 'kexec')
})

test.run()

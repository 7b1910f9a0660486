// Command lines as sites write them: OpenCHAMI, Warewulf, xCAT. What is not ours is left alone.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { boot, both } from '../../support/boots.ts'

const ochami =
  'nomodeset ro root=live:http://172.16.0.254:7070/boot-images/compute/debug/rocky9.7-compute-debug-rocky9 ip=dhcp overlayroot=tmpfs overlayroot_cfgdisk=disabled apparmor=0 selinux=0 console=ttyS0,115200 ip6=off cloud-init=enabled ds=nocloud-net;s=http://172.16.0.254:8081/metadata-service'
const badger =
  'nomodeset ro ip=dhcp selinux=0 console=ttyS0,115200 ip6=off ochami_ci_url=http://10.1.0.3:8081/cloud-init/ ochami_ci_url_secure=http://10.1.0.3:8081/cloud-init-secure/ network-config=disabled rd.shell root=live:http://192.168.1.253:8080/alma/rootfs'
const bss =
  'initrd=initrd console=tty0 console=ttyS0,115200n8 xname=x0c0s1b0 nid=1 bss_referral_token=a.b.c BOOTIF=52:54:00:12:34:56 ds=nocloud-net;s=localhost/'

for (const [site, line] of Object.entries({ ochami, badger })) {
  test(`${site}: DHCP, and the rest is none of ours`, () => {
    const ended = boot(`${line} ${both}`)
    assert.is(ended.end, 'kexec')
    assert.is(ended.commands('udhcpc').length, 1)
  })

  test(`${site}: its line is handed to the next kernel byte for byte`, () => {
    assert.is(boot(`${both} next_kernel_params="${line}"`).loaded?.commandLine, line)
    const b64 = Buffer.from(line).toString('base64url')
    assert.is(boot(`${both} next_kernel_params_b64=${b64}`).loaded?.commandLine, line)
  })
}

test('BSS: what the boot script service adds is no harm', () => {
  const ended = boot(`${bss.replace(/BOOTIF=\S+/, 'BOOTIF=01-52-54-00-12-34-56')} ${both}`)
  assert.is(ended.end, 'kexec')
})

test('Warewulf: DHCP on the interface that ip= names', () => {
  const ended = boot(
    `initrd=initramfs rd.neednet=1 ip=eth1:dhcp root=wwinit:tmpfs wwinit.server=http://10.0.0.1:9873 wwinit.uri=http://10.0.0.1:9873/provision/aa:bb:cc:dd:ee:ff init=/warewulf/run-init wwid=aa:bb:cc:dd:ee:ff ${both}`,
    { network: [{ name: 'eth0' }, { name: 'eth1' }] },
  )
  assert.equal(ended.commands('udhcpc'), [
    'udhcpc -b -t 0 -A 3 -a100 -i eth1 -p /run/udhcpc.eth1.pid -O mtu -O search -O staticroutes -O msstaticroutes -O ntpsrv -x 0x4d:0c61726961322d696e69747264 -x 0x5d:0000',
  ])
  assert.is(ended.end, 'kexec')
})

test('Warewulf: a static address that ends in `on` is static', () => {
  const ended = boot(`ip=10.0.0.5::10.0.0.1:255.255.255.0::eth0:on ${both}`)
  assert.ok(ended.ran('ip', 'addr', 'replace', '10.0.0.5/24', 'dev', 'eth0'))
  assert.ok(ended.ran('ip', 'route', 'replace', 'default', 'via', '10.0.0.1', 'dev', 'eth0'))
  assert.not.ok(ended.ran('udhcpc'))
})

test('xCAT: BOOTIF chooses among the interfaces', () => {
  const ended = boot(
    `imgurl=http://10.0.0.1:80/install/netboot/rootimg.cpio.gz XCAT=10.0.0.1:3001 NODE=cn01 FC=0 XCATHTTPPORT=80 BOOTIF=01-52-54-00-BE-EF-01 ${both}`,
    { network: [{ name: 'eth0' }, { name: 'eth1', address: '52:54:00:be:ef:01' }] },
  )
  assert.equal(ended.commands('udhcpc'), [
    'udhcpc -b -t 0 -A 3 -a100 -i eth1 -p /run/udhcpc.eth1.pid -O mtu -O search -O staticroutes -O msstaticroutes -O ntpsrv -x 0x4d:0c61726961322d696e69747264 -x 0x5d:0000',
  ])
})

test.run()

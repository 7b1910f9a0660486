// Images for the hardware that files name: what each list tells, and which modules come of it.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { silent } from '../../generator/host/console/progress.ts'
import { type Device, serves } from '../../generator/image/hardware/device.ts'
import { devicesHere } from '../../generator/image/hardware/devices-here.ts'
import { neededModules } from '../../generator/image/hardware/needed-modules.ts'
import { devicesOf, readHardware } from '../../generator/image/hardware/read-hardware.ts'
import { kernelFromPackage } from '../../generator/image/kernel/debian-kernel.ts'
import { ModuleTree } from '../../generator/image/modules/module-tree.ts'
import { defaultModules, selectModules } from '../../generator/image/modules/selection.ts'
import { writeNewc } from '../../generator/image/newc/newc-writer.ts'
import { failure } from '../support/failure.ts'
import { inspect } from '../support/inspect.ts'
import { folderWith, madeUpKernel, madeUpModule } from './made-up-kernel.ts'

/** What lspci 3.9, lshw 02.19 and sysfs said in one QEMU machine with seven network cards: README.md there. */
const machines = fileURLToPath(new URL('machines/', import.meta.url))
const listOf = (name: string) => readFileSync(join(machines, name), 'utf8')

const ethernet = 'kernel/drivers/net/ethernet'
/** Drivers with the aliases that Debian's 6.12 has for them, among others. */
const tree: Record<string, Buffer> = {
  [`${ethernet}/intel/e1000e/e1000e.ko`]: madeUpModule('alias=pci:v00008086d000010D3sv*sd*bc*sc*i*'),
  [`${ethernet}/intel/igb/igb.ko`]: madeUpModule('alias=pci:v00008086d000010C9sv*sd*bc*sc*i*', 'depends=dca'),
  [`${ethernet}/intel/e100.ko`]: madeUpModule('alias=pci:v00008086d00001209sv*sd*bc02sc00i*', 'depends=mii'),
  [`${ethernet}/realtek/8139cp.ko`]: madeUpModule('alias=pci:v000010ECd00008139sv*sd*bc*sc*i*'),
  [`${ethernet}/broadcom/tg3.ko`]: madeUpModule(
    'alias=pci:v000014E4d0000165Fsv*sd*bc*sc*i*',
    'depends=libphy',
  ),
  [`${ethernet}/mellanox/mlx5/core/mlx5_core.ko`]: madeUpModule('alias=pci:v000015B3d00001017sv*sd*bc*sc*i*'),
  [`${ethernet}/mellanox/mlx4/mlx4_core.ko`]: madeUpModule('alias=pci:v000015B3d00001003sv*sd*bc*sc*i*'),
  [`${ethernet}/mellanox/mlx4/mlx4_en.ko`]: madeUpModule('depends=mlx4_core'),
  'kernel/drivers/infiniband/hw/mlx5/mlx5_ib.ko': madeUpModule('alias=auxiliary:mlx5_core.rdma'),
  'kernel/drivers/net/vmxnet3/vmxnet3.ko': madeUpModule('alias=pci:v000015ADd000007B0sv*sd*bc*sc*i*'),
  'kernel/drivers/net/virtio_net.ko': madeUpModule('alias=virtio:d00000001v*'),
  'kernel/drivers/net/usb/cdc_ether.ko': madeUpModule('alias=usb:v*p*d*dc*dsc*dp*ic02isc06ip00in*'),
  'kernel/drivers/net/phy/libphy.ko': madeUpModule(),
  'kernel/drivers/net/phy/broadcom.ko': madeUpModule('alias=mdio:00000000001000000110000010??????'),
  'kernel/drivers/net/phy/realtek.ko': madeUpModule('alias=mdio:00000000000111001100100??????????'),
  'kernel/drivers/net/wireless/iwlwifi.ko': madeUpModule('alias=pci:v00008086d00002723sv*sd*bc*sc*i*'),
  'kernel/drivers/net/mii.ko': madeUpModule(),
  'kernel/drivers/dca/dca.ko': madeUpModule(),
  'kernel/drivers/usb/host/xhci-pci.ko': madeUpModule('alias=pci:v*d*sv*sd*bc0Csc03i30*'),
  'kernel/drivers/gpu/bochs.ko': madeUpModule('alias=pci:v00001234d00001111sv*sd*bc*sc*i*'),
  'kernel/net/packet/af_packet.ko': madeUpModule('alias=net-pf-17'),
  'kernel/net/ipv6/ipv6.ko': madeUpModule('alias=net-pf-10'),
}
const root = madeUpKernel(tree)
const made = () => new ModuleTree(join(root, 'lib/modules/6.0-test'))
const protocols = ['af_packet', 'ipv6']
test.after(() => rmSync(root, { recursive: true }))

async function chosenFor(text: string, sets = defaultModules) {
  return neededModules(made(), selectModules(made(), sets, '6.0-test'), devicesOf(text, 'node'))
}

for (const name of readdirSync(machines).filter(each => each !== 'README.md')) {
  test(`${name}: the drivers of that machine's cards`, async () => {
    const { drivers, withoutDriver, names } = await chosenFor(listOf(name))
    const onPci = ['8139cp', 'e100', 'e1000e', 'igb', 'virtio_net', 'vmxnet3']
    // lspci knows of no USB devices.
    const all = name.startsWith('lspci') ? onPci : ['8139cp', 'cdc_ether', ...onPci.slice(1)]
    assert.equal(drivers, all)
    assert.equal(withoutDriver, [])
    // The USB card hangs on its host, and the protocols are there for every machine.
    const host = all.includes('cdc_ether') ? ['xhci_pci'] : []
    assert.equal(names, [...all, ...host, ...protocols].sort())
  })
}

test('the same lists, and the modules of the Debian kernel: dependencies are for the closure, the drivers are these', async () => {
  const kernel = await kernelFromPackage('linux-image-amd64', silent)
  const debian = new ModuleTree(kernel.modules ?? '')
  const selection = selectModules(debian, defaultModules, kernel.version)
  for (const name of ['lspci-n.txt', 'lspci-nnmm.txt', 'lshw-numeric.json', 'modalias.txt']) {
    const { drivers, withoutDriver } = await neededModules(debian, selection, devicesOf(listOf(name), name))
    const onPci = ['8139cp', '8139too', 'e100', 'e1000e', 'igb', 'virtio_net', 'vmxnet3']
    assert.equal(
      drivers.filter(driver => !driver.startsWith('cdc_')),
      onPci,
      name,
    )
    assert.equal(withoutDriver, [], name)
  }
})

test('several files are joined; a card without a driver is named with its file', async () => {
  const folder = folderWith({
    'a node': '00:03.0 0200: 8086:10d3\n00:04.0 0200: dead:beef (rev 01)\n',
    b: '0000:3b:00.0 "0200" "14e4" "165f" -p00 "" ""\n',
  })
  const devices = readHardware([join(folder, 'a node'), join(folder, 'b'), join(folder, 'b')])
  const { drivers, withoutDriver } = await neededModules(
    made(),
    selectModules(made(), defaultModules, '6.0-test'),
    devices,
  )
  assert.equal(drivers, ['e1000e', 'tg3'])
  assert.equal(withoutDriver, [`dead:beef at 00:04.0 in ${join(folder, 'a node')}`])
  rmSync(folder, { recursive: true })
})

test('PHYs come with a driver that works with them: all, or those that the file tells', async () => {
  assert.equal((await chosenFor('00:03.0 0200: 14e4:165f')).names, [
    'af_packet',
    'broadcom',
    'ipv6',
    'libphy',
    'realtek',
    'tg3',
  ])
  const told = '00:03.0 0200: 14e4:165f\nmdio:00000000001000000110000010000011\n'
  assert.equal((await chosenFor(told)).names, ['af_packet', 'broadcom', 'ipv6', 'tg3'])
  assert.equal((await chosenFor('00:03.0 0200: 8086:10d3')).names, ['af_packet', 'e1000e', 'ipv6'])
})

test('parts of a card that stand on no list: Ethernet of mlx4, InfiniBand where that set is wanted', async () => {
  assert.equal((await chosenFor('1:00.0 0200: 15b3:1003'.padStart(23, '0'))).drivers, [
    'mlx4_core',
    'mlx4_en',
  ])
  assert.equal((await chosenFor('01:00.0 0207: 15b3:1017')).drivers, ['mlx5_core'])
  assert.equal((await chosenFor('01:00.0 0207: 15b3:1017', ['ethernet', 'infiniband'])).drivers, [
    'mlx5_core',
    'mlx5_ib',
  ])
})

test('what is asked for by its own name is packed whatever the machine has', async () => {
  const { names } = await chosenFor('00:03.0 0200: 8086:10d3', ['ethernet', 'bochs'])
  assert.equal(names, ['af_packet', 'bochs', 'e1000e', 'ipv6'])
})

test('a wireless card is no card to boot from, and nothing of it is packed', async () => {
  const { drivers, withoutDriver } = await chosenFor('00:03.0 0200: 8086:10d3\n00:04.0 0280: 8086:2723')
  assert.equal([drivers, withoutDriver], [['e1000e'], []])
})

test('a console with the lines of /init on it', async () => {
  const console =
    '[    1.2] x: y\r\naria2-initrd: hardware: pci:v00008086d000010D3sv00008086sd00000000bc02sc00i00\r\n'
  assert.equal((await chosenFor(console)).drivers, ['e1000e'])
})

const faults: [string, string, RegExp][] = [
  ['an empty file', '', /node names no device of a machine/],
  ['a file of something else', 'hello\n\u0000\u0001world: 12\n', /node names no device of a machine/],
  ['names without numbers', '00:03.0 Ethernet controller: Intel Corporation 82540EM\n', /names no device/],
  ['JSON that ends early', listOf('lshw.json').slice(0, 900), /node is not JSON to its end/],
  ['JSON of something else', '[1, null, "x", {"children": [[[]]]}]', /names no device of a machine/],
  ['no network card among the devices', '00:02.0 0300: 1234:1111\n', /name no wired network card/],
  [
    'only cards that nothing drives',
    '00:02.0 0200: dead:beef\n',
    /no driver for dead:beef at 00:02\.0 in node/,
  ],
]
for (const [what, text, message] of faults) {
  test(`${what} is an error in words`, async () => {
    assert.match(await failure(chosenFor(text)), message)
  })
}

test('lshw before 02.19 wrote objects one after the other', async () => {
  const one = JSON.parse(listOf('lshw-numeric.json'))
  const cards: object[] = []
  JSON.stringify(one, (_, value) => {
    if (value?.class === 'network') cards.push(value)
    return value
  })
  const fragments = cards.map(card => JSON.stringify(card)).join(',\n')
  const devices = devicesOf(`${fragments},\n`, 'node')
  assert.equal(devices, devicesOf(JSON.stringify(cards), 'node'))
  assert.ok(devices.length >= 7)
})

const matches: [string, string, boolean][] = [
  ['pci:v00008086d000010D3sv*sd*bc*sc*i*', 'pci:v00008086d000010D3sv*sd*bc02sc00i*', true],
  ['pci:v00008086d000010D3sv*sd*bc*sc*i*', 'pci:v00008086d000010D4sv*sd*bc02sc00i*', false],
  ['pci:v*d*sv*sd*bc01sc06i01*', 'pci:v00008086d000010D3sv*sd*bc02sc00i*', false],
  ['pci:v*d*sv*sd*bc01sc06i01*', 'pci:v00008086d00002922sv*sd*bc01sc06i*', true],
  ['pci:v000015B3d00001017sv000015B3sd00000020bc*sc*i*', 'pci:v000015B3d00001017sv*sd*bc02sc00i*', true],
  [
    'pci:v000015B3d00001017sv000015B3sd00000020bc*sc*i*',
    'pci:v000015B3d00001017sv000015B3sd00000021bc02sc00i*',
    false,
  ],
  ['usb:v0BDAp8153d*dc*dsc*dp*icFFisc*ip*in*', 'usb:v0BDAp8153d3000dc00dsc00dp00icFFiscFFip00in00', true],
  [
    'usb:v0BDAp8153d01[0-4]*dc*dsc*dp*ic*isc*ip*in*',
    'usb:v0BDAp8153d0150dc00dsc00dp00icFFiscFFip00in00',
    false,
  ],
  ['virtio:d00000001v*', 'virtio:d00000001v00001AF4', true],
  ['virtio:d00000001v*', 'pci:v00001AF4d00001041sv*sd*bc02sc00i00', false],
  ['vmbus:635161f83edfc546913ff2d2f965ed0e', 'vmbus:635161f83edfc546913ff2d2f965ed0e', true],
  ['xen:vif', 'xen:vbd', false],
  ['pci:v(.*)d*', 'pci:v00008086d000010D3sv*sd*bc02sc00i*', false],
]
for (const [alias, modalias, expected] of matches) {
  test(`${alias} ${expected ? 'serves' : 'does not serve'} ${modalias}`, () => {
    assert.is(serves(alias, modalias), expected)
  })
}

test('virtio cards by their PCI ids alone: of before 1.0 and since', () => {
  const behind = (text: string) =>
    devicesOf(text, 'node').map(({ modalias, network }: Device) => [modalias, network])
  for (const id of ['1000', '1041'])
    assert.equal(behind(`00:03.0 0200: 1af4:${id}`).at(-1), ['virtio:d00000001v00001AF4', true])
  assert.equal(behind('00:03.0 0100: 1af4:1001').at(-1), ['virtio:d00000002v00001AF4', false])
})

test('hardware prints what sysfs has, and PHYs by their id', async () => {
  const modalias = 'pci:v00008086d000010D3sv00008086sd00000000bc02sc00i00'
  const sys = folderWith({
    'bus/pci/devices/0000:00:03.0/modalias': `${modalias}\n`,
    'bus/pci/devices/0000:00:04.0/modalias': `${modalias}\n`,
    'bus/acpi/devices/PNP0C0C:00/modalias': 'acpi:PNP0C0C:\n',
    'bus/mdio_bus/devices/r8169-0-100:00/phy_id': '0x001cc800\n',
  })
  assert.equal(devicesHere(sys), ['mdio:00000000000111001100100000000000', modalias])
  mkdirSync(join(sys, 'empty'))
  const nowhere = async () => devicesHere(join(sys, 'empty'))
  assert.match(await failure(nowhere()), /names no device/)
  rmSync(sys, { recursive: true })
})

test('inspect tells in words which cards an image can drive, and which driver each card of a file has', async () => {
  const home = 'lib/modules/6.0-test'
  const module = (path: string, ...info: string[]) =>
    ({ kind: 'file', path: `${home}/${path}`, mode: 0o644, content: madeUpModule(...info) }) as const
  const damaged = { ...module(`${ethernet}/bad.ko`), content: Buffer.from('\u007fELF') }
  const image = await writeNewc([
    module(
      `${ethernet}/intel/e1000e.ko`,
      'description=Intel(R) PRO/1000 \u001b[31m',
      ...['alias=pci:v00008086d000010D3sv*sd*bc*sc*i*'],
    ),
    module('kernel/net/packet/af_packet.ko', 'alias=net-pf-17'),
    module(`${ethernet}/intel/library.ko`),
    damaged,
  ])
  const folder = folderWith({ image, good: '00:03.0 0200: 8086:10d3\n', bad: '00:04.0 0200: dead:beef\n' })
  const at = (name: string) => join(folder, name)
  const { stdout } = await inspect(at('image'), '--drivers')
  assert.is(
    stdout,
    'network cards that this image can drive, beside those whose drivers the kernel has built in:\n' +
      '  bad     damaged: it cannot be read\n' +
      '  e1000e  Intel(R) PRO/1000 \\u{1b}[31m (PCI: 1 id)\n',
  )
  const good = await inspect(at('image'), '--hardware', at('good'))
  assert.equal([good.status, good.stdout], [0, `8086:10d3 at 00:03.0 in ${at('good')}: e1000e\n`])
  const both = await inspect(at('image'), '--hardware', at('good'), at('bad'))
  assert.is(both.status, 1)
  assert.match(both.stdout, /dead:beef at 00:04\.0 in .*: no driver in this image\n/)
  assert.match(both.stderr, /1 of 2 network cards has no driver in this image/)
  writeFileSync(at('image'), await writeNewc([module('kernel/net/packet/af_packet.ko')]))
  assert.match((await inspect(at('image'), '--drivers')).stdout, /^no network drivers in this image/)
  rmSync(folder, { recursive: true })
})

test.run()

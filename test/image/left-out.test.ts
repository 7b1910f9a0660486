// The drivers of network cards that the kernel has and the image has not, for /init to name.
import { rmSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { silent } from '../../generator/host/console/progress.ts'
import { kernelFromTree } from '../../generator/image/kernel/kernel-tree.ts'
import { moduleEntries } from '../../generator/image/modules/module-entries.ts'
import { madeUpKernel, madeUpModule } from './made-up-kernel.ts'

const any = 'sv*sd*bc*sc*i*'
const tree = {
  'kernel/drivers/net/ethernet/intel/e1000/e1000.ko': madeUpModule(
    `alias=pci:v00008086d0000100E${any}`,
    `alias=pci:v00008086d00001004${any}`,
  ),
  'kernel/drivers/net/ethernet/intel/igb.ko': madeUpModule(`alias=pci:v00008086d00001521${any}`),
  'kernel/drivers/net/usb/cdc_ether.ko': madeUpModule(
    'alias=usb:v*p*d*dc*dsc*dp*ic02isc06ip00in*',
    'alias=usb:v0BDAp8153d*dc*dsc*dp*ic02isc06ip00in*',
  ),
  'kernel/drivers/net/wireless/iwl.ko': madeUpModule(`alias=pci:v00008086d00000082${any}`),
  'kernel/drivers/usb/host/xhci-pci.ko': madeUpModule('alias=pci:v*d*sv*sd*bc0Csc03i30*'),
  'kernel/drivers/net/ethernet/broken.ko': 'no module at all',
}

test('ids, classes of USB functions and USB controllers; no radios, and nothing that is packed', async () => {
  const root = madeUpKernel(tree)
  try {
    const entries = await moduleEntries(kernelFromTree(root), ['igb'], silent)
    const table = entries.find(({ path }) => path === 'lib/modules/left-out')
    assert.is(
      table?.kind === 'file' && table.content.toString(),
      '02.06.00 cdc_ether\n0bda:8153 cdc_ether\n0x0c0330 xhci_pci\n' +
        '0x8086:0x1004 e1000\n0x8086:0x100e e1000\n',
    )
  } finally {
    rmSync(root, { recursive: true })
  }
})

test('where nothing is left out there is no table', async () => {
  const root = madeUpKernel({ 'kernel/drivers/net/ethernet/intel/igb.ko': madeUpModule('depends=') })
  try {
    const entries = await moduleEntries(kernelFromTree(root), ['igb'], silent)
    assert.not.ok(entries.some(({ path }) => path === 'lib/modules/left-out'))
  } finally {
    rmSync(root, { recursive: true })
  }
})
test.run()

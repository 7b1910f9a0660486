// Each way of compressing: the kernel unpacks the whole image, and loads the card's driver from it as it is packed.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ownInit } from '../../generator/compiler/kept-init.ts'
import { silent, terminalProgress } from '../../generator/host/console/progress.ts'
import { buildImage } from '../../generator/image/build-image.ts'
import { compressionMethods } from '../../generator/image/compression/method.ts'
import { provideQemu, qemuProgram } from '../../generator/qemu/qemu.ts'
import { bootMachine } from '../../generator/qemu/virtual-machine.ts'
import { needs } from '../support/needs.ts'
import { testKernel } from '../support/test-kernel.ts'

const output = mkdtempSync(join(tmpdir(), 'compression-boot-'))
test.after(() => rmSync(output, { recursive: true }))

// As root on Debian what is missing is installed; elsewhere the tests are skipped by name.
if (process.getuid?.() === 0) await provideQemu(terminalProgress()).catch(() => {})
const init = await ownInit()
const boots = needs(test, { [qemuProgram.program]: qemuProgram.package })

for (const compress of compressionMethods) {
  boots(`an image with --compress ${compress} boots as far as an address`, async () => {
    const image = { init, outputDir: output, kernel: testKernel, modules: ['virtual'], compress }
    await buildImage(image, silent)
    const { console, reason } = await bootMachine({
      kernel: join(output, 'vmlinuz'),
      initrd: join(output, 'initrd.img'),
      append: 'kernel_url=http://10.0.2.2:1/nowhere retries=1 on_failure=poweroff failure_delay=0',
      limit: 120,
    })
    assert.match(console, 'network: eth0: DHCP gave')
    assert.not.match(console, /Initramfs unpacking failed|Kernel panic/)
    assert.is(reason, 'off', console)
  })
}

test.run()

// The netboot kernel itself. Only `npm test -- netboot-kernel` runs this, as a kernel is built for it; TEST_KERNEL=netboot npm test --
// boot lab/power-on has the other boots run on it.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { silent, terminalProgress } from '../../generator/host/console/progress.ts'
import { buildImage } from '../../generator/image/build-image.ts'
import { chosenKernel } from '../../generator/image/kernel/chosen-kernel.ts'
import { kernelFromPackage } from '../../generator/image/kernel/debian-kernel.ts'
import { defaultModules } from '../../generator/image/modules/selection.ts'
import { recipeFile } from '../../generator/programs/recipes.ts'
import { askedFor } from '../support/needs.ts'
import { declareBoots } from './boot-cases.ts'
import { startSite } from './site.ts'

const work = mkdtempSync(join(tmpdir(), 'netboot-kernel-boot-'))
test.after(() => rmSync(work, { recursive: true, force: true }))

const asked = askedFor(test, 'netboot-kernel', 'it builds a kernel, 20 minutes of two processors')
const kernel = () => chosenKernel({ netboot: true }, terminalProgress())

asked('what the fragment asks for is so in the kernel that came out', async () => {
  const { vmlinuz, version } = await kernel()
  const config = readFileSync(join(dirname(vmlinuz), `config-${version}`), 'utf8').split('\n')
  const wanted = readFileSync(recipeFile('netboot.config'), 'utf8').match(/^CONFIG_\w+=("[^"]*"|\S+)/gm) ?? []
  assert.equal(
    wanted.filter(line => !config.includes(line)),
    [],
  )
})

asked('it is small, and so is stage one: for the default sets, and for one model of server', async () => {
  const sizeOf = async (options: { modules: string[]; hardware?: string[] }) => {
    const image = { init: '#!/bin/sh\n', outputDir: work, kernel: { netboot: true }, compress: 'xz' } as const
    return await buildImage({ ...image, ...options }, silent)
  }
  const usual = await sizeOf({ modules: defaultModules })
  assert.ok(usual.vmlinuzSize <= 4_200_000, `vmlinuz has ${usual.vmlinuzSize} bytes`)
  const total = usual.vmlinuzSize + usual.initrdSize
  assert.ok(total <= 8_000_000, `stage one has ${total} bytes`)
  const hardware = ['test/image/machines/modalias.txt']
  const { vmlinuzSize, initrdSize } = await sizeOf({ modules: defaultModules, hardware })
  assert.ok(vmlinuzSize + initrdSize <= 6_500_000, `for one model ${vmlinuzSize + initrdSize} bytes`)
})

asked('it has something of each set of modules, and what each is of no use without', async () => {
  for (const set of ['virtual', 'ethernet', 'infiniband', 'storage']) {
    const image = {
      init: '#!/bin/sh\n',
      outputDir: work,
      kernel: { netboot: true },
      compress: 'none',
    } as const
    const { parts } = await buildImage({ ...image, modules: [set] }, silent)
    assert.ok(
      parts.some(({ part, files }) => /kernel modules/.test(part) && files > 5),
      set,
    )
  }
})

async function declareKernels(): Promise<void> {
  const site = await startSite({ kernel: 'netboot' })
  test.after(() => site.close())
  const debian = await kernelFromPackage('linux-image-cloud-amd64', silent)
  site.write('debian', readFileSync(debian.vmlinuz))
  const second = 'console=ttyS0 quiet no_timer_check'
  const next = `initrd_url=${site.url('initrd.img')} next_kernel_params="${second}"`
  declareBoots(test, site, [
    {
      name: "it kexecs into Debian's kernel",
      append:
        `kernel_url=${site.url('debian')} kernel_sha=${site.digest('sha256', 'debian')} ` +
        `initrd_sha=${site.digest('sha256', 'initrd.img')} ${next}`,
      second,
      not: ['kexec_file_load'],
    },
    { name: 'it kexecs into itself', append: `kernel_url=${site.url('vmlinuz')} ${next}`, second },
  ])
}
if (asked === test) await declareKernels()

test.run()

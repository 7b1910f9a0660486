import { statSync } from 'node:fs'
import { readableSize } from '../../generator/host/console/progress.ts'
import { chosenKernel } from '../../generator/image/kernel/chosen-kernel.ts'
import { kernelNamed } from '../../generator/image/kernel/kernel.ts'
import { type BootSetUp, ownBoot } from './boot-times.ts'
import { type CountedBoot, countedBoot } from './counted-boot.ts'
import { type Bench, ownImage } from './own-image.ts'
import { type PeerImage, providePeerImages } from './peer-images.ts'
import { makePlainImage } from './plain-image.ts'
import { median, seconds } from './table.ts'

/** How each is asked to fetch its root; initramfs-tools knows NFS and no HTTP, so its clock stops at the address. */
const boots: Record<string, Omit<BootSetUp, 'kernel' | 'initrd'>> = {
  BusyBox: { append: server => `plain_url=${server}/absent`, asks: true },
  dracut: {
    append: server => `root=live:${server}/absent.img ip=dhcp rd.neednet=1`,
    asks: true,
  },
  'initramfs-tools': {
    append: () => 'boot=nfs root=/dev/nfs nfsroot=10.0.2.2:/absent ip=dhcp',
    hasAddress: /IP-Config: \S+ complete/,
    asks: false,
  },
}

async function measured(bench: Bench, setUp: BootSetUp): Promise<CountedBoot> {
  const all: CountedBoot[] = []
  for (let run = 0; run < bench.runs; run += 1) all.push(await countedBoot(bench, setUp))
  return {
    request: setUp.asks ? median(all.map(({ request }) => request ?? Number.NaN)) : undefined,
    lease: median(all.map(boot => boot.lease)),
    memory: median(all.map(boot => boot.memory)),
  }
}

/** Ours beside other network initramfs, all for the same kernel and with its network drivers. */
export async function peerRows(bench: Bench, kernelPackage: string): Promise<string[][]> {
  const kernel = await chosenKernel(kernelNamed(kernelPackage), bench.progress)
  const start = performance.now()
  const own = await ownImage(bench, kernelPackage)
  const image = {
    path: own.initrd,
    name: 'aria2-initrd, programs cached',
    buildTime: performance.now() - start,
  }
  const rows = [['image', 'size', 'build', 'address', 'first request', 'memory by then']]
  const add = async ({ name, path, buildTime }: PeerImage, setUp: BootSetUp) => {
    bench.progress.step(`boots of ${name}`)
    const { request, lease, memory } = await measured(bench, setUp)
    rows.push([
      name,
      readableSize(statSync(path).size),
      seconds(buildTime),
      seconds(lease),
      request === undefined ? 'knows no HTTP' : seconds(request),
      readableSize(memory),
    ])
  }
  await add(image, ownBoot(own.kernel, own.initrd))
  const others = [await makePlainImage(bench, kernel), ...(await providePeerImages(kernel, bench.progress))]
  for (const other of others) {
    const how = boots[other.name.split(/[ ,]/)[0] ?? '']
    if (how === undefined) throw new Error(`no boot is known for ${other.name}`)
    await add(other, { kernel: own.kernel, initrd: other.path, ...how })
  }
  return rows
}

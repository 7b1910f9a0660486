import { statSync } from 'node:fs'
import { readableSize } from '../../generator/host/console/progress.ts'
import { kernelFromPackage } from '../../generator/image/kernel/debian-kernel.ts'
import { type BootSetUp, bootTimes, ownBoot } from './boot-times.ts'
import { type Bench, ownImage } from './own-image.ts'
import { providePeerImages } from './peer-images.ts'
import { seconds } from './table.ts'

/** How each is asked to fetch its root; initramfs-tools knows NFS and no HTTP, so its clock stops at the address. */
const boots: Record<string, Omit<BootSetUp, 'kernel' | 'initrd'>> = {
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

/** Ours beside dracut's and initramfs-tools' network initramfs, all for the same kernel and with its network drivers. */
export async function peerRows(bench: Bench, kernelPackage: string): Promise<string[][]> {
  const kernel = await kernelFromPackage(kernelPackage, bench.progress)
  const start = performance.now()
  const own = await ownImage(bench, kernelPackage)
  const ownTime = performance.now() - start
  const times = await bootTimes(ownBoot(own.kernel, own.initrd), bench.runs)
  const row = (name: string, size: number, build: number, boot: typeof times) => [
    name,
    readableSize(size),
    seconds(build),
    seconds(boot.init),
    boot.address === undefined ? 'not told' : seconds(boot.address),
    boot.request === undefined ? 'knows no HTTP' : seconds(boot.request),
  ]
  const rows = [
    ['image', 'size', 'build', '/init', 'address', 'first request'],
    row('aria2-initrd, programs cached', own.size, ownTime, times),
  ]
  for (const { name, path, buildTime } of await providePeerImages(kernel, bench.progress)) {
    const how = boots[name.split(' ')[0] ?? '']
    if (how === undefined) throw new Error(`no boot is known for ${name}`)
    const boot = await bootTimes({ kernel: own.kernel, initrd: path, ...how }, bench.runs)
    rows.push(row(name, statSync(path).size, buildTime, boot))
  }
  return rows
}

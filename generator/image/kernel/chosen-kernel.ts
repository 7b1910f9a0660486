import type { Progress } from '../../host/console/progress.ts'
import { fetchNetbootInputs, provideNetbootKernel } from '../../programs/netboot-kernel.ts'
import type { ResultOptions } from '../../programs/provide-results.ts'
import { kernelFromPackage } from './debian-kernel.ts'
import type { Kernel, KernelChoice } from './kernel.ts'
import { kernelFromTree } from './kernel-tree.ts'

/**
 * The kernel of a choice: fetched, built, or found.
 * @throws CommandError, or NotInCache where nothing may be fetched
 */
export async function chosenKernel(
  choice: KernelChoice,
  progress: Progress,
  options: ResultOptions = {},
): Promise<Kernel> {
  if ('root' in choice) return kernelFromTree(choice.root, choice.version)
  if ('package' in choice) return await kernelFromPackage(choice.package, progress, options)
  const { tree, source, inUse } = await provideNetbootKernel(progress, options)
  return { ...kernelFromTree(tree), origin: `Debian ${source}`, inUse }
}

/** Brings into the cache what a choice takes from the network, and builds nothing. */
export async function fetchKernel(
  choice: KernelChoice,
  progress: Progress,
  options: ResultOptions,
): Promise<void> {
  if ('netboot' in choice) await fetchNetbootInputs(progress, options)
  if ('package' in choice) await kernelFromPackage(choice.package, progress, options)
}

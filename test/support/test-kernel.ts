import { kernelNamed } from '../../generator/image/kernel/kernel.ts'

/**
 * The kernel of boots that go with any: smaller and quicker than the default one. TEST_KERNEL=netboot npm test -- boot lab/power-on
 * has them all run on the netboot kernel.
 */
export const testKernelName: string = process.env.TEST_KERNEL ?? 'linux-image-cloud-amd64'

export const testKernel = kernelNamed(testKernelName)

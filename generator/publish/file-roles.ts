/** What /init will take each file for: found by its own stage. */
import { CommandError } from '../command-error.ts'
import type { PublishedFile } from './check-options.ts'
import { openToRead } from './digest-file.ts'

export interface FileRoles {
  kernel: PublishedFile
  /** In the order that was asked for. */
  initrds: PublishedFile[]
  /** Neither kernel nor initrd. */
  images: PublishedFile[]
  /** Whether /init, left to itself, joins the initrds in that order: it goes by name. */
  isOrderOfNames: boolean
}

/** More than any magic number that the stage looks at is away from the beginning. */
const headLength = 4096

/** @param name of the folder that the files come in */
export async function findFileRoles(name: string, files: PublishedFile[]): Promise<FileRoles> {
  const { callStage } = await import('../simulator/simulate.ts')
  const { defaultParameters } = await import('../simulator/kernel-parameters.ts')
  const outputDir = '/tmp'
  const pathOf = (file: PublishedFile) => `${outputDir}/${name}/${file.name}`
  const heads = await Promise.all(files.map(async file => [pathOf(file), await readHead(file.path)] as const))

  const found = callStage('findRoles', [{ ...defaultParameters(), outputDir }], { cmdline: '' }, machine => {
    for (const [path, head] of heads) machine.files.place(path, head)
  })
  if (found.status !== 0) {
    const kernels = files
      .filter(file => found.console.includes(`${pathOf(file)}: kernel`))
      .map(file => file.name)
    throw new CommandError(
      `${kernels.join(' and ')} are both kernels`,
      'a publication boots one kernel: publish them by two calls, with two names',
    )
  }
  const roles = found.value as { kernel: string; initrds: string }
  const kernel = files.find(file => pathOf(file) === roles.kernel)
  if (kernel === undefined) {
    throw new CommandError(
      `none of the files is a kernel: ${files.map(file => file.name).join(', ')}`,
      'name the kernel too, or publish files that boot nothing with --no-stage-one',
    )
  }
  const initrdPaths = roles.initrds.split('\n').filter(path => path !== '')
  const initrds = files.filter(file => initrdPaths.includes(pathOf(file)))
  return {
    kernel,
    initrds,
    images: files.filter(file => file !== kernel && !initrds.includes(file)),
    isOrderOfNames: initrds.every((file, index) => pathOf(file) === initrdPaths[index]),
  }
}

async function readHead(path: string): Promise<Buffer> {
  const file = await openToRead(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headLength), 0, headLength, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

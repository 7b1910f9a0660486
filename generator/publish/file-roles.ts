/** What /init will take each file for: found by its own stage. */
import { basename } from 'node:path'
import { CommandError } from '../host/console/command-error.ts'
import type { SimulatedMachine } from '../simulator/simulated-machine.ts'
import type { Downloads } from '../stages/fetch/downloads.ts'
import { openToRead } from './digest-file.ts'
import type { PublishedFile } from './published-file.ts'

export interface FileRoles {
  /** All of them; initrds may have got other names. */
  files: PublishedFile[]
  /** Undefined where none is started: an image is the root. */
  kernel: PublishedFile | undefined
  /** In the order that was asked for, which is also that of their names: /init joins them by name. */
  initrds: PublishedFile[]
  /** Neither: fetched, and left where they are. */
  images: PublishedFile[]
}

/** What the stage looks at, also of what is compressed. */
const headLength = 65_536

/**
 * @param name of the folder that the files come in
 * @param needsKernel whether a kernel has to be among them
 */
export async function findFileRoles(
  name: string,
  given: PublishedFile[],
  needsKernel = true,
): Promise<FileRoles> {
  const folder = '/tmp/url-1'
  const pathOf = (file: PublishedFile) => `${folder}/${name}/${file.name}`
  const downloads: Downloads = {
    kernelFolder: '',
    initrdFolders: '',
    urlFolders: `${folder}\n`,
    verifiedFiles: '',
    provenFiles: '',
  }
  const heads = await Promise.all(
    given.map(async (file): Promise<Head> => [pathOf(file), await readHead(file)]),
  )
  const verdicts = await verdictsOn(heads)
  const files = given.map((file, index) => ({ ...file, verdict: verdicts[index] ?? '' }))
  const { callStage } = await import('../simulator/simulate.ts')
  const found = callStage('findRoles', [downloads], { cmdline: '' }, placing(heads))
  if (found.status !== 0) {
    const kernels = files.filter(file => file.verdict.startsWith('kernel,')).map(file => file.name)
    throw new CommandError(
      `${kernels.join(' and ')} are both kernels`,
      'a publication boots one kernel: publish them by two calls, with two names',
    )
  }
  const roles = found.value as { kernel: string; initrds: string }
  const kernel = files.find(file => pathOf(file) === roles.kernel)
  if (kernel === undefined && needsKernel) {
    throw new CommandError(
      `none of the files is a kernel: ${files.map(file => file.name).join(', ')}`,
      'name the kernel too, publish a root with --boot switch_root, or files that boot nothing with --no-stage-one',
    )
  }
  const initrdPaths = roles.initrds.split('\n').filter(path => path !== '')
  const initrds = files.filter(file => initrdPaths.includes(pathOf(file)))
  const images = files.filter(file => file !== kernel && !initrds.includes(file))
  if (initrds.every((file, index) => pathOf(file) === initrdPaths[index])) {
    return { files, kernel, initrds, images }
  }
  const numbered = inOrderOfNames(initrds)
  const taken = files.find(file => numbered.some(({ name }) => name === file.name))
  if (taken !== undefined) {
    throw new CommandError(
      `the initrds are numbered to keep their order, and there is a file called ${taken.name} already`,
      'rename that file',
    )
  }
  return {
    files: files.map(file => numbered[initrds.indexOf(file)] ?? file),
    kernel,
    initrds: numbered,
    images,
  }
}

/** What the next boot would take each file for, and by what. */
export async function kindsOf(paths: string[]): Promise<string[]> {
  const heads = paths.map(
    async (path): Promise<Head> => [`/tmp/${basename(path)}`, await readHead({ path, name: '', size: 0 })],
  )
  return await verdictsOn(await Promise.all(heads))
}

/** A file of the simulated machine: its path there, and its first bytes. */
type Head = readonly [path: string, head: Buffer]

const placing = (heads: Head[]) => (machine: SimulatedMachine) => {
  for (const [path, head] of heads) machine.files.place(path, head)
}

/** What the stage itself says of each. */
async function verdictsOn(heads: Head[]): Promise<string[]> {
  const { callStage } = await import('../simulator/simulate.ts')
  return heads.map(head => String(callStage('verdictOn', [head[0]], { cmdline: '' }, placing([head])).value))
}

/** `1-microcode.img`, `2-initrd.img`: one torrent and one address do then for any order. */
function inOrderOfNames(initrds: PublishedFile[]): PublishedFile[] {
  const digits = String(initrds.length).length
  return initrds.map((file, index) => ({
    ...file,
    name: `${String(index + 1).padStart(digits, '0')}-${file.name}`,
  }))
}

async function readHead({ path, envelope }: PublishedFile): Promise<Buffer> {
  if (envelope !== undefined) return envelope.before
  const file = await openToRead(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headLength), 0, headLength, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

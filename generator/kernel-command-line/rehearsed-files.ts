/** What the addresses of a command line give in a rehearsal: whatever leads on. */
import { createHash } from 'node:crypto'
import { type ManifestFile, manifestText } from '../publish/manifest-text.ts'
import { callStage } from '../simulator/simulate.ts'
import type { Served, World } from '../simulator/world.ts'
import type { Parameters } from '../stages/parameters/parameters.ts'
import { kindOfAddress } from './addresses.ts'

/** The first bytes by which /init knows them: the x86 boot protocol's "HdrS" at 0x202, newc's magic. */
const kernel = `${'k'.repeat(514)}HdrS${'k'.repeat(100)}`
const initrd = `070701${'i'.repeat(100)}`
const image = 'a file that is neither'
/** The same of roots and their hash trees: squashfs, and what veritysetup writes. */
const root = 'hsqs'
const hashTree = 'verity\0\0'

/** What a root has in it once it is mounted. */
export const rootFiles: Record<string, string> = {
  ...Object.fromEntries(['dev', 'proc', 'run', 'sys'].map(name => [`/sysroot/${name}/.keep`, ''])),
  '/sysroot/sbin/init': '#!',
}

/** What an image has that trusts a certificate. */
export const trustFiles: Record<string, string> = Object.fromEntries(
  Object.entries({ 'certificates/1.pem': 'a certificate', needed: '1\n', min_serial: '0\n' }).map(
    ([name, text]) => [`/etc/aria2-initrd/trust/${name}`, text],
  ),
)

/** Those that hold something. */
export const lines = (text: string): string[] => text.split('\n').filter(line => line !== '')

/** For stages that only work on text. */
export const noMachine: World = { cmdline: '', network: [] }

/** Whether a manifest says what boots. */
export const isSigned = ({ manifest }: Parameters): boolean => manifest !== ''

/** The addresses that a parameter holds, as the stages read them. */
export const listOf = (addresses: string): string[] =>
  lines((callStage('addressesIn', [addresses], noMachine).value as string | undefined) ?? '')

const mayBeKernel = (address: string): boolean =>
  kindOfAddress(address) === 'file' && /vmlinu|Image|kernel/.test(address)

/**
 * What the addresses of `url` give where one is to be the root: what is called so is a kernel, an initrd or a hash tree, and the
 * others are roots.
 * @param isProven whether there is a hash tree: behind the root, where no address is called so
 */
function rootGiftsOf(addresses: string[], isProven: boolean): Map<string, Served> {
  const isTree = (address: string) => isProven && namesTree(address)
  const proven = isProven && !addresses.some(isTree) ? `${root}${hashTree}` : root
  const gift = (address: string): Served => {
    if (kindOfAddress(address) !== 'file') return { files: { root: proven } }
    if (mayBeKernel(address)) return kernel
    if (isTree(address)) return hashTree
    return /initr/.test(address) ? initrd : proven
  }
  return new Map(addresses.map(address => [address, gift(address)]))
}

/**
 * What the addresses of `url` give: one kernel in all, where a torrent, a Metalink or a name may mean one, and as many
 * initrds as there are digests for them.
 * @param initrds undefined where no digest is given: then a torrent has one
 */
function giftsOf(addresses: string[], hasKernel: boolean, initrds: number | undefined): Map<string, Served> {
  const mayHoldKernel = [mayBeKernel, (address: string) => kindOfAddress(address) !== 'file']
  const giver = hasKernel ? undefined : mayHoldKernel.map(test => addresses.find(test)).find(found => found)
  let left = initrds ?? 0
  const gift = (address: string): Served => {
    const isMany = kindOfAddress(address) !== 'file'
    if (address === giver && !isMany) return kernel
    if (!isMany) {
      left -= 1
      return left >= 0 && !hasKernel ? initrd : image
    }
    if (address !== giver) return { files: { image } }
    const count = initrds === undefined ? 1 : left
    left = 0
    return { files: Object.fromEntries([['vmlinuz', kernel], ...numbered(count)]) }
  }
  return new Map(addresses.map(address => [address, gift(address)]))
}

/** Initrds of a torrent; their names keep their order. */
const numbered = (count: number): [name: string, content: string][] =>
  Array.from({ length: Math.max(0, count) }, (_, index) => [String(1000 + index), initrd])

/** In the order in which they are asked for. */
export const digestsOf = ({ urlSha, kernelSha, initrdSha }: Parameters): string[] =>
  [...lines(urlSha), kernelSha, ...lines(initrdSha)].map(digest => digest.replace(/^.*:/, '').toLowerCase())

/** A list in which each file may have each digest. */
function listFor(served: Record<string, Served>, digests: string[]): string {
  const names = Object.entries(served).flatMap(([address, given]) =>
    typeof given === 'object' && 'files' in given
      ? Object.keys(given.files)
      : [address.replace(/\?.*$/, '').replace(/^.*\//, '')],
  )
  return [...digests, '0'.repeat(64)]
    .filter(digest => digest.length === 64)
    .flatMap(digest => names.map(name => `${digest}  ${name}\n`))
    .join('')
}

/** Whether the manifest of a rehearsal starts a root: where the files come from addresses of which none may have a kernel. */
const startsRoot = (parameters: Parameters): boolean => {
  const addresses = isSigned(parameters) && parameters.kernelUrl === '' ? listOf(parameters.urls) : []
  return (
    addresses.length > 0 &&
    addresses.every(address => kindOfAddress(address) === 'file' && !mayBeKernel(address))
  )
}

const namesTree = (address: string): boolean =>
  kindOfAddress(address) === 'file' && /verity|hash/.test(address)

/** A manifest whose signature holds and which is not out of date: a root, or a kernel and as many initrds as the line has, or one. */
function manifestFor(parameters: Parameters): string {
  const { kernelUrl, initrdUrl, minSerial, urls } = parameters
  const initrds = kernelUrl === '' ? 1 : lines(initrdUrl).length
  const file = (role: ManifestFile['role'], name: string, content: string): ManifestFile => ({
    ...{ role, name, size: content.length },
    sha256: createHash('sha256').update(content, 'latin1').digest('hex'),
  })
  const proof = listOf(urls).some(namesTree) ? [file('image', 'rehearsal/tree', hashTree)] : []
  const start = startsRoot(parameters)
    ? {
        files: [file('image', 'rehearsal/root', root), ...proof],
        rootStart: proof.length > 0 ? { roothash: '0'.repeat(64) } : {},
      }
    : {
        files: [
          file('kernel', besides.kernel, kernel),
          ...Array.from({ length: initrds }, () => file('initrd', besides.initrd, initrd)),
        ],
      }
  return manifestText({
    ...start,
    serial: Math.max(1, minSerial),
    notAfter: new Date('9999-12-31T23:59:59Z'),
    nextKernelParams: '',
  })
}

/** What lies beside that manifest. */
const besides = { kernel: 'rehearsal/vmlinuz', initrd: 'rehearsal/initrd' }

/** The addresses of a manifest and its signature, with what they give, and of what lies beside it. */
export function signedAddresses(parameters: Parameters): [mirrors: string[], content: string][] {
  const mirrors = listOf(parameters.manifest)
  const beside = (name: string) => mirrors.map(mirror => mirror.replace(/\?.*$/s, '').replace(/[^/]*$/, name))
  return [
    [mirrors, manifestFor(parameters)],
    [mirrors.map(mirror => mirror.replace(/^[^?]*/, '$&.sig')), 'a signature'],
    [beside(besides.kernel), kernel],
    [beside(besides.initrd), initrd],
  ]
}

/** All addresses of the line, with what they give: of mirrors the last has it. */
export function serverFor(parameters: Parameters): Record<string, Served> {
  const { urls, kernelUrl, initrdUrl, kernelSha, initrdSha, digestList, bootWay, rootHash } = parameters
  const isDigested = kernelSha !== '' || initrdSha !== ''
  // Those of initrd_url are joined after these.
  const ofUrl = isDigested ? lines(initrdSha).length - lines(initrdUrl).length : undefined
  const initrds = isSigned(parameters) ? 1 : ofUrl
  const gifts =
    bootWay === 'switch_root' || startsRoot(parameters)
      ? rootGiftsOf(listOf(urls), rootHash !== '' || (isSigned(parameters) && listOf(urls).some(namesTree)))
      : giftsOf(listOf(urls), kernelUrl !== '', initrds)
  const served = Object.fromEntries(gifts)
  const offer = (mirrors: string[], content: Served) => {
    for (const mirror of mirrors.slice(0, -1)) served[mirror] ??= { status: 3, cause: 'a rehearsal' }
    served[mirrors.at(-1) ?? ''] = content
  }
  offer(listOf(kernelUrl), kernel)
  for (const mirrors of lines(initrdUrl)) offer(listOf(mirrors), initrd)
  if (isSigned(parameters))
    for (const [mirrors, content] of signedAddresses(parameters)) offer(mirrors, content)
  if (digestList !== '') offer(listOf(digestList), listFor(served, digestsOf(parameters)))
  return served
}

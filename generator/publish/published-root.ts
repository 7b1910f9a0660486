/** `--boot switch_root`: one image is the root of the first stage's kernel, and none is started after it. */
import { CommandError } from '../host/console/command-error.ts'
import { holdsHashTree } from './file-marks.ts'
import type { FileRoles } from './file-roles.ts'

/** What /init takes for it: parameters, or the manifest's words of the same names. */
export interface RootStart {
  /** The root hash of dm-verity, in hex. */
  roothash?: string
  /** Memory that makes the root writable: `tmpfs` or `tmpfs:size=…`. */
  overlay?: string
}

/** Names and values, in the order in which they are written. */
export const rootWords = ({ roothash, overlay }: RootStart): [name: string, value: string][] => [
  ['boot', 'switch_root'],
  ...(roothash === undefined ? [] : [['roothash', roothash] as [string, string]]),
  ...(overlay === undefined ? [] : [['rd.overlay', overlay] as [string, string]]),
]

/** Refuses values that /init refuses: by its own stages. */
async function checkValues({ roothash = '', overlay = '' }: RootStart): Promise<void> {
  const { callStage } = await import('../simulator/simulate.ts')
  const checks: [stage: string, words: string[], flag: string][] = [
    ['checkLayer', [overlay], '--overlay'],
    ['checkRootHash', ['switch_root', roothash], '--roothash'],
  ]
  for (const [stage, words, flag] of checks) {
    const { status, machine } = callStage(stage, words, { cmdline: '' })
    if (status === 0) continue
    throw new CommandError(
      `${flag}: ${machine.failures.at(-1)}`,
      'aria2-initrd params tells what it takes',
      2,
    )
  }
}

/** Refuses files of which /init would not know which is the root, and a hash tree that nothing is held against. */
export async function checkRootStart(start: RootStart, roles: FileRoles): Promise<void> {
  await checkValues(start)
  if (roles.kernel !== undefined || roles.initrds.length > 0) {
    const names = [roles.kernel, ...roles.initrds].flatMap(file => (file === undefined ? [] : [file.name]))
    throw new CommandError(
      `--boot switch_root starts no other kernel, and there is ${names.join(', ')}`,
      'name the root alone, and its hash tree where that is a file of its own; a cpio archive as a tar',
    )
  }
  const trees = await Promise.all(roles.images.map(({ path }) => holdsHashTree(path)))
  const roots = roles.images.filter((_, index) => trees[index] !== true)
  if (roots.length !== 1) {
    throw new CommandError(
      `--boot switch_root starts one root, and there are ${roots.length}: ${roots.map(({ name }) => name).join(', ')}`,
      'publish each by a call of its own, with a name of its own',
    )
  }
  if (start.roothash === undefined && roots.length < roles.images.length) {
    throw new CommandError(
      'there is a hash tree, and no root hash to hold it against',
      'give the root hash that veritysetup format printed with --roothash',
    )
  }
}

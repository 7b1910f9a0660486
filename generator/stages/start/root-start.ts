/** What says how the root of boot=switch_root is laid: parameters, or the manifest's words of the same names. */
import { consistsOf, fail, withoutPrefix } from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import { checkDigest } from '../trust/digest.ts'

/** Refuses a layer that is not one in memory. @param layer the value of rd.overlay= */
export function checkLayer(layer: string): void {
  if (layer === '' || layer === 'tmpfs') {
    return
  }
  const limit = withoutPrefix(layer, 'tmpfs:size=', ' ')
  if (limit === '' || !consistsOf(limit, '0-9kmgKMG%')) {
    fail(`rd.overlay=${layer}: not tmpfs, nor like tmpfs:size=4G`)
  }
}

/** Refuses a root hash where no root is started, and one that is none. @param way the value of boot= */
export function checkRootHash(way: string, hash: string): void {
  if (hash === '') {
    return
  }
  if (!parts.switchRoot || way !== 'switch_root') {
    fail('roothash= needs boot=switch_root; a next kernel takes next_kernel_params=')
  }
  checkDigest('roothash', hash)
}

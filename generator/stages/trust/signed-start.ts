/** How a signed manifest boots: by kexec, or an image as the root of this kernel. */
import { fail, setParameter } from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { refuseWithout } from '../start/command-line.ts'
import { checkLayer, checkRootHash } from '../start/root-start.ts'
import { valueIn } from './manifest-file.ts'

/** Refuses a start that this image cannot make as it was signed. @param text of the manifest */
export function checkStart(text: string): void {
  const way = valueIn(text, 'boot')
  const hash = valueIn(text, 'roothash')
  if (way !== '' && way !== 'kexec' && way !== 'switch_root') {
    fail(`the manifest says boot ${way}, which this image does not know`)
  }
  if (!parts.switchRoot && way === 'switch_root') {
    refuseWithout('boot=switch_root', 'switch-root')
  }
  if (!parts.verity && hash !== '') {
    refuseWithout('roothash=', 'verity')
  }
  if (parts.switchRoot) {
    const layer = valueIn(text, 'rd.overlay')
    checkLayer(layer)
  }
  if (parts.verity) {
    checkRootHash(way, hash)
  }
}

/** Takes that start into the parameters; what this node is told with boot=none it fetches, and starts nothing. */
export function takeStart(text: string, parameters: Parameters): void {
  if (!parts.switchRoot || parameters.bootWay === 'none') {
    return
  }
  const way = valueIn(text, 'boot')
  setParameter(parameters, 'boot', way === '' ? 'kexec' : way)
  const layer = valueIn(text, 'rd.overlay')
  setParameter(parameters, 'rd.overlay', layer)
  if (parts.verity) {
    const hash = valueIn(text, 'roothash')
    setParameter(parameters, 'roothash', hash)
  }
}

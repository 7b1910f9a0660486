import { fail } from '../api/machine.ts'

/** Refuses what belongs to a part of the boot that this image does without. */
export function refuseWithout(refused: string, part: string): never {
  return fail(`${refused} is not in this image: built --without ${part}`)
}

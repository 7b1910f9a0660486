import { CommandError } from '../console/command-error.ts'

/** Something must come from the cache, since nothing may be fetched, and it is not there. */
export class NotInCache extends CommandError {
  constructor(
    /** What is missing, a line each. */
    readonly items: string[],
  ) {
    super(
      `nothing is fetched (--offline), and the cache lacks\n${items.map(item => `  ${item}`).join('\n')}`,
      'where there is a network, run aria2-initrd fetch with the same options; then the cache has it all',
    )
  }
}

/**
 * Waits for all of several works. What the cache lacks is then told at once, for all of them; else the first failure is.
 * @throws NotInCache, or the reason of the first that failed
 */
export async function allTogether<Results extends unknown[]>(
  works: { [Index in keyof Results]: Promise<Results[Index]> },
): Promise<Results> {
  const settled = await Promise.allSettled(works)
  const reasons = settled.flatMap(each => (each.status === 'rejected' ? [each.reason as unknown] : []))
  const other = reasons.find(reason => !(reason instanceof NotInCache))
  if (other !== undefined) throw other
  const items = reasons.flatMap(reason => (reason instanceof NotInCache ? reason.items : []))
  if (items.length > 0) throw new NotInCache(items)
  return settled.map(each => (each.status === 'fulfilled' ? each.value : undefined)) as Results
}

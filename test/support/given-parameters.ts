import { secondKernelParameters } from '../../generator/demo/second-stage.ts'

/** What the next kernel inherits (inherit=), before the site's own line. */
const inherited = /^((console|BOOTIF|ip|ds)=\S+ )+$/

/**
 * The second kernel's parameters byte for byte, without what it has inherited, where the rest is what the site gave; undefined
 * where no second kernel has come up.
 */
export function givenParameters(console: string, given: string | undefined): string | undefined {
  const told = secondKernelParameters(console)
  if (told === undefined || given === undefined || !told.endsWith(` ${given}`)) return told
  return inherited.test(told.slice(0, told.length - given.length)) ? given : told
}

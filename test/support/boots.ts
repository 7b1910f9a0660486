/** Boots on the simulator as unit tests want them. */
import { type Boot, simulate } from '../../generator/simulator/simulate.ts'
import type { World } from '../../generator/simulator/world.ts'
import { initrd, kernel } from './payload.ts'

/** What the server of these tests has. */
export const served = { 'http://s/k': kernel, 'http://s/i': initrd }

/** A kernel and an initrd to fetch. */
export const both = 'kernel_url=http://s/k initrd_url=http://s/i'

/** A boot of a command line that reaches the next kernel where nothing is in its way. */
export const boot = (cmdline: string, world: Omit<World, 'cmdline'> = {}): Boot =>
  simulate({ serve: served, ...world, cmdline })

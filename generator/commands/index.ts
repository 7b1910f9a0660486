import type { Command } from 'commander'
import { registerBoot } from './boot.ts'

/** Each command adds itself to the program; the order is that of --help. */
export const commands: ((program: Command) => void)[] = [registerBoot]

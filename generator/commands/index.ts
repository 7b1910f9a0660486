import type { Command } from 'commander'

/** Each command adds itself to the program; the order is that of --help. */
export const commands: ((program: Command) => void)[] = []

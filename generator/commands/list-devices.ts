import type { Command } from 'commander'

export function registerHardware(program: Command): void {
  program
    .command('hardware')
    .description('print the devices of this machine, for build --hardware')
    .action(async () => {
      const { devicesHere } = await import('../image/hardware/devices-here.ts')
      process.stdout.write(`${devicesHere().join('\n')}\n`)
    })
}

import { log, run, statusOf, succeeds } from './machine.ts'

function tune(device: string): void {
  run('ethtool', '-K', device, 'rx', 'off')
  const status = statusOf('ethtool', '-i', device, '7')
  log(`${device}: status ${status}`)
}

export function main(): void {
  tune('eth 0*')
  if (!succeeds(() => run('ethtool', '--', '3'))) {
    log('failed')
  }
}

import { log, outputOf, run, statusOf, unpackFile } from './machine.ts'

function tune(): void {
  run('ethtool', '-K', 'eth0', 'rx', 'off')
}

export function main(): void {
  const program = 'lsblk'
  tune()
  run('ls', '/')
  run(program)
  run('/bin/ls')
  run('tune')
  const disks = outputOf('lsblk', '-n')
  log(disks)
  let unpacker: 'zcat' | 'xzcat' = 'zcat'
  if (disks !== '') {
    unpacker = 'xzcat'
  }
  unpackFile(unpacker, '/a', '/b')
  if (statusOf('log', 'x') > 0) {
    log('no')
  }
}

/** The site's DHCP server: dnsmasq, as an admin would run it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { CommandError } from '../../../generator/host/console/command-error.ts'

export interface DhcpServer {
  /** Ends it; what it has leased stays in its lease file. */
  stop(): Promise<void>
}

/** An address that was given. */
export interface Lease {
  mac: string
  address: string
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/**
 * Starts dnsmasq and waits until it answers.
 * @param configuration path of its configuration file
 * @param onLease called for each lease that it gives or gives again
 */
export async function startDhcp(configuration: string, onLease: (lease: Lease) => void): Promise<DhcpServer> {
  const child = spawn('dnsmasq', [
    ...['--keep-in-foreground', '--log-facility=-', '--pid-file'],
    ...['--user=root', `--conf-file=${configuration}`],
  ])
  running.add(child)
  let output = ''
  const end = new Promise<void>(resolve => {
    child.on('close', () => {
      running.delete(child)
      resolve()
    })
  })
  await new Promise<void>((resolve, reject) => {
    const failed = (why: string) =>
      reject(new CommandError(`dnsmasq does not run: ${why.trim()}`, 'see its configuration'))
    child.on('error', error => failed(error.message))
    end.then(() => failed(output))
    let rest = ''
    child.stderr.setEncoding('utf8').on('data', (piece: string) => {
      output += piece
      const lines = (rest + piece).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (line.includes('DHCP, IP range')) resolve()
        const [, address, mac] = /DHCPACK\(\S+\) (\S+) (\S+)/.exec(line) ?? []
        if (address !== undefined && mac !== undefined) onLease({ mac, address })
      }
    })
  })
  return {
    async stop() {
      child.kill('SIGTERM')
      await end
    },
  }
}

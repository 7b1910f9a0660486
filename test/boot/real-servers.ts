/** Debian's DHCP servers, told what sites tell them. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type NodeLab, type Server, type Switch, serverAddress } from './node-lab.ts'

export interface Network {
  /** First and last address that is given out, below 10.9. */
  range: [string, string]
  /** Default 3600. */
  leaseSeconds?: number
  router?: string
  nameServers?: string[]
  search?: string[]
  mtu?: number
  /** Whether it looks whether an address is in use before it gives it; Kea never does. Default yes. */
  looks?: boolean
  /** Option 121: networks behind routers. */
  routes?: [network: string, router: string][]
}

const bytes = (address: string): number[] => address.split('.').map(Number)

/** Option 121 in bytes (RFC 3442). */
const routeBytes = (routes: [string, string][]): number[] =>
  routes.flatMap(([network, router]) => {
    const [address = '', prefix = '0'] = network.split('/')
    return [Number(prefix), ...bytes(address).slice(0, Math.ceil(Number(prefix) / 8)), ...bytes(router)]
  })

let started = 0
function folderIn(lab: NodeLab): string {
  started += 1
  const folder = join(lab.folder, `server${started}`)
  mkdirSync(folder)
  // dhcpd and Kea give up root's rights, or are bound to theirs.
  chmodSync(folder, 0o777)
  return folder
}

/** What a network has where nothing else is said. */
const usual = { leaseSeconds: 3600, router: serverAddress, nameServers: [], looks: true }

export function dnsmasq(lab: NodeLab, at: Switch, network: Network, ...words: string[]): Promise<Server> {
  const { range, leaseSeconds, router, nameServers, search, mtu, routes, looks } = { ...usual, ...network }
  const option = (number: number, value: string) => `--dhcp-option=${number},${value}`
  return lab.serve(
    ...([at, /DHCP, (IP|sockets)/, 'dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null'] as const),
    // Names are another one's, unless it is told otherwise.
    ...(words.some(word => word.startsWith('--port=')) ? [] : ['--port=0']),
    ...['--pid-file', '--user=root', '--log-facility=-', '--log-dhcp', '--dhcp-authoritative'],
    `--dhcp-leasefile=${folderIn(lab)}/leases`,
    `--dhcp-range=${range.join(',')},255.255.0.0,${leaseSeconds}`,
    option(3, router),
    ...(nameServers.length === 0 ? [] : [option(6, nameServers.join(','))]),
    ...(search === undefined ? [] : [option(119, search.join(','))]),
    ...(mtu === undefined ? [] : [option(26, String(mtu))]),
    ...(routes === undefined ? [] : [option(121, routes.flat().join(','))]),
    ...(looks ? [] : ['--no-ping', '--dhcp-sequential-ip']),
    ...words,
  )
}

export async function kea(lab: NodeLab, at: Switch, network: Network): Promise<Server> {
  const { range, leaseSeconds, router, nameServers, search, mtu, routes } = { ...usual, ...network }
  const folder = folderIn(lab)
  const data = (name: string, value: string | undefined) => (value ? [{ name, data: value }] : [])
  const routesInHex = Buffer.from(routeBytes(routes ?? [])).toString('hex')
  const configuration = {
    Dhcp4: {
      'interfaces-config': { interfaces: ['bridge0'], 'dhcp-socket-type': 'raw' },
      'lease-database': { type: 'memfile', persist: false },
      'valid-lifetime': leaseSeconds,
      'renew-timer': Math.floor(leaseSeconds / 2),
      'rebind-timer': Math.floor((leaseSeconds * 7) / 8),
      authoritative: true,
      subnet4: [
        {
          id: 1,
          subnet: '10.9.0.0/16',
          pools: [{ pool: range.join(' - ') }],
          'option-data': [
            ...data('routers', router),
            ...data('domain-name-servers', nameServers.join(', ')),
            ...data('domain-search', search?.join(', ')),
            ...data('interface-mtu', mtu === undefined ? undefined : String(mtu)),
            ...(routes === undefined ? [] : [{ code: 121, 'csv-format': false, data: routesInHex }]),
          ],
        },
      ],
      loggers: [{ name: 'kea-dhcp4', output_options: [{ output: 'stdout' }], severity: 'INFO' }],
    },
  }
  const file = join(folder, 'kea.json')
  writeFileSync(file, JSON.stringify(configuration))
  // It does not listen on an interface that does not run yet, and says that it has started.
  await at.running()
  // What it locks and writes its process id to is the machine's; one folder for each.
  const environment = [`KEA_PIDFILE_DIR=${folder}`, `KEA_LOCKFILE_DIR=${folder}`]
  return lab.serve(at, /DHCP4_STARTED/, 'env', ...environment, 'kea-dhcp4', '-c', file)
}

export function iscDhcpd(lab: NodeLab, at: Switch, network: Network): Promise<Server> {
  const { range, leaseSeconds, router, nameServers, search, mtu, routes, looks } = { ...usual, ...network }
  const folder = folderIn(lab)
  const [leases, file] = [join(folder, 'leases'), join(folder, 'dhcpd.conf')]
  writeFileSync(leases, '')
  chmodSync(leases, 0o666)
  const line = (name: string, value: string | undefined) => (value ? `option ${name} ${value};\n` : '')
  const routesAsNumbers = routeBytes(routes ?? []).join(', ')
  writeFileSync(
    file,
    `authoritative;\nping-check ${looks};\n` +
      `default-lease-time ${leaseSeconds};\nmax-lease-time ${leaseSeconds};\nmin-lease-time ${leaseSeconds};\n` +
      'option classless-routes code 121 = array of unsigned integer 8;\n' +
      `subnet 10.9.0.0 netmask 255.255.0.0 {\nrange ${range.join(' ')};\n` +
      line('routers', router) +
      line('domain-name-servers', nameServers.join(', ')) +
      line('domain-search', search?.map(name => `"${name}"`).join(', ')) +
      line('interface-mtu', mtu === undefined ? undefined : String(mtu)) +
      line('classless-routes', routesAsNumbers) +
      '}\n',
  )
  const own = ['-cf', file, '-lf', leases, '-pf', join(folder, 'pid')]
  return lab.serve(
    at,
    /Sending on/,
    'dhcpd',
    '-f',
    '-d',
    '-user',
    'root',
    '-group',
    'root',
    ...own,
    'bridge0',
  )
}

/** Twelve ways in which a boot fails, in the words of /init: where, and what it says. */

export interface Failure {
  /** What people call it. */
  name: string
  stage: 'network' | 'download' | 'verify' | 'kexec'
  /** What is said of each try; of a node that falls silent nothing. */
  cause: string
  /** A download is tried again, and then given up. */
  isTried?: boolean
}

const server = 'http://10.0.0.1:8000'
const [wanted, got] = ['5a', 'c3'].map(digits => digits.repeat(32))

export const failures: Failure[] = [
  { name: 'no link', stage: 'network', cause: 'no link after 30 s on eth0; check cable and switch port' },
  { name: 'no lease', stage: 'network', cause: 'no DHCP lease within 60 s on eth0' },
  {
    name: 'DNS is dead',
    stage: 'download',
    cause: 'http://boot.example/root.img: the server name does not resolve (aria2 status 19)',
    isTried: true,
  },
  {
    name: '404',
    stage: 'download',
    cause: `${server}/root.img: not found on the server (aria2 status 3)`,
    isTried: true,
  },
  {
    name: 'wrong digest',
    stage: 'verify',
    cause: `/tmp/root.img: wrong digest: wanted ${wanted}, got ${got}`,
  },
  {
    name: 'bad signature',
    stage: 'download',
    cause: `${server}/manifest: CN=site 2019: not trusted by this image`,
    isTried: true,
  },
  {
    name: 'expired manifest',
    stage: 'download',
    cause: "manifest: expired at 2026-01-31T00:00:00Z; by this machine's clock it is 2026-11-29T15:00:00Z",
  },
  {
    name: 'full memory',
    stage: 'download',
    cause: `${server}/root.img: not enough memory for the file (aria2 status 9)`,
  },
  {
    name: 'tracker down and server gone',
    stage: 'download',
    cause: `${server}/root.img.torrent: timed out (aria2 status 2)`,
    isTried: true,
  },
  {
    name: 'TLS, and a wrong clock',
    stage: 'download',
    cause:
      'https://boot.example/root.img: SSL/TLS handshake failure: certificate is not yet valid, ' +
      "by this machine's clock (Thu, 01 Jan 1970 00:00:42 GMT) (aria2 status 1)",
    isTried: true,
  },
  {
    name: 'kexec refused',
    stage: 'kexec',
    cause:
      '/tmp/kernel/vmlinuz: kexec_file_load failed: Required key not available: ' +
      'it lacks a signature that this kernel trusts',
  },
  { name: 'silent in the middle', stage: 'network', cause: '' },
]

// Networks without IPv4, and with both: `serve --bind ::`, and nodes that run the bytes of /init with the image's aria2c.
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { makeTorrent } from '../../generator/publish/torrent.ts'
import { Ipv6Lab, type Node6 } from '../hostile/ipv6-lab.ts'
import { needs } from '../support/needs.ts'

const folder = mkdtempSync(join(tmpdir(), 'serve-ipv6-'))
let lab: Ipv6Lab | undefined
test.after(() => {
  lab?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const data = randomBytes(16 * 1024 * 1024)
const wanted = `${createHash('sha256').update(data).digest('hex')} /tmp/url-1/data`

/** Writes what is served into a folder of its own. */
async function publish(name: string): Promise<string> {
  const place = join(folder, name)
  mkdirSync(place)
  writeFileSync(join(place, 'data'), data)
  const torrent = await makeTorrent({
    files: [join(place, 'data')],
    name: 'data',
    announce: ['http://[fd00:9::1]:6969/announce'],
  })
  writeFileSync(join(place, 'data.torrent'), torrent)
  return place
}

const labTest = needs(test, { ip: 'iproute2', dnsmasq: 'dnsmasq-base', unshare: 'util-linux' }, true)
const after =
  'prepare_output /tmp; download; sha256sum /tmp/url-1/data; ip addr show dev eth0 | grep -c "inet "'
const routed = ['--port=0', '--enable-ra', '--dhcp-range=fd00:9::,ra-only,64,1h']
const overIpv6: Node6 = {
  parameters: 'url=http://[fd00:9::1]:8000/data.torrent seed_time=20 ip=auto6',
  downloads: true,
  after,
}
/** So slow that what one node has, the other takes from it. */
const slow = ['--rate', '4M']

labTest('two nodes without IPv4: HTTP, tracker, seeder and peers', async () => {
  const serve = [await publish('alone'), '--bind', '::', ...slow]
  lab = await Ipv6Lab.start([
    { ...overIpv6, dnsmasq: routed, serve },
    { ...overIpv6, beside: 0 },
  ])
  const ends = await Promise.all([lab.run(0), lab.run(1)])
  for (const { console } of ends) {
    assert.ok(console.includes(wanted), console.join('\n'))
    assert.is(console.at(-1), '0', 'no address of IPv4')
  }
  const said = lab.said(0)
  for (const node of ['fd00:9::9:ff:fe00:610', 'fd00:9::9:ff:fe00:611'])
    assert.match(said, new RegExp(`${node}\\]?:\\d+.*has all of data.torrent`), said)
  lab.stop()
})

labTest('both families in one swarm: a node of each finds the seeder, for it finds nobody else', async () => {
  lab = await Ipv6Lab.start([
    {
      ...overIpv6,
      // Neither can give the other anything.
      parameters: 'url=http://[fd00:9::1]:8000/data.torrent seed_time=0 ip=auto6',
      addresses: ['fd00:9::1/64', '10.9.0.1/16'],
      dnsmasq: [...routed, '--dhcp-range=10.9.0.44,10.9.0.44,255.255.0.0,1h', '--no-ping'],
      serve: [await publish('both'), '--bind', '::', ...slow],
    },
    {
      parameters:
        'url=http://10.9.0.1:8000/data.torrent tracker=http://10.9.0.1:6969/announce seed_time=0 ip=dhcp',
      before: 'printf 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6',
      downloads: true,
      after,
      beside: 0,
    },
  ])
  const ends = await Promise.all([lab.run(0), lab.run(1)])
  const said = lab.said(0)
  assert.match(said, /seeder .* at \[fd00:9::1\]:\d+ and 10\.9\.0\.1:\d+/)
  for (const { console } of ends) assert.ok(console.includes(wanted), `${console.join('\n')}\n${said}`)
  assert.equal(
    ends.map(({ console }) => console.at(-1)),
    ['0', '1'],
    'addresses of IPv4',
  )
  assert.not.ok(ends[1].state.some(line => line.startsWith('inet6')))
  for (const node of ['fd00:9::9:ff:fe00:610\\]', '10.9.0.44'])
    assert.match(said, new RegExp(`${node}:\\d+.*has all of data.torrent`), said)
})
test.run()

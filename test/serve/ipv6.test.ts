// A network without IPv4: `serve --bind ::`, and two nodes that run the bytes of /init with the image's aria2c.
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
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

needs(
  test,
  { ip: 'iproute2', dnsmasq: 'dnsmasq-base', unshare: 'util-linux' },
  true,
)('two nodes without IPv4: HTTP, tracker, seeder and peers', async () => {
  const data = randomBytes(16 * 1024 * 1024)
  writeFileSync(join(folder, 'data'), data)
  const torrent = await makeTorrent({
    files: [join(folder, 'data')],
    name: 'data',
    announce: ['http://[fd00:9::1]:6969/announce'],
  })
  writeFileSync(join(folder, 'data.torrent'), torrent)
  const node: Node6 = {
    parameters: 'url=http://[fd00:9::1]:8000/data.torrent seed_time=20 ip=auto6',
    downloads: true,
    after:
      'prepare_output /tmp; download; sha256sum /tmp/url-1/data; ip addr show dev eth0 | grep -c "inet "',
  }
  lab = await Ipv6Lab.start([
    {
      ...node,
      dnsmasq: ['--port=0', '--enable-ra', '--dhcp-range=fd00:9::,ra-only,64,1h'],
      // So slow that what one node has, the other takes from it.
      serve: [folder, '--bind', '::', '--rate', '4M'],
    },
    { ...node, beside: 0 },
  ])
  const ends = await Promise.all([lab.run(0), lab.run(1)])
  const wanted = `${createHash('sha256').update(data).digest('hex')} /tmp/url-1/data`
  for (const { console } of ends) {
    assert.ok(console.includes(wanted), console.join('\n'))
    assert.is(console.at(-1), '0', 'no address of IPv4')
  }
  const said = lab.said(0)
  for (const node of ['fd00:9::9:ff:fe00:610', 'fd00:9::9:ff:fe00:611'])
    assert.match(said, new RegExp(`${node}\\]?:\\d+.*has all of data.torrent`), said)
})
test.run()

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { NodeLab, type Switch, serverAddress } from '../boot/node-lab.ts'
import { root } from '../support/root.ts'
import type { Bench } from './own-image.ts'
import { median } from './table.ts'

/** How many boots more than RUNS: what is looked for is small. */
const rounds = 5
/** An address that nobody has. */
const nobody = '10.9.9.9'

/** Ways in which those who are told answer, as parameters. */
const collectors: [name: string, parameters: string][] = [
  ['nobody is told', ''],
  ['both take all', `report=http://${serverAddress}:8001/report syslog=${serverAddress}:8001`],
  ['they refuse', `report=http://${serverAddress}:1/report syslog=${serverAddress}:1`],
  ['the collector takes the connection and hangs', `report=http://${serverAddress}:8002/report`],
  ['nobody has their address', `report=http://${nobody}/report syslog=${nobody}`],
  ['their name server is dead', `nameserver=${nobody} report=http://c.example/report syslog=c.example`],
]

/** A web server for the file, a collector, a sink for syslog, and a collector that hangs. */
const servers = `
  const file = Buffer.alloc(1 << 20, 1)
  const { createServer } = require('node:http')
  createServer((request, response) => {
    request.resume()
    response.statusCode = request.method === 'POST' ? 204 : 200
    response.end(request.method === 'POST' ? undefined : file)
  }).listen(8001, () => {
    createServer(() => {}).listen(8002, () => console.log('serves'))
  })
  require('node:dgram').createSocket('udp4').bind(8001)`

/** Ms from the start of the reporter to the jump, with a file of 1 MiB between them and as many lines as a boot has. */
async function measure(lab: NodeLab, at: Switch, parameters: string): Promise<number> {
  const reporter = readFileSync(join(root, 'rootfs-skel/usr/sbin/reporter'), 'utf8')
  const node = lab.powerOn({
    cards: [at],
    append: `ip=10.9.0.50::${serverAddress}:255.255.0.0::eth0:none url=http://${serverAddress}:8001/file retries=1 ${parameters}`,
    early: `mkdir -p /usr/sbin\ncat >/usr/sbin/reporter <<'REPORTER'\n${reporter}REPORTER\nchmod 755 /usr/sbin/reporter`,
    before: 'printf "BEGIN\\n"; start_reports; enter_stage download',
    downloads: true,
    after: `enter_stage verify
    for line in 1 2 3 4 5 6 7 8 9 10; do log "$line: digest holds"; done
    enter_stage kexec
    record handed-over /tmp/kernel/vmlinuz
    end_reports 0.08
    printf 'OVER\\n'`,
  })
  await node.said('BEGIN\n')
  const began = performance.now()
  await node.said('OVER\n')
  const took = performance.now() - began
  const { console } = await node.end
  if (!console.some(line => line.includes('has all'))) throw new Error(console.join('\n'))
  return took
}

/** What it costs a boot that others are told, and what when they do not answer. */
export async function reportRows({ runs, progress }: Bench): Promise<string[][]> {
  const lab = await NodeLab.start()
  try {
    const at = await lab.switch()
    await lab.serve(at, /serves/, process.execPath, '-e', servers)
    const times = new Map(collectors.map(([name]) => [name, [] as number[]]))
    // In turn, so that what else this machine does is in all of them.
    for (let round = 0; round < runs * rounds; round += 1)
      for (const [name, parameters] of collectors) {
        progress.step(`reports, round ${round + 1}: ${name}`)
        times.get(name)?.push(await measure(lab, at, parameters))
      }
    const ms = (value: number) => `${Math.round(value)} ms`
    const [without = Number.NaN] = [...times.values()].map(median)
    return [
      ['', 'from the reporter to the jump', 'more', 'target'],
      ...[...times].map(([name, each], index) => [
        name,
        ms(median(each)),
        index === 0 ? '' : ms(median(each) - without),
        index === 0 ? '' : '100 ms',
      ]),
    ]
  } finally {
    lab.stop()
  }
}

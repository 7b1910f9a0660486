import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { trackers } from '../../generator/scale/site-plan.ts'
import { cli } from '../support/cli.ts'

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
const [, line = '', wanted = ''] = /\$ npm run -s cli -- plan (.*)\n([\s\S]*?)```/.exec(readme) ?? []

test('the README’s plan is what is printed', () => {
  assert.is(cli('plan', ...line.split(' ')).stdout, wanted)
})

test('the table of servers has what plan counts on', () => {
  const rates = trackers.map(({ announcesPerSecond }) => `${announcesPerSecond.toLocaleString('en')}/s`)
  assert.match(readme, `| bears announces, with 5,000 nodes in the swarm | ${rates.join(' | ')} |`)
})

test('--json has the same plan, and --svg draws it', () => {
  const svg = join(tmpdir(), `plan-${process.pid}.svg`)
  const { stdout } = cli('plan', '--nodes', '12', '--racks', '3', '--size', '8M', '--json', '--svg', svg)
  const { swarm, http, announces, purchases } = JSON.parse(stdout)
  assert.is(swarm.completions.length, 12)
  assert.ok(swarm.median <= swarm.seconds && swarm.bounds[0].seconds <= swarm.seconds)
  assert.ok(http.bounds[0].seconds === http.seconds && announces.most >= 12)
  assert.equal(purchases.map(({ part }: { part: string }) => part).sort(), [
    'node link',
    'origin link',
    'uplinks',
  ])
  assert.match(readFileSync(svg, 'utf8'), />swarm<\/text>/)
})

test('what cannot be planned is refused in two lines', () => {
  const { status, stderr } = cli('plan', '--nodes', '4', '--racks', '9', '--size', '8M')
  assert.is(status, 2)
  assert.match(stderr, /9 racks for 4 nodes\nhelp: /)
  assert.is(cli('plan', '--nodes', '4', '--size', '8M', '--node-rate', '10').status, 2)
})

test.run()

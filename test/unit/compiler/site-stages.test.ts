// A site's own stages: their order, kernel parameters and records of their own, and where a fault in them is shown.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { explain } from '../../../generator/compiler/explain.ts'
import { compile, textOf } from '../../../generator/compiler/generate-init.ts'
import { inOrder, type SiteStage } from '../../../generator/compiler/site-order.ts'
import { CommandError } from '../../../generator/host/console/command-error.ts'
import { callStage, simulate } from '../../../generator/simulator/testing.ts'
import { kernel } from '../../support/payload.ts'

const folder = mkdtempSync(join(tmpdir(), "a site's "))
process.on('exit', () => rmSync(folder, { recursive: true }))

const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

const measure = write(
  'measure.ts',
  `import { log } from 'aria2-initrd/machine'

/** What this stage can be told. */
export interface MeasureParameters {
  /**
   * How the rack is called.
   * @name site.rack
   * @example site.rack=r12
   */
  rackName: string

  /**
   * What the measuring is for.
   * @default speed
   */
  measureFor: 'speed' | 'age'
}

/** What was measured. */
export interface Measures {
  rackLabel: string
}

/** Measures the rack. */
export function measureRack(parameters: MeasureParameters): Measures {
  log(\`measuring \${parameters.measureFor}\`)
  return { rackLabel: \`rack \${parameters.rackName}\` }
}
`,
)
const tell = write(
  'tell.ts',
  `import { log } from 'aria2-initrd/machine'
import type { Network } from 'aria2-initrd/network'
import type { Parameters } from 'aria2-initrd/parameters'
import type { Measures } from './measure.ts'

/** Tells what was measured. */
export function tellMeasures(measures: Measures, network: Network, parameters: Parameters): void {
  log(\`\${measures.rackLabel} on \${network.bootInterface}, \${parameters.retries} tries\`)
}
`,
)
const stages = [
  { file: tell, after: 'network' },
  { file: measure, after: 'drivers' },
]
const siteStages = stages.map(({ file, after }): SiteStage => ({ path: file, after }))

test('parameters and records of its own are in /init, each where it belongs', () => {
  const lines = compile({ siteStages })
  const init = textOf(lines)
  assert.match(init, /^rack_name= +# site.rack: How the rack is called\.$/m)
  assert.match(init, /^measure_for=speed +# What the measuring is for\.$/m)
  assert.match(init, /site\.rack\) has_value "\$@" && rack_name=\$2 ;;/)
  assert.match(init, /measure_for\)\n +case \$\{2-\} in\n +speed \| age\) measure_for=\$2 ;;/)
  assert.match(init, /refuse_value "\$1" "\$\{2-\}" 'one of speed, age' ;;/)
  assert.match(init, /drivers \| measure \| network \| tell \| download/)
  assert.match(init, /enter_stage measure\n {4}measure_rack\n {4}enter_stage network\n/)
  assert.match(init, /enter_stage tell\n {4}tell_measures\n {4}enter_stage download\n/)
  assert.match(init, /rack_label="rack \$rack_name"/)
  const call = lines.findIndex(({ text }) => text === '    measure_rack') + 1
  assert.match(explain(lines, call), `  from ${measure}:`)
})

test('the same stages on the simulator: values are taken and refused, a record comes to the later stage', () => {
  const serve = { 'http://s/k': kernel }
  const boot = simulate({
    stages,
    serve,
    cmdline: 'kernel_url=http://s/k site.rack=r12 measure_for=width break=tell',
  })
  assert.match(boot.console, 'command-line: measure_for=width: ignored; expected one of speed, age')
  assert.match(boot.console, 'aria2-initrd: measure: measuring speed\n')
  assert.match(boot.console, 'aria2-initrd: tell: rack r12 on eth0, 10 tries\n')
  assert.equal(boot.shells, ['tell'])
  assert.is(boot.end, 'kexec')
  const plain = simulate({ serve, cmdline: 'kernel_url=http://s/k site.rack=r12' })
  assert.not.match(plain.console, 'rack')
})

test('one function alone, on a machine whose file systems are mounted', () => {
  const surroundings = { stages, files: { '/run/x': '1' } }
  const { value, status, console } = callStage(
    'measureRack',
    [{ rackName: 'r1', measureFor: 'age' }],
    surroundings,
  )
  assert.equal(value, { rackLabel: 'rack r1' })
  assert.is(status, 0)
  assert.match(console, 'measuring age')
})

const opened = ['one', 'two', 'three'].map((name, start) => ({ name, start }))
const order = (...given: [string, string][]): string[] =>
  inOrder(
    opened,
    ['main'],
    given.map(([path, after]) => ({ path: `/s/${path}.ts`, after })),
  ).map(({ stage, following }) => `${stage.path.slice(3, -3)}<${following?.name ?? 'end'}`)

test('stages after the same one come in the order in which they are given, and may follow each other', () => {
  assert.equal(order(['a', 'one'], ['b', 'one']), ['a<two', 'b<two'])
  assert.equal(order(['c', 'a'], ['a', 'three'], ['b', 'three']), ['a<end', 'c<end', 'b<end'])
})

test('names and places that cannot be are refused, each by its file', () => {
  const said = (...given: [string, string][]): string => {
    try {
      return order(...given).join()
    } catch (error) {
      assert.instance(error, CommandError)
      return (error as CommandError).message
    }
  }
  assert.match(said(['a', 'four']), '--after four: there is no such stage')
  assert.match(said(['a', 'b'], ['b', 'a']), '--after b: there is no such stage')
  assert.match(said(['two', 'one']), "/s/two.ts: there is a stage or a module 'two' already")
  assert.match(said(['a', 'one'], ['a', 'two']), "/s/a.ts: there is a stage or a module 'a' already")
  for (const name of ["it's", 'with blank', 'x;reboot', '*', '-n', 'ü'])
    assert.match(said([name, 'one']), `'${name}' cannot be the name of a stage`)
})

test.run()

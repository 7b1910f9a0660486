// machine.ts, the compiler's table and the simulator are three views of one machine: nothing may be in one alone.
import { readdirSync } from 'node:fs'
import { Project } from 'ts-morph'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compile } from '../../../generator/compiler/generate.ts'
import { machineTable } from '../../../generator/compiler/machine-table.ts'
import { SimulatedMachine } from '../../../generator/simulator/machine.ts'
import { root } from '../../support/root.ts'

const source = new Project({ skipFileDependencyResolution: true }).addSourceFileAtPath(
  `${root}generator/stages/api/machine.ts`,
)
/** The functions that stages may import. */
const functions = [...source.getExportedDeclarations().keys()].filter(
  name => !['Machine', 'CommandFailed', 'runOn'].includes(name),
)
/** Those that are not pure text. */
const members = source
  .getInterfaceOrThrow('Machine')
  .getMethods()
  .map(method => method.getName())

test('the compiler knows each function of the machine, and no other', () => {
  assert.equal(Object.keys(machineTable).sort(), functions.sort())
})

test('the simulator has each member of the machine', () => {
  const machine = new SimulatedMachine({ cmdline: '' }) as unknown as Record<string, unknown>
  assert.equal(
    members.filter(name => typeof machine[name] !== 'function'),
    [],
  )
  assert.equal(
    members.filter(name => !functions.includes(name)),
    [],
  )
})

test('each helper file is used, and each that is used is there', () => {
  const files = readdirSync(`${root}shell-templates/helpers`).map(name => name.replace(/\.sh$/, ''))
  const text = compile()
    .map(line => line.text)
    .join('\n')
  for (const name of files) {
    assert.ok(text.includes(`\n${name}() {`), `${name} is in /init`)
    assert.ok(text.split(new RegExp(`\\b${name}\\b`)).length > 2, `${name} is called`)
  }
  for (const member of Object.values(machineTable)) {
    if (member.helper !== undefined) assert.ok(files.includes(member.helper), member.helper)
  }
})

test.run()

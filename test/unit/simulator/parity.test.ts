// Each function of the machine is declared once, in stages/api/; the compiler, the simulator and the helpers of /init know
// it by that.
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compile } from '../../../generator/compiler/generate-init.ts'
import { machineTable } from '../../../generator/compiler/machine-table.ts'
import { SimulatedMachine } from '../../../generator/simulator/simulated-machine.ts'
import * as machine from '../../../generator/stages/api/machine.ts'
import { partNames } from '../../../generator/stages/api/parts.ts'
import { shellForms } from '../../../generator/stages/api/verb.ts'
import { root } from '../../support/root.ts'

/** What stages do not call. */
const notVerbs = ['CommandFailed', 'runOn']
const verbs = Object.entries(machine).filter(([name]) => !notVerbs.includes(name))

test('each function that a stage may import has its shell, and the compiler knows it', () => {
  for (const [name, verb] of verbs) assert.ok(shellForms.get(verb), name)
  assert.equal(Object.keys(machineTable).sort(), verbs.map(([name]) => name).sort())
})

test('each reaches the member of the machine that has its name', () => {
  const simulated = new SimulatedMachine({ cmdline: '' }) as unknown as Record<string, unknown>
  for (const [name, verb] of verbs) {
    const form = shellForms.get(verb)
    if (form?.kind === 'text' || form?.kind === 'words' || (form?.kind === 'special' && form.shell === ''))
      if (name !== 'defaultParameters') continue
    assert.type(simulated[name], 'function', name)
    let reached = ''
    const recorder = new Proxy({}, { get: (_, member) => () => (reached = String(member)) })
    machine.runOn(recorder as machine.Machine)
    ;(verb as () => void)()
    machine.runOn(undefined)
    assert.is(reached, name)
  }
})

test('each helper file is called, by /init or by what a verb becomes', () => {
  const text = [...compile(), ...compile({ without: partNames })].map(line => line.text).join('\n')
  for (const file of readdirSync(`${root}shell-templates/helpers`)) {
    const name = file.replace(/\.sh$/, '')
    const helper = readFileSync(`${root}shell-templates/helpers/${file}`, 'utf8')
    assert.match(helper, new RegExp(`^${name}\\(\\) \\{`, 'm'))
    const isCalled = text.split(new RegExp(`\\b${name}\\b(?!\\()`)).length > 1
    assert.ok(isCalled || Object.values(machineTable).some(({ helper: needed }) => needed === name), name)
  }
})

test.run()

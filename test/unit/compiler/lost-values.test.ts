// What is still read after a call that overwrites it, by each way that the boot may take from there: refused on all but those where
// the value is written anew.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { CompileError } from '../../../generator/compiler/diagnostics.ts'
import { compileTexts } from '../../support/stage-program.ts'

/** The codes of what is wrong with a caller of `overwrite`, which sets `note`. */
function faultsIn(body: string): string[] {
  const main = `
    import { exists, lines, log, namesIn } from './machine.ts'
    function overwrite(): void {
      for (const note of lines(namesIn('/a'))) {
        log(note)
      }
    }
    function caller(): void {
      let note = 'a'
      if (exists('/c')) {
        log(note)
      }
      const names = namesIn('/b')
      ${body}
    }
    export function main(): void {
      caller()
    }`
  try {
    compileTexts('test/unit/compiler/lost', { 'main.ts': main })
    return []
  } catch (error) {
    if (!(error instanceof CompileError)) throw error
    return error.diagnostics.map(({ code }) => code)
  }
}

const refused = {
  'behind an if that is not entered': `
    overwrite()
    if (exists('/x')) { note = 'c' }
    log(note + names)`,
  'behind a switch without a clause for it': `
    overwrite()
    switch (names) {
      case 'x':
        note = 'c'
        break
    }
    log(note)`,
  'behind a continue': `
    for (const name of lines(names)) {
      overwrite()
      if (name === 'x') { continue }
      note = 'c'
    }
    log(note)`,
  'behind a break': `
    for (const name of lines(names)) {
      overwrite()
      if (name === 'x') { break }
      note = 'c'
    }
    log(note)`,
  'in the next round': `
    for (const name of lines(names)) {
      log(note + name)
      overwrite()
    }`,
}

const taken = {
  'both branches write it anew': `
    overwrite()
    if (exists('/x')) { note = 'c' } else { note = 'd' }
    log(note + names)`,
  'each clause writes it anew': `
    overwrite()
    switch (names) {
      case 'x':
        note = 'c'
        break
      default:
        note = 'd'
    }
    log(note)`,
  'nothing reads it': 'overwrite()\n log(names)',
}

for (const [name, body] of Object.entries(refused)) {
  test(`a value that is lost is refused: read ${name}`, () => assert.equal(faultsIn(body), ['name-clash']))
}

for (const [name, body] of Object.entries(taken)) {
  test(`a value that nobody misses is not: ${name}`, () => assert.equal(faultsIn(body), []))
}

test('a declaration gives a name a value of its own', () => {
  const main = `
    import { log, namesIn } from './machine.ts'
    function overwrite(): void {
      const note = namesIn('/a')
      log(note)
    }
    function caller(): void {
      overwrite()
      const note = namesIn('/b')
      log(note)
    }
    export function main(): void {
      caller()
    }`
  assert.ok(compileTexts('test/unit/compiler/lost', { 'main.ts': main }).length > 0)
})

test.run()

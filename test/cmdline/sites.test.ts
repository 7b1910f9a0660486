// Command lines as sites use them, through the command as a person calls it, to the letter.
//   UPDATE=1 npm test -- sites    takes what comes out now
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type CarrierName, carrierNames } from '../../generator/kernel-command-line/carriers/carrier.ts'
import { CannotCarry, carry } from '../../generator/kernel-command-line/carry.ts'
import { examine } from '../../generator/kernel-command-line/examine.ts'
import { carriedText, examinationText } from '../../generator/kernel-command-line/report.ts'

const folder = fileURLToPath(new URL('sites/', import.meta.url))

function through(line: string, carrier: CarrierName): string {
  try {
    return carriedText(carry(line, carrier))
  } catch (error) {
    if (!(error instanceof CannotCarry)) throw error
    return `${error.message}\nhelp: ${error.help}\n`
  }
}

/** The examination, and the line for each carrier. */
const answers = (line: string): string =>
  [examinationText(examine(line)), ...carrierNames.map(carrier => through(line, carrier))].join('\n')

for (const file of readdirSync(folder).filter(name => name.endsWith('.cmdline'))) {
  test(basename(file, '.cmdline'), () => {
    const line = readFileSync(`${folder}${file}`, 'utf8').trim()
    const golden = `${folder}${basename(file, '.cmdline')}.golden`
    const text = answers(line)
    if (process.env.UPDATE === '1') writeFileSync(golden, text)
    assert.ok(existsSync(golden), 'UPDATE=1 writes it')
    assert.fixture(text, readFileSync(golden, 'utf8'))
  })

  test(`${basename(file, '.cmdline')}: one screen without --via`, () => {
    const line = readFileSync(`${folder}${file}`, 'utf8').trim()
    assert.ok(examinationText(examine(line)).split('\n').length <= 24)
  })
}

test.run()

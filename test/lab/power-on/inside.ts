// The lab's own process, started by namespace.ts in namespaces of its own: takes a scenario, sends the report.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CommandError } from '../../../generator/host/console/command-error.ts'
import { runLab } from './lab.ts'
import type { Scenario } from './scenario.ts'

const folder = mkdtempSync(join(tmpdir(), 'aria2-initrd-power-on-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
// Whoever asked has gone: the machines are ended with this process.
process.on('disconnect', () => process.exit(1))

process.once('message', async (scenario: Scenario) => {
  const say = (line: string) => process.stderr.write(`${line}\n`)
  const answer = await runLab(scenario, folder, say).then(
    report => ({ report }),
    (error: Error) => ({
      failure: error.message,
      help: error instanceof CommandError ? error.help : (error.stack ?? ''),
    }),
  )
  process.send?.(answer, () => process.exit(0))
})

/** The way into the lab: a process in network, PID and mount namespaces of its own. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { CommandError } from '../../../generator/host/console/command-error.ts'
import type { Report, Scenario } from './scenario.ts'

type Answer = { report: Report } | { failure: string; help: string }

/**
 * Runs a scenario where it can touch nothing of this machine's network. The namespaces end with the process: nothing is
 * left, however it ends.
 * @param log takes the story of the run, or nothing does
 */
export async function runScenario(scenario: Scenario, log: 'stderr' | 'nothing'): Promise<Report> {
  const child = fork(fileURLToPath(new URL('inside.ts', import.meta.url)), [], {
    execPath: 'unshare',
    execArgv: [
      ...['--net', '--pid', '--fork', '--kill-child', '--mount-proc'],
      ...[process.execPath, '--import', import.meta.resolve('tsx')],
    ],
    stdio: ['ignore', 'ignore', log === 'stderr' ? 'inherit' : 'ignore', 'ipc'],
  })
  const answer = await new Promise<Answer>((resolve, reject) => {
    child.on('message', message => resolve(message as Answer))
    child.on('error', reject)
    child.on('exit', status =>
      reject(
        new CommandError(
          `the lab ended with status ${status}`,
          'it needs root: unshare, bridge, tap interfaces',
        ),
      ),
    )
    child.send(scenario)
  })
  if ('report' in answer) return answer.report
  throw new CommandError(answer.failure, answer.help)
}

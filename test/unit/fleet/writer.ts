/** Keeps boots without end, until it is killed: a `serve` in the middle of a write. */
import { BootHistory } from '../../../generator/fleet/boot-history.ts'
import { endedBoot } from './ended-boot.ts'

const history = new BootHistory(process.argv[2] ?? '', line => process.stderr.write(`${line}\n`))
for (let index = 0; ; index++) {
  for (let node = 0; node < 20; node++)
    history.ended(endedBoot({ address: `10.0.0.${node}`, began: index, seconds: index }), `${node}-${index}`)
  history.flush()
  // What has been written is said: it must be there afterwards.
  process.stdout.write(`${index}\n`)
}

import * as assert from 'uvu/assert'
import { CommandError } from '../../generator/host/console/command-error.ts'

/** What a call that must fail tells a person; anything but a CommandError is a fault. */
export async function failure(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    assert.instance(error, CommandError)
    return (error as Error).message
  }
  return assert.unreachable('it should fail') as never
}

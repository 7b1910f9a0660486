import type { Command } from 'commander'
import { registerBoot } from './boot.ts'
import { registerBuild } from './build.ts'
import { registerCmdline } from './cmdline.ts'
import { registerDemo } from './demo.ts'
import { registerFetch } from './fetch.ts'
import { registerGenerate } from './generate.ts'
import { registerHardware } from './hardware.ts'
import { registerInspect } from './inspect.ts'
import { registerParams } from './params.ts'
import { registerPublish } from './publish.ts'
import { registerServe } from './serve.ts'

/** Each command adds itself to the program; the order is that of --help. */
export const commands: ((program: Command) => void)[] = [
  registerGenerate,
  registerBuild,
  registerFetch,
  registerHardware,
  registerInspect,
  registerParams,
  registerPublish,
  registerCmdline,
  registerServe,
  registerBoot,
  registerDemo,
]

// One build with a kernel and programs that are none, in a process that can be killed: KERNEL-ROOT OUTPUT PROGRAMS

import { terminalProgress } from '../../generator/host/console/progress.ts'
import { buildImage } from '../../generator/image/build-image.ts'
import { standIns } from '../image/stand-in.ts'

const [root = '', outputDir = '', programs = ''] = process.argv.slice(2)
process.stdout.write('begun\n')
await buildImage(
  { init: '#!/bin/sh\n', modules: ['card'], kernel: { root }, outputDir, compress: 'zstd' },
  terminalProgress(),
  async () => standIns(programs),
)

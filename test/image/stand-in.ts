import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { silent } from '../../generator/host/console/progress.ts'
import { buildImage, type ImageOptions, type ImageReport } from '../../generator/image/build-image.ts'
import type { Binaries } from '../../generator/programs/provide-programs.ts'
import { folderWith } from './made-up-kernel.ts'

/** Files in the place of the programs: where it does not matter what is in the image. */
export function standIns(folder: string, applets = ['busybox', 'cat', 'sh']): Binaries {
  const binary = <Name extends string>(name: Name) => ({
    name,
    path: join(folder, name),
    size: 0,
    sha256: '',
    source: `${name} 1.0`,
  })
  return {
    busybox: binary('busybox'),
    aria2c: binary('aria2c'),
    kexec: binary('kexec'),
    caBundle: join(folder, 'ca'),
    applets,
  }
}

/** An image with programs that are none, for tests of all that is around them. */
export async function buildStandIn(
  options: Partial<ImageOptions> & Pick<ImageOptions, 'outputDir' | 'kernel'>,
): Promise<ImageReport> {
  const folder = folderWith({ busybox: 'box', aria2c: 'aria', kexec: 'kexec', ca: 'certificates\n' })
  try {
    return await buildImage({ init: '#!/bin/sh\n', modules: ['card'], ...options }, silent, async () =>
      standIns(folder),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

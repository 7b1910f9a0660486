/** What the name of a kernel stood for when it was last asked for: a build without a network takes that. */
import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from '../../host/files/cache-folder.ts'
import { writeWholeFiles } from '../../host/files/whole-file.ts'

export interface RememberedKernel {
  /** Where it lies in the cache. */
  tree: string
  /** Debian's package, such as `linux-image-6.12.118+deb13-amd64`. */
  kernel: string
  version: string
}

const memoryOf = (name: string) => join(cacheFolder(), 'kernels', `${name}.json`)

/** Whoever reads it can tell whether it is as it was written. */
function textOf({ tree, kernel, version }: RememberedKernel): string {
  const digest = createHash('sha256').update([tree, kernel, version].join('\n')).digest('hex')
  return JSON.stringify({ tree, kernel, version, digest })
}

/**
 * What was remembered of a name; undefined where that is nothing, or damaged.
 * @param since not what was remembered before that
 */
export function rememberedKernel(name: string, since?: Date): RememberedKernel | undefined {
  try {
    if (since !== undefined && statSync(memoryOf(name)).mtime < since) return undefined
    const text = readFileSync(memoryOf(name), 'utf8')
    const found: RememberedKernel = JSON.parse(text)
    return textOf(found) === text ? found : undefined
  } catch {
    return undefined
  }
}

/** @throws where the cache cannot be written */
export async function rememberKernel(name: string, found: RememberedKernel): Promise<void> {
  await writeWholeFiles([{ path: memoryOf(name), content: textOf(found) }])
}

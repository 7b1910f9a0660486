import { readFile } from 'node:fs/promises'
import type { ArchiveEntry } from '../image/newc/entry.ts'
import { writeNewc } from '../image/newc/newc-writer.ts'

/**
 * An initrd whose /init prints the line `second kernel: ` with the kernel's command line byte for byte, and powers off.
 * It shows that the second kernel runs, and what it was told.
 *
 * @param busybox path of a static BusyBox with cat, dmesg, mount, poweroff, printf, sh
 */
export async function makeSecondStage(busybox: string): Promise<Buffer> {
  const entries: ArchiveEntry[] = [
    { kind: 'directory', path: 'bin', mode: 0o755 },
    { kind: 'file', path: 'bin/busybox', mode: 0o755, content: await readFile(busybox) },
    { kind: 'directory', path: 'dev', mode: 0o755 },
    { kind: 'character-device', path: 'dev/console', mode: 0o600, major: 5, minor: 1 },
    { kind: 'character-device', path: 'dev/null', mode: 0o666, major: 1, minor: 3 },
    {
      kind: 'file',
      path: 'init',
      mode: 0o755,
      content: await readFile(new URL('second-stage-init', import.meta.url)),
    },
    { kind: 'directory', path: 'proc', mode: 0o755 },
  ]
  return await writeNewc(entries)
}

/** The parameters that a second kernel's console shows it was given, or undefined. */
export function secondKernelParameters(console: string): string | undefined {
  return /^---- second stage begins ----\nsecond kernel: (.*)\n---- second stage ends ----$/m.exec(
    console,
  )?.[1]
}

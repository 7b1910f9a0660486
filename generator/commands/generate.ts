import { rename, writeFile } from 'node:fs/promises'
import type { Command } from 'commander'

export function registerGenerate(program: Command): void {
  program
    .command('generate')
    .description('print /init, to read before you trust it')
    .option('-o, --output <file>', 'write it to a file instead')
    .action(async ({ output }: { output?: string }) => {
      const { generateInit } = await import('../compiler/generate.ts')
      const text = await generateInit()
      if (output === undefined) process.stdout.write(text)
      else {
        await writeFile(`${output}.tmp`, text, { mode: 0o755 })
        await rename(`${output}.tmp`, output)
      }
    })
}

import { type Command, Option } from 'commander'

export function registerParams(program: Command): void {
  program
    .command('params')
    .description('print the kernel parameters that /init knows')
    .addOption(
      new Option('--format <format>', 'how to print them').choices(['text', 'md', 'json']).default('text'),
    )
    .action(async ({ format }: { format: 'text' | 'md' | 'json' }) => {
      const { parameterReference } = await import('../compiler/parameter-reference.ts')
      process.stdout.write(parameterReference(format))
    })
}

import { type Command, Option } from 'commander'
import { type SiteFlags, speakOfStages, withSiteFlags } from './site-stages.ts'

export function registerParams(program: Command): void {
  const command = program
    .command('params')
    .description('print the kernel parameters that /init knows')
    .addOption(
      new Option('--format <format>', 'how to print them').choices(['text', 'md', 'json']).default('text'),
    )
  withSiteFlags(command).action(
    async ({ format, ...flags }: SiteFlags & { format: 'text' | 'md' | 'json' }) => {
      await speakOfStages(flags)
      const { parameterReference } = await import('../compiler/parameter-reference.ts')
      const { declaredParameters } = await import('../simulator/boot-program.ts')
      process.stdout.write(parameterReference(format, declaredParameters()))
    },
  )
}

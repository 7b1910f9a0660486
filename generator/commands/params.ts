import { type Command, Option } from 'commander'
import { type ImageFlags, withImageFlags } from './image-flags.ts'
import { type SiteFlags, speakOfInit, withSiteFlags } from './stage-flags.ts'

export function registerParams(program: Command): void {
  const command = program
    .command('params')
    .description('print the kernel parameters that /init knows')
    .addOption(
      new Option('--format <format>', 'how to print them').choices(['text', 'md', 'json']).default('text'),
    )
  withImageFlags(withSiteFlags(command)).action(
    async ({ format, ...flags }: SiteFlags & ImageFlags & { format: 'text' | 'md' | 'json' }) => {
      const without = await speakOfInit(flags)
      const { parameterReference } = await import('../compiler/parameter-reference.ts')
      const { declaredParameters } = await import('../simulator/boot-program.ts')
      const { parametersWithout } = await import('../compiler/parts/parameters-without.ts')
      const known = parametersWithout(declaredParameters(), without)
      process.stdout.write(
        parameterReference(
          format,
          known.filter(({ isLeftOut }) => !isLeftOut),
        ),
      )
    },
  )
}

import { type Command, Option } from 'commander'
import type { PartName } from '../stages/api/parts.ts'
import { withPartsOfImage } from './parts-flag.ts'

interface ParamsFlags {
  format: 'text' | 'md' | 'json'
  without?: PartName[]
  image?: string
}

export function registerParams(program: Command): void {
  const command = program
    .command('params')
    .description('print the kernel parameters that /init knows')
    .addOption(
      new Option('--format <format>', 'how to print them').choices(['text', 'md', 'json']).default('text'),
    )
  withPartsOfImage(command).action(async ({ format, without, image }: ParamsFlags) => {
    const { parameterReference } = await import('../compiler/parameter-reference.ts')
    const { leftOutOf } = await import('../image/records/image-parts.ts')
    process.stdout.write(parameterReference(format, await leftOutOf({ without, image })))
  })
}

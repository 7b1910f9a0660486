import { type Command, InvalidArgumentError } from 'commander'
import { writeWholeFiles } from '../host/files/whole-file.ts'
import type { PartName } from '../stages/api/parts.ts'
import { withParts } from './image-flags.ts'
import { collected, configOption, initText, type SiteFlags, stagesOf } from './stage-flags.ts'

interface GenerateFlags extends SiteFlags {
  output?: string
  explain?: number
  without?: PartName[]
  add?: string[]
}

function lineNumber(text: string): number {
  if (!/^[1-9][0-9]{0,6}$/.test(text)) throw new InvalidArgumentError('give the number of a line of /init.')
  return Number(text)
}

/** What is asked for: the whole of /init, one part of it, or where a line comes from. */
async function generated({ explain: line, without = [], add, ...flags }: GenerateFlags): Promise<string> {
  const { stage, after, config } = flags
  const [name] = stage ?? []
  if (line === undefined && after === undefined && stage?.length === 1 && name?.endsWith('.ts') === false) {
    const { compile } = await import('../compiler/generate-init.ts')
    const { stageText } = await import('../compiler/explain.ts')
    return stageText(
      compile({ siteStages: await stagesOf(config === undefined ? {} : { config }), without }),
      name,
    )
  }
  const siteStages = await stagesOf(flags)
  if (line === undefined) return initText({ siteStages, without, add })
  const { compile } = await import('../compiler/generate-init.ts')
  const { explain } = await import('../compiler/explain.ts')
  const { packedPrograms } = await import('../image/packed-programs.ts')
  return explain(compile({ siteStages, without, programs: packedPrograms(add) }), line)
}

export function registerGenerate(program: Command): void {
  const command = program
    .command('generate')
    .description('print /init, to read before you trust it')
    .option('-o, --output <file>', 'write it to a file instead')
    .option(
      '--stage <name>',
      'print one stage; or, for a FILE.ts, compile it in as a stage of your own',
      collected,
    )
    .option('--after <stage>', 'the stage that your own one follows', collected)
    .option('--add <src[:dest]>', 'what build will be given: a program that your stage runs', collected)
    .option(...configOption)
    .option('--explain <line>', 'tell which line of TypeScript a line of /init comes from', lineNumber)
  withParts(command).action(async (flags: GenerateFlags) => {
    const text = await generated(flags)
    if (flags.output === undefined) process.stdout.write(text)
    else await writeWholeFiles([{ path: flags.output, content: text, mode: 0o755 }])
  })
}

import { type Command, InvalidArgumentError } from 'commander'
import { writeWholeFiles } from '../host/files/whole-file.ts'
import { withParts } from './image-flags.ts'
import { collected, configOption, type InitFlags, initChoiceOf, initText } from './stage-flags.ts'

interface GenerateFlags extends InitFlags {
  output?: string
  explain?: number
}

function lineNumber(text: string): number {
  if (!/^[1-9][0-9]{0,6}$/.test(text)) throw new InvalidArgumentError('give the number of a line of /init.')
  return Number(text)
}

/** What is asked for: the whole of /init, one part of it, or where a line comes from. */
async function generated({ explain: line, ...flags }: GenerateFlags): Promise<string> {
  const { stage, after, ...others } = flags
  const [name = ''] = stage ?? []
  const isPart = line === undefined && after === undefined && stage?.length === 1 && !name.endsWith('.ts')
  const choice = await initChoiceOf(isPart ? others : flags)
  if (!isPart && line === undefined) return initText(choice)
  const { compile } = await import('../compiler/generate-init.ts')
  const { explain, stageText } = await import('../compiler/explain.ts')
  const { packedPrograms } = await import('../image/packed-programs.ts')
  const { siteStages, without, add } = choice
  const compiled = compile({ siteStages, without, programs: packedPrograms(add, without) })
  return line === undefined ? stageText(compiled, name) : explain(compiled, line)
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

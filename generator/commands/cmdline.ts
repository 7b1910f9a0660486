import { type Command, InvalidArgumentError, Option } from 'commander'
import { CommandError } from '../host/console/command-error.ts'
import { shown as printable } from '../host/console/foreign-text.ts'
import { type CarrierName, carrierNames } from '../kernel-command-line/carriers/carrier.ts'
import { type ImageFlags, withImageFlags } from './image-flags.ts'
import { type SiteFlags, speakOfInit, withSiteFlags } from './stage-flags.ts'

interface CmdlineFlags extends SiteFlags, ImageFlags {
  via?: CarrierName
  archLimit: number
  json?: true
}

function lineSize(text: string): number {
  if (!/^[1-9][0-9]{2,5}$/.test(text)) throw new InvalidArgumentError('give a number of bytes, such as 2048.')
  return Number(text)
}

/** `cmdline`: what /init makes of a kernel command line, and how it is written for a boot loader. */
async function cmdline(line: string, { via, archLimit, json, ...flags }: CmdlineFlags): Promise<void> {
  const without = await speakOfInit(flags)
  const { examine } = await import('../kernel-command-line/examine.ts')
  const { CannotCarry, carry } = await import('../kernel-command-line/carry.ts')
  const { carriedText, examinationText } = await import('../kernel-command-line/report.ts')
  const examination = examine(line, archLimit, without)
  let carried: ReturnType<typeof carry> | undefined
  let refusal: InstanceType<typeof CannotCarry> | undefined
  try {
    if (via !== undefined) carried = carry(line, via, archLimit)
  } catch (error) {
    if (!(error instanceof CannotCarry)) throw error
    refusal = error
  }
  if (json === true) {
    const { plan, findings, length, limit } = examination
    const way = via === undefined ? {} : { via: carried ?? { carrier: via, refused: refusal?.reasons } }
    const names = {
      forInit: examination.ours.map(({ word }) => word),
      forOthers: examination.others.map(({ word }) => word),
    }
    process.stdout.write(`${JSON.stringify({ length, limit, ...names, plan, findings, ...way }, null, 2)}\n`)
  } else {
    process.stdout.write(examinationText(examination))
    if (carried !== undefined) process.stdout.write(`\n${carriedText(carried)}`)
  }
  if (refusal !== undefined) throw refusal
  const [first, ...more] = examination.findings.filter(({ severity }) => severity === 'error')
  if (first !== undefined) {
    const rest = more.length > 0 ? `; and ${more.length} more` : ''
    throw new CommandError(
      `/init could not use this line: ${printable(first.text)}${rest}`,
      'aria2-initrd params lists the parameters with examples',
    )
  }
}

export function registerCmdline(program: Command): void {
  const command = program
    .command('cmdline')
    .description('show what /init does with a kernel command line, and how to write it for a boot loader')
    .argument('<line>', 'the kernel command line, as one word: quote it for your shell')
    .addOption(
      new Option(
        '--via <carrier>',
        'what brings it to the kernel: show the line as it must be written there',
      ).choices(carrierNames),
    )
    .option(
      '--arch-limit <bytes>',
      "COMMAND_LINE_SIZE of the kernel's architecture; x86 and arm64 have 2048",
      lineSize,
      2048,
    )
    .option('--json', 'print it for scripts')
  withImageFlags(withSiteFlags(command)).action(cmdline)
}

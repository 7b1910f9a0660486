import { existsSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { CommandError } from '../host/console/command-error.ts'
import { shown } from '../host/console/foreign-text.ts'
import { readableSize, terminalProgress } from '../host/console/progress.ts'
import type { BuiltSet } from '../publish/builder-folder.ts'
import { checkBaseUrl, checkTracker } from '../publish/check-options.ts'
import type { Published, PublishedAs } from '../publish/publish-files.ts'
import type { PublishOptions } from '../publish/publish-options.ts'
import { signersOf } from '../publish/sign-manifest.ts'
import { parsePieceLength } from '../swarm/piece-length.ts'
import { collected } from './stage-flags.ts'

interface PublishFlags {
  output: string
  baseUrl: string
  tracker?: string[]
  name?: string
  pieceLength?: string
  private?: boolean
  webSeed?: boolean
  nextKernelParams?: string
  imagesInInitramfs?: boolean
  append?: string
  boot?: 'kexec' | 'switch_root'
  roothash?: string
  overlay?: string
  nodes?: number
  originRate?: number
  nodeRate?: number
  sign?: string[]
  certificate?: string[]
  gpg?: string | true
  keep?: number
  serial?: number
  validDays?: number
  stageOne: string | false
}

/** `publish`: files to what a web server serves: torrents, Metalink, digests, boot snippets. */
export function registerPublish(program: Command): void {
  program
    .command('publish')
    .description(
      'publish a kernel, its initrds and images: torrents, Metalink, digests, what boot loaders read',
    )
    .argument(
      '<file...>',
      'the kernel, initrds in the order in which they are joined, images; or a folder that an image builder wrote',
    )
    .requiredOption('-o, --output <dir>', 'the folder that your web server shows')
    .requiredOption('--base-url <url>', 'the address at which it shows it, such as http://10.0.0.1/boot')
    .option(
      '--tracker <url>',
      'the announce address of a BitTorrent tracker; may be given several times',
      collected,
    )
    .option(
      '--name <name>',
      "of the torrent and of the files' folder (default: the name of the output folder)",
    )
    .option('--next-kernel-params <line>', "the published kernel's own command line")
    .option(
      '--images-in-initramfs',
      'images become a part of the next initramfs: root=live:/NAME.img finds them there, and nothing is fetched twice',
    )
    .addOption(
      new Option(
        '--boot <how>',
        "switch_root: no kernel is published; the one image is the root of the first stage's own (default: kexec)",
      ).choices(['kexec', 'switch_root']),
    )
    .option('--roothash <hex>', 'the root hash of its hash tree, as veritysetup format prints it')
    .option('--overlay <layer>', 'memory that makes it writable: tmpfs or tmpfs:size=50%')
    .option('--append <parameters>', 'more parameters for the first stage, such as console=ttyS0')
    .option('--nodes <n>', 'how many nodes boot at a time: few need no swarm', wholeNumber)
    .option('--origin-rate <mbit>', 'what the web server can send in Mbit/s (default: 1000)', wholeNumber)
    .option('--node-rate <mbit>', "a node's link in Mbit/s (default: 1000)", wholeNumber)
    .option('--stage-one <dir>', 'the first stage: the folder that build wrote', 'output')
    .option(
      '--no-stage-one',
      'publish the files alone, without what boot loaders read; none need be a kernel',
    )
    .option(
      '--sign <key>',
      'write NAME.manifest, signed with this key in PEM: for images built with --trust; may be given several times',
      collected,
    )
    .option(
      '--certificate <file>',
      "the key's certificate in PEM, and its authorities' after it (default: in the key's file)",
      collected,
    )
    .option('--gpg [key]', "sign SHA256SUMS with gpg, as SHA256SUMS.gpg (default: gpg's own default key)")
    .option(
      '--keep <n>',
      'former generations that are kept for nodes in the middle of a boot (default: 2)',
      wholeNumberOrNone,
    )
    .option(
      '--serial <n>',
      'the number of the manifest (default: one more than that of the one there)',
      wholeNumber,
    )
    .option(
      '--valid-days <n>',
      "days that the manifest counts for (default: until the signer's certificate ends)",
      wholeNumber,
    )
    .option('--piece-length <bytes>', 'a power of two, such as 256k or 1M (default: what suits the size)')
    .option('--private', 'peers come from the tracker alone, not from the local segment')
    .option('--no-private', 'peers on the local segment find each other without the tracker (default)')
    .option(
      '--web-seed',
      'the torrent names the web server: for clients other than ours, which it slows down',
    )
    .option('--no-web-seed', 'it does not (default)')
    .action(publishFiles)
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('give a number, such as 640.')
  return Number(text)
}

const wholeNumberOrNone = (text: string): number => (text === '0' ? 0 : wholeNumber(text))

async function publishFiles(paths: string[], flags: PublishFlags): Promise<void> {
  const {
    output,
    baseUrl,
    tracker = [],
    name = basename(resolve(output)),
    pieceLength,
    stageOne,
    sign = [],
    certificate = [],
    boot,
    roothash,
    overlay,
    ...rest
  } = flags
  const common = {
    ...rest,
    outputDir: output,
    baseUrl: checkBaseUrl(baseUrl),
    trackers: tracker.map(checkTracker),
    signers: signersOf(sign, certificate),
    ...rootStartOf(boot, roothash, overlay),
    ...(pieceLength === undefined ? {} : { pieceLength: parsePieceLength(pieceLength) }),
  }
  const sets = await setsIn(paths, flags.name)
  const interruption = new AbortController()
  const interrupt = () => interruption.abort()
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const each of signals) process.on(each, interrupt)
  try {
    const { publish } = await import('../publish/publish-files.ts')
    for (const set of sets) {
      const options: PublishOptions = {
        ...{ ...common, files: set.files, name: set.name || name },
        ...(stageOne === false ? {} : { stageOne: stageOneFor(stageOne, set.name) }),
      }
      const published = await publish(options, terminalProgress(), interruption.signal)
      process.stdout.write(`${summary(options, published, set.skipped)}\n`)
    }
  } catch (error) {
    if (!interruption.signal.aborted) throw error
    throw new CommandError('interrupted', 'what was published before is untouched; run it again')
  } finally {
    for (const each of signals) process.off(each, interrupt)
  }
}

/** What the options say of a root. */
function rootStartOf(
  boot: PublishFlags['boot'],
  roothash: string | undefined,
  overlay: string | undefined,
): Pick<PublishOptions, 'rootStart'> {
  if (boot === 'switch_root') {
    const proof = roothash === undefined ? {} : { roothash }
    return { rootStart: { ...proof, ...(overlay === undefined ? {} : { overlay }) } }
  }
  if (roothash === undefined && overlay === undefined) return {}
  throw new CommandError(
    '--roothash and --overlay are about a root that no other kernel is started for',
    'add --boot switch_root; a next kernel takes --next-kernel-params',
    2,
  )
}

/** What was named: files that belong together, or folders with such files in them. */
async function setsIn(paths: string[], name: string | undefined): Promise<BuiltSet[]> {
  const folders = paths.filter(path => statSync(path, { throwIfNoEntry: false })?.isDirectory())
  if (folders.length === 0) return [{ name: '', files: paths, skipped: [] }]
  if (folders.length < paths.length) {
    throw new CommandError(
      `${folders.join(', ')}: a folder among files`,
      'name files, or folders that an image builder wrote',
      2,
    )
  }
  const { readBuilderFolder } = await import('../publish/builder-folder.ts')
  const sets = (await Promise.all(folders.map(readBuilderFolder))).flat()
  const names = sets.map(set => set.name)
  const twice = names.find((each, index) => names.indexOf(each) !== index)
  if (twice !== undefined || (sets.length > 1 && name !== undefined)) {
    throw new CommandError(
      twice === undefined
        ? `--name ${name} is for one publication, and there are ${sets.length}: ${names.join(', ')}`
        : `two publications would be called ${twice}`,
      'publish them by calls of their own, each with the folder that holds its kernel',
      2,
    )
  }
  return name === undefined ? sets : sets.map(set => ({ ...set, name }))
}

/** One folder for all, or with a folder in it for each architecture: NAME-ARCH gets ARCH's. */
function stageOneFor(folder: string, name: string): string {
  const words = name.split('-')
  const ends = words.slice(1).map((_, index) => join(folder, words.slice(index + 1).join('-')))
  return ends.find(end => existsSync(join(end, 'vmlinuz'))) ?? folder
}

const verdictIn = ({ verdict }: PublishedAs): string => (verdict === undefined ? '' : `: ${verdict}`)

/** What was published, for a person: digests, the command line, and what is left to do. */
function summary(
  { outputDir, baseUrl, name, trackers }: PublishOptions,
  published: Published,
  skipped: string[],
): string {
  const { files, pieceLength, infoHash, written, others, line, isSwarm, hasBittorrent, snippets } = published
  const { generation, removed } = published
  const size = files.reduce((sum, file) => sum + file.size, 0)
  const lines = [
    `${outputDir}: to be shown as ${baseUrl}/`,
    ...files.flatMap(file => [
      `  ${name}/${file.name}  ${readableSize(file.size)}${file.wasRead ? '' : ', unchanged'}${verdictIn(file)}`,
      `    sha256 ${file.sha256}`,
    ]),
    ...written.filter(path => !files.some(file => path === `${name}/${file.name}`)).map(path => `  ${path}`),
    ...snippets
      .filter(({ refusal }) => refusal !== undefined)
      .map(({ file, refusal }) => `  not written: ${name}.boot/${file}: ${refusal}`),
    ...skipped.map(
      path => `  not published: ${path}: no kernel, initrd or image; name the files to publish it`,
    ),
    ...(others.length === 0
      ? []
      : [`  not of this publication: ${others.map(file => `${name}/${file}`).join(', ')}`]),
    '',
    `generation: ${generation}`,
    ...(removed.length === 0 ? [] : [`removed: ${removed.join(', ')}`]),
    `torrent: ${readableSize(size)} in pieces of ${pieceLength / 1024} KiB, info hash ${infoHash}`,
  ]
  if (trackers.length === 0) lines.push('no --tracker: only nodes on one segment would find each other')
  if (line !== undefined) {
    lines.push(
      isSwarm
        ? 'nodes share what they fetch'
        : hasBittorrent
          ? 'nodes fetch from the web server: too little for a swarm, too few nodes, a fast server, or no tracker'
          : 'nodes fetch from the web server: the first stage is built --without bittorrent',
      '',
      'kernel command line of the first stage:',
      `  ${line}`,
    )
  }
  return lines.map(line => shown(line)).join('\n')
}

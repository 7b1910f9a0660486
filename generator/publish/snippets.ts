/** What a site's boot loaders and boot services are told, from shell-templates/publish. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import Handlebars from 'handlebars'
import type { CarrierName } from '../kernel-command-line/carriers/carrier.ts'
import { CannotCarry, carry } from '../kernel-command-line/carry.ts'
import { currentLink } from './lasting-names.ts'

export interface SnippetSite {
  name: string
  /** Where the folder is shown, without a slash at its end. */
  baseUrl: string
  /** The folder of this generation. */
  generation: string
  /** The line names a manifest by a name that stays, and nothing of this generation. */
  isSigned: boolean
  /** The first stage's kernel command line, as the kernel is to see it. */
  line: string
}

/** A file of the folder NAME.boot: its text, or why there is none. */
export interface Snippet {
  file: string
  text: string | undefined
  /** Why it was left out. */
  refusal: string | undefined
}

interface SnippetKind {
  file: string
  /** Whose reading the command line has to survive. */
  carrier?: CarrierName
  /** Bytes that the template adds to the line. */
  added?: number
  /** It fetches the first stage by itself, and over HTTP alone. */
  isHttpOnly?: boolean
  /** Read where it is published; others are copied to somewhere, and stay there. */
  isServed?: boolean
}

/** ` BOOTIF=01-52-54-00-be-ef-01 initrd=initrd.img` */
const ipxeAdds = 46

export const snippetKinds: SnippetKind[] = [
  { file: 'boot.ipxe', carrier: 'ipxe', added: ipxeAdds, isServed: true },
  { file: 'autoexec.ipxe' },
  { file: 'grub.cfg', carrier: 'grub', isHttpOnly: true },
  { file: 'pxelinux.cfg', carrier: 'pxelinux', isHttpOnly: true },
  { file: 'dnsmasq.conf' },
  { file: 'bss.json', carrier: 'bss' },
  { file: 'boot-service.json', carrier: 'boot-service' },
  { file: 'warewulf.ipxe', carrier: 'ipxe', added: ipxeAdds },
  // It writes an iPXE script too, and takes a quote at the end of a value for its own.
  { file: 'xcat.stanza', carrier: 'boot-service', added: ipxeAdds },
]

/** COMMAND_LINE_SIZE on x86 and arm64. */
const lineLimit = 2048

const templates = new URL('../../shell-templates/publish/', import.meta.url)

export function makeSnippets(site: SnippetSite): Snippet[] {
  return snippetKinds.map(kind => makeSnippet(site, kind))
}

function makeSnippet(site: SnippetSite, kind: SnippetKind): Snippet {
  const { file, carrier, added = 0, isHttpOnly } = kind
  if (isHttpOnly && !site.baseUrl.startsWith('http://')) {
    return { file, text: undefined, refusal: 'this boot loader fetches by http:// alone' }
  }
  try {
    const line = carrier === undefined ? '' : carry(site.line, carrier, lineLimit - added).text
    return { file, text: render(kind, { ...site, line }), refusal: undefined }
  } catch (error) {
    if (!(error instanceof CannotCarry)) throw error
    return { file, text: undefined, refusal: error.reasons.join('; ') }
  }
}

/** A copy whose line stays good gets a first stage whose address does, too. */
const stageOneFolder = ({ isServed }: SnippetKind, { name, generation, isSigned }: SnippetSite): string =>
  `${isSigned && !isServed ? currentLink(name) : generation}/stage-one`

function render(kind: SnippetKind, site: SnippetSite): string {
  const { file } = kind
  const { name, baseUrl, line } = site
  const engine = Handlebars.create()
  engine.registerHelper('json', (value: string) => JSON.stringify(value))
  const template = engine.compile(readFileSync(fileURLToPath(new URL(`${file}.hbs`, templates)), 'utf8'), {
    noEscape: true,
    strict: true,
  })
  const stageOne = `${baseUrl}/${stageOneFolder(kind, site)}`
  const { host, pathname } = new URL(stageOne)
  return template({
    name,
    line,
    scriptUrl: `${baseUrl}/${name}.boot/boot.ipxe`,
    stageOne: {
      folder: 'stage-one',
      kernelUrl: `${stageOne}/vmlinuz`,
      initrdUrl: `${stageOne}/initrd.img`,
      kernelGrub: `(http,${host})${pathname}/vmlinuz`,
      initrdGrub: `(http,${host})${pathname}/initrd.img`,
    },
  })
}

import { readFileSync } from 'node:fs'
import { kernelSource, type Lock, readLock } from '../../programs/lock.ts'
import type { Manifest } from './manifest.ts'
import { sha256Of } from './manifest.ts'

/** components.json; its first entry says what the others mean. */
interface Described {
  from: 'source' | 'binary' | 'build root'
  licence: string
  linked?: string[]
}

/** A component of CycloneDX 1.6, as far as it is used here. */
interface Component {
  type: 'application' | 'library' | 'operating-system' | 'firmware' | 'file' | 'data'
  'bom-ref': string
  name: string
  version?: string
  hashes?: { alg: 'SHA-256'; content: string }[]
  licenses?: { expression: string }[]
  purl?: string
  properties?: { name: string; value: string }[]
}

const { '//': _about, ...described }: Record<string, Described> = JSON.parse(
  readFileSync(new URL('./components.json', import.meta.url), 'utf8'),
)

function ownVersion(): string {
  return JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')).version
}

/** A package URL of Debian's (the purl type `deb`). */
const debianUrl = (name: string, version: string, architecture: string) =>
  `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${architecture}`

function programComponent(name: string, { from, licence }: Described, lock: Lock): Component {
  const version = (from === 'build root' ? lock.tools : lock.packages)[name]?.version ?? ''
  const architecture = { source: 'source', binary: 'all', 'build root': 'amd64' }[from]
  const isProgram = Object.values(described).every(other => other.linked?.includes(name) !== true)
  return {
    type: from === 'binary' ? 'data' : isProgram ? 'application' : 'library',
    'bom-ref': name,
    name,
    version,
    licenses: [{ expression: licence }],
    purl: debianUrl(name, version, architecture),
  }
}

function kernelComponent({ kernel }: Manifest): Component {
  const [, name, version] = kernel.origin.match(/^Debian (\S+) (\S+)$/) ?? []
  return {
    type: 'operating-system',
    'bom-ref': 'linux',
    name: 'linux',
    version: kernel.version,
    hashes: [{ alg: 'SHA-256', content: kernel.sha256 }],
    licenses: [{ expression: 'GPL-2.0-only WITH Linux-syscall-note' }],
    ...(name === undefined || version === undefined
      ? {}
      : { purl: debianUrl(name, version, name === kernelSource ? 'all' : 'amd64') }),
  }
}

/** Files of a site's own and firmware; what is known of their licence is that nobody told it. */
function fileComponents({ files }: Manifest): Component[] {
  return files
    .filter(
      ({ type, path, origin }) => type === 'file' && (/^added/.test(origin) || /^lib\/firmware\//.test(path)),
    )
    .map(({ path, sha256 = '', origin }) => ({
      type: path.startsWith('lib/firmware/') ? 'firmware' : 'file',
      'bom-ref': `/${path}`,
      name: `/${path}`,
      hashes: [{ alg: 'SHA-256', content: sha256 }],
      properties: [{ name: 'aria2-initrd:origin', value: origin }],
    }))
}

/** A serial number (RFC 4122, section 4.3: made of a digest) that the same image has on every machine. */
function serialNumber(content: string): string {
  const digest = Buffer.from(sha256Of(Buffer.from(content)), 'hex').subarray(0, 16)
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x50
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80
  const hex = digest.toString('hex')
  const words = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)]
  return `urn:uuid:${words.join('-')}`
}

/** The image's software bill of materials, as CycloneDX 1.6; without a time stamp, so that it is reproducible. */
export function billOfMaterials(manifest: Manifest, lock: Lock = readLock()): object {
  const image = 'aria2-initrd'
  const programs = Object.entries(described).map(([name, each]) => programComponent(name, each, lock))
  const components = [...programs, kernelComponent(manifest), ...fileComponents(manifest)]
  const inside = new Set(Object.values(described).flatMap(({ linked = [] }) => linked))
  const dependencies = [
    { ref: image, dependsOn: components.map(one => one['bom-ref']).filter(ref => !inside.has(ref)) },
    ...Object.entries(described)
      .filter(([, { linked }]) => linked !== undefined)
      .map(([ref, { linked = [] }]) => ({ ref, dependsOn: linked })),
  ]
  const bill = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'firmware',
        'bom-ref': image,
        name: image,
        version: ownVersion(),
        hashes: [{ alg: 'SHA-256', content: manifest.image.sha256 }],
        licenses: [{ expression: 'MIT' }],
      },
    },
    components,
    dependencies,
  }
  return { ...bill, serialNumber: serialNumber(JSON.stringify(bill)) }
}

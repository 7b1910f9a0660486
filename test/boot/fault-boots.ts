/**
 * Boots of /init from its network to kexec, on the image's own programs in a network namespace, beside servers that do
 * things wrong. kexec itself is a script that tells what it was given.
 */
import * as assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ip } from '../support/namespace-lab.ts'
import { sha256, initrd as smallInitrd, kernel as smallKernel } from '../support/payload.ts'
import { root } from '../support/root.ts'
import { type NodeEnd, type NodeLab, type Server, type Switch, serverAddress } from './node-lab.ts'

export const kernel = smallKernel.padEnd(400_000, 'kernel ')
export const initrd = smallInitrd.padEnd(300_000, 'initrd ')
export const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')

const web = `http://${serverAddress}:8001`
/** The same servers, as others. */
const otherAddress = '10.9.0.2'
/** The address of a file that a server gives in its own way, one of fault-servers.ts. */
export const given = (manner: string, name = 'vmlinuz'): string => `${web}/${manner}/${name}`
export const fromOther = (address: string): string => address.replace(serverAddress, otherAddress)
/** An address of the server that goes away in the middle of the first file, and comes back. */
export const dying = (name: string): string => `http://${serverAddress}:8002/good/${name}`

/** In place of kexec: tells the digests of what it was to load. */
const kexec = `#!/bin/sh
digest() { set -- $(sha256sum <"$1"); echo "$1"; }
initrd=/dev/null
for word; do case $word in --initrd=*) initrd=\${word#*=} ;; -*) ;; *) kernel=$word ;; esac; done
case "$*" in *--command-line=*)
    echo "loads $(digest "$kernel") $(digest "$initrd")" ;;
esac
`

/** What a node does after its network. @param room of memory for files */
const afterNetwork = (room: string): string => `mkdir -p /tmp
mount -t tmpfs -o nosuid,nodev,mode=0755,size=${room} tmpfs /tmp
cat >/bin/kexec <<'END'
${kexec}END
chmod 755 /bin/kexec
stage=download
if download && find_roles; then
    stage=verify
    if verify; then
        images=$(proven_images)
        stage=kexec
        start_next_kernel "$images" || :
    fi
fi
cat /run/aria2-initrd/kexec.log 2>/dev/null
stage=network`

const loads = `loads ${sha256(kernel)} ${sha256(initrd)}`
/** What the console of a boot has, in the end, that has loaded kernel and initrd. */
export const genuine = 'kexec has the genuine files'

export interface FaultBoot {
  append: string
  room?: string
  retries?: number
  /** Lines of shell before the command line is read. */
  early?: string
}

export class FaultPlace {
  #nodes = 0

  private constructor(
    readonly lab: NodeLab,
    readonly at: Switch,
    /** What the servers give. */
    readonly folder: string,
  ) {}

  static async start(lab: NodeLab): Promise<FaultPlace> {
    const place = new FaultPlace(lab, await lab.switch(), join(lab.folder, 'files'))
    ip('-n', place.at.namespace, 'addr', 'add', `${otherAddress}/16`, 'dev', 'bridge0')
    place.write('vmlinuz', kernel)
    place.write('initrd.img', initrd)
    place.write('a/same', kernel)
    place.write('b/same', initrd)
    place.write('large', 'x'.repeat(12_000_000))
    const script = join(root, 'test/boot/fault-servers.ts')
    await place.serve(/serves/, process.execPath, '--import', 'tsx', script, place.folder, serverAddress)
    return place
  }

  serve(ready: RegExp, program: string, ...words: string[]): Promise<Server> {
    return this.lab.serve(this.at, ready, program, ...words)
  }

  write(path: string, content: string | Buffer): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true })
    writeFileSync(join(this.folder, path), typeof content === 'string' ? bytes(content) : content)
  }

  /** Boots a node. What it loads must be genuine, whatever the servers did. */
  async boot({ append, room = '8m', retries = 2, early = ':' }: FaultBoot): Promise<NodeEnd> {
    this.#nodes += 1
    const ip = `ip=10.9.8.${this.#nodes}::${serverAddress}:255.255.0.0:node:eth0:none`
    const words = `${ip} retries=${retries} inherit= ${append}`
    const end = await this.lab.run({ cards: [this.at], append: words, early, after: afterNetwork(room) })
    const others = end.console.filter(line => line.startsWith('loads ') && line !== loads)
    assert.deepEqual(others, [], end.console.join('\n'))
    const told = end.console
      .map(line => (line === loads ? genuine : line.replace('aria2-initrd: ', '')))
      .filter(line => /^(download|verify|kexec): |not in this image|manifest/.test(line) || line === genuine)
      .filter(line => !/: (have|fetching) |by its content$|^download: \[#/.test(line))
    return { ...end, console: told }
  }
}

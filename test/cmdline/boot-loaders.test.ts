// The models of the boot loaders against the boot loaders: real iPXE, PXELINUX and GRUB bring lines to a kernel that
// says what it got.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Carrier } from '../../generator/kernel-command-line/carriers/carrier.ts'
import { grub } from '../../generator/kernel-command-line/carriers/grub.ts'
import { ipxe } from '../../generator/kernel-command-line/carriers/ipxe.ts'
import { pxelinux } from '../../generator/kernel-command-line/carriers/pxelinux.ts'
import { carry } from '../../generator/kernel-command-line/carry.ts'
import { cut } from '../../generator/kernel-command-line/cut.ts'
import { meaningOf } from '../../generator/kernel-command-line/meaning.ts'
import { needs } from '../support/needs.ts'
import { type BootServer, NetworkBoot } from './network-boot.ts'

const server = 'tftp://10.0.2.2'

/** A line that has to be written differently for each of them, and arrives everywhere. */
const hard =
  'kernel_url=http://10.0.0.1/vmlinuz+1,http://10.0.0.2/vmlinuz initrd_url=http://10.0.0.1/initrd.img ' +
  'url=http://10.0.0.1/a?b=c;d&e=f ds=nocloud-net;s=http://10.0.0.1/x/ a={b} c=<d> e=f#g h=~i* j=$k l=(m) n=[o] p=q|r ' +
  'aria2_options="--split=1 --timeout=60" next_kernel_params="root=x || \'y\' # ${z}  \\" "s=t u" BOOTIF=01-52-54-00-be-ef-01'

async function boots(server: BootServer, act: (boot: NetworkBoot) => Promise<void>): Promise<void> {
  const boot = new NetworkBoot(server)
  try {
    await act(boot)
  } finally {
    boot.stop()
  }
}

const whole = ({ before, line, after }: ReturnType<Carrier['deliver']>): string =>
  [before, line, after].filter(part => part !== '').join(' ')

/** What is written with no regard to the carrier comes out as its model says. */
async function agrees(boot: NetworkBoot, carrier: Carrier, text: string): Promise<void> {
  assert.is(await boot.kernelLine(text), whole(carrier.deliver(text)))
}

/** A line that was carried is what the kernel gets; the meaning is that of the line that was asked for. */
async function arrives(boot: NetworkBoot, carrier: Carrier, line: string): Promise<void> {
  const carried = carry(line, carrier.name)
  const got = await boot.kernelLine(carried.text)
  assert.is(got.length, whole(carried).length)
  assert.is(got, whole(carried))
  const { parameters, tail } = cut(got)
  const [first, last] = [carried.before, carried.after].map(words => cut(words).parameters.length)
  const ours = parameters.slice(first, parameters.length - (last ?? 0))
  assert.is(meaningOf({ parameters: ours, tail }), meaningOf(cut(line)))
}

/** A line as long as can arrive with what is added to it. */
const longLine = (carrier: Carrier): string => {
  const added = whole({ ...carrier.deliver(''), line: 'url=' })
  return `url=${'x'.repeat(carrier.longest - added.length)}`
}

const iPxeServer: BootServer = {
  files: {},
  bootFile: 'script.ipxe',
  script: 'script.ipxe',
  scriptFor: text => `#!ipxe\nkernel ${server}/vmlinuz ${text}\nboot\n`,
}

const withIpxe = needs(test, { 'qemu-system-x86_64': 'qemu-system-x86' })

withIpxe('iPXE: the model is right, hard lines arrive, and so does the longest', () =>
  boots(iPxeServer, async boot => {
    await agrees(boot, ipxe, `a  "b \t  c" 'd' \${nothing}e \${f\${g}h}i x;y &z $j {k} \\l m=#n #o || p`)
    await agrees(boot, ipxe, 'a b ; echo c')
    await arrives(boot, ipxe, hard)
    await arrives(boot, ipxe, longLine(ipxe))
    // iPXE of 2019 keeps one byte more than that of 2026.
    const { length } = await boot.kernelLine(`${longLine(ipxe)}yz`)
    assert.ok(length === ipxe.longest || length === ipxe.longest + 1, `${length} bytes arrived`)
  }),
)

withIpxe("iPXE: a line through boot-service's script", () =>
  boots(
    {
      ...iPxeServer,
      // Its script sets the params first; what it escapes is told by its model.
      scriptFor: text =>
        `#!ipxe\nset kernel ${server}/vmlinuz\nset params ${text}\nkernel \${kernel} \${params}\nboot\n`,
    },
    async boot => {
      const carried = carry(
        hard.replace(/ url=\S+| aria2_options="[^"]*"| "s=t u"| c=<d>/g, ''),
        'boot-service',
      )
      assert.is(await boot.kernelLine(carried.text), carried.line)
    },
  ),
)

const pxelinuxFile = '/usr/lib/PXELINUX/pxelinux.0'
const ldlinuxFile = '/usr/lib/syslinux/modules/bios/ldlinux.c32'

needs(test, {
  'qemu-system-x86_64': 'qemu-system-x86',
  [pxelinuxFile]: 'pxelinux',
  [ldlinuxFile]: 'syslinux-common',
})('PXELINUX: the model is right, hard lines arrive, and so does the longest', () =>
  boots(
    {
      files: {
        'pxelinux.0': readFileSync(pxelinuxFile),
        'ldlinux.c32': readFileSync(ldlinuxFile),
        'initrd.img': 'an initrd',
      },
      bootFile: 'pxelinux.0',
      script: 'pxelinux.cfg/default',
      scriptFor: text => `DEFAULT a\nLABEL a\nLINUX vmlinuz\nINITRD initrd.img\nAPPEND ${text}\n`,
    },
    async boot => {
      await agrees(boot, pxelinux, `  a  "b  c" 'd' \${e} x;y &z #f || g \\`)
      await arrives(boot, pxelinux, hard)
      await arrives(boot, pxelinux, longLine(pxelinux))
    },
  ),
)

const grubModules = '/usr/lib/grub/i386-pc/linux.mod'

needs(test, {
  'qemu-system-x86_64': 'qemu-system-x86',
  'grub-mkimage': 'grub-common',
  [grubModules]: 'grub-pc-bin',
})('GRUB: the model is right, hard lines arrive, and so does the longest', () => {
  const folder = mkdtempSync(join(tmpdir(), 'grub-'))
  const image = join(folder, 'grub.pxe')
  const start = join(folder, 'start.cfg')
  writeFileSync(start, 'set root=(tftp,10.0.2.2)\nsource /grub.cfg\n')
  const modules = ['pxe', 'tftp', 'linux', 'boot', 'configfile', 'regexp', 'echo']
  const { status, stderr } = spawnSync(
    'grub-mkimage',
    ['-O', 'i386-pc-pxe', '-p', '/', '-c', start, '-o', image, ...modules],
    { encoding: 'utf8' },
  )
  assert.is(status, 0, stderr)
  const files = { 'grub.pxe': readFileSync(image) }
  rmSync(folder, { recursive: true })
  return boots(
    { files, bootFile: 'grub.pxe', script: 'grub.cfg', scriptFor: text => `linux /vmlinuz ${text}\nboot\n` },
    async boot => {
      await agrees(
        boot,
        grub,
        `a  'b c' "d $x e \\$f \\g" \\;h 'k="x y"' l='m n' o="p" q\\r s* t'u'v w=\\x41 'x\\x41' y\${z}z b=#c 'a'"b"c; echo d`,
      )
      await arrives(boot, grub, hard.replace('initrd_url', 'ramdisk_url'))
      await arrives(boot, grub, longLine(grub))
    },
  )
})

test.run()

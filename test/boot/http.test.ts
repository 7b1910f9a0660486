import { copyFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import { writeNewc } from '../../generator/image/newc/newc-writer.ts'
import { type BootCase, declareBoots } from './boot-cases.ts'
import { startSite } from './site.ts'

const site = await startSite()
test.after(() => site.close())

const [kernel, initrd] = [site.url('vmlinuz'), site.url('initrd.img')]
const files = `kernel_url=${kernel} initrd_url=${initrd}`
const sha256 = (file: string) => site.digest('sha256', file)
const sha512 = (file: string) => site.digest('sha512', file)
/** The least that a second kernel needs for its line to be seen. */
const second = 'console=ttyS0 quiet no_timer_check'
const next = `next_kernel_params="${second}"`
/** All that a shell would take for its own; only the double quote cannot be in a quoted parameter. */
const hostile = `${second} a=1;b  c&d | 'e  f' $HOME $(reboot) \`halt\` * ? [x] \\n %s #g ~ ! {h,i} <j >k -l --m =`
const base64url = (text: string) => Buffer.from(text).toString('base64url')

const folders = ['kernel', 'kernel/x86', 'kernel/x86/microcode']
site.write(
  'z-microcode.cpio',
  await writeNewc([
    ...folders.map(path => ({ kind: 'directory' as const, path, mode: 0o755 })),
    { kind: 'file', path: 'kernel/x86/microcode/GenuineIntel.bin', mode: 0o644, content: Buffer.alloc(9000) },
  ]),
)

/** Bytes a second at which the kernel takes a quarter of a minute. */
const slow = Math.round(statSync(join(site.folder, 'vmlinuz')).size / 15)

/** The image as a payload of its own. */
copyFileSync(site.image.initrd, join(site.folder, 'first.img'))
const ofItself = `kernel_url=${kernel} initrd_url=${site.url('first.img')}`
const then = (line: string) => `next_kernel_params_b64=${base64url(line)}`

const cases: BootCase[] = [
  {
    name: 'kernel and initrd over HTTP into output_dir, both with their sha256; the second kernel gets its line byte for byte',
    append:
      `${files} kernel_sha=${sha256('vmlinuz')} initrd_sha=${sha256('initrd.img')} output_dir=/tmp/deep/er ` +
      `next_kernel_params="${hostile}"`,
    second: hostile,
    has: [
      /verify: \/tmp\/deep\/er\/kernel\/vmlinuz.*digest holds/,
      /verify: \/tmp\/deep\/er\/initrd-1\/initrd\.img.*digest holds/,
    ],
  },
  {
    name: 'sha512, in capitals, and the aliases ramdisk_url and ramdisk_sha; a long download says every 10 s how far it is',
    append:
      `kernel_url=${kernel} ramdisk_url=${initrd} kernel_sha=${sha512('vmlinuz').toUpperCase()} ` +
      `ramdisk_sha=${sha512('initrd.img')} ${next} aria2_options=--max-download-limit=${slow}`,
    second,
    has: [
      /verify: .*kernel.*digest holds/,
      /verify: .*initrd.*digest holds/,
      /^aria2-initrd: download: \[#\w+ [\d.]+MiB\/[\d.]+MiB\(\d+%\) CN:\d+ DL:[\d.]+KiB ETA:\d+s\]\r?$/m,
    ],
  },
  {
    name: 'the quote may also stand before the name, and what comes after a bare -- is not ours',
    append: `${files} "next_kernel_params=${second}  x" -- kernel_url=http://10.0.2.2:1/never`,
    second: `${second}  x`,
    not: ['http://10.0.2.2:1/never'],
  },
  {
    name: 'parameters in base64url carry double quotes, and win; a mirror that is dead is passed over',
    append:
      `kernel_url=http://10.0.2.2:1/vmlinuz,${kernel} initrd_url=${site.url('absent')},${initrd} ` +
      `next_kernel_params=lost next_kernel_params_b64=${base64url(`${second} a="b  c" d`)}`,
    second: `${second} a="b  c" d`,
    has: [
      /10\.0\.2\.2:1\/vmlinuz: .*Connection refused \(aria2 status 1\)/,
      `${site.url('absent')}: not found on the server`,
    ],
  },
  {
    name: 'url= with three files: the roles are found by content, microcode goes first; kexec_load, which is asked for',
    append: `url=${kernel},${initrd},${site.url('z-microcode.cpio')} kexec=load ${next}`,
    second,
    has: [
      /vmlinuz: kernel, by its content/,
      /initrd\.img: initrd, by its content/,
      /z-microcode\.cpio: microcode, which goes before the other initrds/,
    ],
  },
  {
    name: 'three phases: the image starts itself twice, by next_kernel_params_b64 in next_kernel_params_b64',
    append: `${ofItself} ${then(`${second} ${ofItself} ${then(`${second} ${files} ${next}`)}`)}`,
    second,
    has: [/starting \S+ with: boot_phase=2 /, /starting \S+ with: boot_phase=3 /],
    limit: 600,
  },
]

declareBoots(test, site, cases)
test.run()

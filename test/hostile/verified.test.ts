// Nothing unverified boots: digests, names that servers choose, leftovers of other servers, and who aria2c is.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { findProgram } from '../../generator/host/debian/host-packages.ts'
import { runCommand } from '../../generator/host/processes/run-command.ts'
import { shellPackages } from '../differential/shells.ts'
import { makeNodeRoot } from '../lab/node-root.ts'
import { both, failed } from '../scenarios/scenario.ts'
import { needs } from '../support/needs.ts'
import { initrd, kernel, sha256, sha512, zeros } from '../support/payload.ts'
import { declareInputs, type HostileInput } from './inputs.ts'
import { removeBench, type StageInput, stageInput } from './stage-run.ts'

const kernelSha = `kernel_sha=${sha256(kernel)}`
const initrdSha = `initrd_sha=${sha256(initrd)}`
const digests = `${kernelSha} ${initrdSha}`
const other = `070701${'evil'.repeat(25)}`

/** Address t gives these files. */
const torrent = (files: Record<string, string>) => ({ serve: { 'http://s/t': { files } } })
const withFiles = (files: Record<string, string>) => ({
  serve: { 'http://s/k': kernel, 'http://s/i': initrd, 'http://s/t': { files } },
})

const refused = (
  input: string,
  cmdline: string,
  says: StageInput['says'],
  world?: StageInput['world'],
): StageInput => ({
  ...{ input, cmdline, says, end: failed, never: 'kexec: starting', expected: 'does not boot; says why' },
  ...(world === undefined ? {} : { world }),
})
const noDigest = (input: string, given: string) =>
  refused(input, `${both} ${given}`, ': not a digest; use 64 (sha256) or 128 (sha512) hex digits')
const harmless = (
  input: string,
  cmdline: string,
  world: NonNullable<StageInput['world']>,
  joined: string = initrd,
): StageInput => ({
  ...{ input, cmdline, world, initrd: joined, end: 'kexec' },
  ...{ says: 'kexec: starting', expected: 'boots what was asked for, and nothing else' },
})

/** As joinInitrds pads them. */
const padded = (text: string): string => text + '\0'.repeat((4 - (text.length % 4)) % 4)

const stageInputs: StageInput[] = [
  refused(
    'torrent with zz.img more than there are digests',
    `url=http://s/t ${digests}`,
    '/tmp/url-1/zz.img: no initrd_sha=; once one digest is given, every booted file needs one',
    torrent({ vmlinuz: kernel, 'initrd.img': initrd, 'zz.img': other }),
  ),
  refused(
    'torrent with aa.img before the initrd',
    `url=http://s/t ${digests}`,
    '/tmp/url-1/aa.img: wrong digest',
    torrent({ vmlinuz: kernel, 'initrd.img': initrd, 'aa.img': other }),
  ),
  refused(
    'torrent with kernel_sha alone and an initrd',
    `url=http://s/t ${kernelSha}`,
    'no initrd_sha=',
    torrent({ vmlinuz: kernel, 'zz.img': other }),
  ),
  refused('initrd_url without a digest beside kernel_sha', `${both} ${kernelSha}`, 'no initrd_sha='),
  refused('kernel_url without a digest beside initrd_sha', `${both} ${initrdSha}`, 'no kernel_sha='),
  refused(
    'two initrd_url and one initrd_sha',
    `${both} initrd_url=http://s/k ${digests}`,
    '/tmp/initrd-2/k: no initrd_sha=',
  ),
  refused('more initrd_sha than initrds', `${both} ${digests} ${initrdSha}`, 'more initrd_sha= than initrds'),
  refused(
    'kernel_sha, and no kernel among the files',
    `url=http://s/i ${kernelSha}`,
    'no kernel was downloaded',
  ),
  noDigest('kernel_sha=', 'kernel_sha='),
  noDigest('kernel_sha without a value', 'kernel_sha'),
  noDigest('kernel_sha=""', 'kernel_sha=""'),
  noDigest('a good kernel_sha, then an empty one', `${kernelSha} kernel_sha=`),
  noDigest('initrd_sha=', `${kernelSha} initrd_sha=`),
  noDigest('initrd_sha without a value', `${kernelSha} initrd_sha`),
  noDigest('ramdisk_sha=', `${kernelSha} ramdisk_sha=`),
  noDigest('a good initrd_sha, then an empty one', `${digests} initrd_sha=`),
  noDigest('kernel_sha of 63 digits', `kernel_sha=${zeros(63)}`),
  noDigest('kernel_sha of 65 digits', `kernel_sha=${zeros(65)}`),
  noDigest('kernel_sha of 64 characters, one of them g', `kernel_sha=${zeros(63)}g`),
  noDigest('kernel_sha of md5', `kernel_sha=${zeros(32)}`),
  noDigest('initrd_sha with a blank at its end', `initrd_sha="${zeros(64)} "`),
  refused(
    'a wrong kernel_sha',
    `${both} kernel_sha=${zeros(64)} ${initrdSha}`,
    '/tmp/kernel/k: wrong digest',
  ),
  refused(
    'a wrong initrd_sha',
    `${both} ${kernelSha} initrd_sha=${zeros(128)}`,
    '/tmp/initrd-1/i: wrong digest',
  ),
  refused(
    'torrent with two kernels',
    `url=http://s/t ${digests}`,
    'two kernels',
    torrent({ vmlinuz: kernel, 'vmlinuz-2': kernel, 'initrd.img': initrd }),
  ),
  {
    ...harmless('torrent with an image that has no digest', `url=http://s/t ${digests}`, {
      ...torrent({ vmlinuz: kernel, 'initrd.img': initrd, 'root.squashfs': 'hsqs' }),
    }),
    ...{
      says: '1 images have no digest: not verified, not booted',
      expected: 'boots; says that the image was not checked',
    },
  },
  {
    ...harmless('no digest at all', both, {}),
    ...{ says: 'no digest given: files are not verified', expected: 'boots; says so, once' },
  },
  harmless(
    'sha512 in capital letters',
    `${both} kernel_sha=${sha512(kernel).toUpperCase()} ${initrdSha}`,
    {},
  ),
  harmless(
    'url= gives a file called initrds, the name of the joined ones',
    `url=http://s/t ${both} initrd_url=http://s/i ${digests} ${initrdSha}`,
    withFiles({ initrds: other }),
    padded(initrd) + padded(initrd),
  ),
  harmless(
    'a kernel called initrds',
    `kernel_url=http://s/t initrd_url=http://s/i initrd_url=http://s/i ${digests} ${initrdSha}`,
    withFiles({ initrds: kernel }),
    padded(initrd) + padded(initrd),
  ),
  harmless(
    'url= gives a folder initrd-2',
    `url=http://s/t ${both} ${digests}`,
    withFiles({ 'initrd-2/x': other }),
  ),
  harmless(
    'url= gives a folder initrd-1',
    `url=http://s/t ${both} ${digests}`,
    withFiles({ 'initrd-1/i': other }),
  ),
  harmless('url= gives kernel/k', `url=http://s/t ${both} ${digests}`, withFiles({ 'kernel/k': other })),
  harmless(
    'url= gives incoming/kernel/k and url-1',
    `url=http://s/t ${both} ${digests}`,
    withFiles({ 'incoming/kernel/k': other, 'url-1': other }),
  ),
  harmless('two addresses whose files have one name', 'url=http://s/x,http://t/x', {
    serve: { 'http://s/x': kernel, 'http://t/x': initrd },
  }),
  harmless(
    'kernel_url and initrd_url whose files have one name',
    'kernel_url=http://s/x initrd_url=http://t/x',
    {
      serve: { 'http://s/x': kernel, 'http://t/x': initrd },
    },
  ),
  harmless(
    'a mirror that leaves half of the file',
    'kernel_url=http://a/k,http://s/k initrd_url=http://s/i',
    {
      serve: {
        'http://a/k': { files: { k: 'half', 'k.aria2': 'control' }, status: 1 },
        'http://s/k': kernel,
        'http://s/i': initrd,
      },
    },
  ),
  harmless('a mirror that leaves another file', 'kernel_url=http://a/k,http://s/k initrd_url=http://s/i', {
    serve: { 'http://a/k': { files: { other }, status: 7 }, 'http://s/k': kernel, 'http://s/i': initrd },
  }),
  harmless('status 8: the server ignores ranges', `${both} ${digests}`, {
    serve: {
      'http://s/k': [{ files: { k: 'half', 'k.aria2': 'x' }, status: 1 }, { status: 8 }, kernel],
      'http://s/i': initrd,
    },
  }),
  harmless('a torrent that comes in two halves from the same swarm', `url=magnet:?a ${digests}`, {
    serve: {
      'magnet:?a': [{ files: { vmlinuz: 'half' }, status: 7 }, { files: { vmlinuz: kernel, initrd } }],
    },
  }),
  harmless(
    'a swarm that leaves half a file, then a mirror',
    'kernel_url=magnet:?a,http://s/k initrd_url=http://s/i',
    {
      serve: { 'magnet:?a': { files: { k2: other }, status: 7 }, 'http://s/k': kernel, 'http://s/i': initrd },
    },
  ),
  refused(
    'kernel_url that gives two files',
    `kernel_url=http://s/t ${kernelSha}`,
    '/tmp/kernel: more than one file',
    torrent({ vmlinuz: kernel, 'zz.img': other }),
  ),
  harmless(
    'names with newlines that look like paths of ours',
    `url=http://s/t ${digests}`,
    torrent({ vmlinuz: kernel, 'initrd.img': initrd, 'a\n/tmp/url-1/vmlinuz': other, '\n': other }),
  ),
  harmless(
    'a folder with ESC in its name',
    `url=http://s/t ${digests}`,
    torrent({ vmlinuz: kernel, 'initrd.img': initrd, '\x1b[2J/zz.img': other }),
  ),
]
const inputs: HostileInput[] = stageInputs.map(stageInput)

// ---- what a taken-over aria2c could do, in the image's own root

const work = mkdtempSync(join(tmpdir(), 'hostile-verified-'))
test.after(() => rmSync(work, { recursive: true, force: true }))
test.after(removeBench)
const program = (name: string): string => findProgram(name) ?? name

let roots = 0
/** Runs a script with the functions of /init in the image's root; `aria2c` is what it says. */
async function inImage(aria2c: string, script: string): Promise<string> {
  roots += 1
  const root = join(work, `root-${roots}`)
  const fake = join(work, `aria2c-${roots}`)
  writeFileSync(fake, `#!/bin/sh\n${aria2c}\n`, { mode: 0o755 })
  await makeNodeRoot(root, { cmdline: '', aria2c: fake })
  // The lab's own aria2c would come before it.
  rmSync(join(root, 'usr/sbin/aria2c'))
  writeFileSync(join(root, 'dev/null'), '')
  chmodSync(join(root, 'dev/null'), 0o666)
  chmodSync(join(root, 'tmp'), 0o755)
  const prelude = '. /lab/functions; trap - EXIT; make_incoming /tmp/incoming/kernel || exit'
  const { status, output } = await runCommand(program('unshare'), [
    ...['--net', '--mount', '--pid', '--ipc', '--fork', '--kill-child', '--'],
    ...[
      program('chroot'),
      root,
      '/bin/busybox',
      'sh',
      '-c',
      `mount -t proc proc /proc\n${prelude}\n${script}`,
    ],
  ])
  assert.is(status, 0, output)
  return output.trim().replaceAll('\n', '; ')
}

/** What aria2c did, what the script shows, and what it must show. */
const taken = (
  input: string,
  expected: string,
  aria2c: string,
  show: string,
  right: string,
): HostileInput => ({
  ...{ input, expected, run: 'namespaces' },
  async see() {
    const script = `unprivileged_aria2c 60 || exit\ntake_over /tmp/incoming/kernel /tmp/kernel || exit\ncd /tmp/kernel\n${show}`
    const seen = await inImage(`cd /tmp/incoming/kernel\n${aria2c}`, script)
    assert.is(seen, right)
    return seen
  },
})
const list = "find . ! -name . -exec stat -c '%n %U %a %F' {} + | sort"
/** How many processes of aria2c's user are left; those that ended and nobody asked for do not count. */
const alive = 'ps -o user,stat,args | grep "^aria2" | grep -vc " Z" || :'
const leftOut =
  'aria2-initrd: start: /tmp/kernel: removed files with control characters in their names, or not regular'

inputs.push(
  taken(
    'aria2c looks who it is',
    'its own user, no capabilities, no new privileges',
    "grep -E '^(Uid|Gid|Groups|CapPrm|CapEff|NoNewPrivs)' /proc/self/status >who",
    "tr '\\t\\n' '  ' <who | tr -s ' '",
    'Uid: 700 700 700 700 Gid: 700 700 700 700 Groups: 700 CapPrm: 0000000000000000 CapEff: 0000000000000000 NoNewPrivs: 1',
  ),
  taken(
    'aria2c writes to /, /etc, /tmp, /run, /usr/bin, /lab and the place of another file',
    'it cannot',
    'for d in / /etc /tmp /tmp/incoming /run /usr/bin /lab; do (: >"$d/evil") 2>/dev/null && echo "$d" >>done; done; echo end >>done',
    'cat done',
    'end',
  ),
  taken(
    'aria2c reads what is in the memory of /init',
    'it cannot',
    '(cat /proc/1/environ /proc/1/mem >x) 2>/dev/null; rm -f x; (kill -9 1) 2>/dev/null || echo no >k',
    'cat k',
    'no',
  ),
  taken(
    'aria2c leaves a symbolic link to /etc/passwd',
    'left out',
    'ln -s /etc/passwd k; echo good >good',
    list,
    `${leftOut}; ./good root 644 regular file`,
  ),
  taken(
    'aria2c leaves a FIFO',
    'left out',
    'mkfifo k 2>/dev/null || mknod k p; echo good >good',
    list,
    `${leftOut}; ./good root 644 regular file`,
  ),
  taken(
    'aria2c leaves a setuid program and an odd mode',
    "root's, and no setuid bit",
    'echo k >k; chmod 6777 k; mkdir d; echo x >d/x; chmod 0 d/x; chmod 1700 d',
    list,
    './d root 755 directory; ./d/x root 644 regular file; ./k root 644 regular file',
  ),
  taken(
    'aria2c leaves a process that writes later',
    'it is killed before the file is taken',
    'echo good >k; (exec 3>>k; sleep 2; echo evil >&3; sleep 60) & exit 0',
    `sleep 3; cat k; ${alive}`,
    'good; 0',
  ),
  taken(
    'aria2c leaves a process that ignores TERM and forks',
    'none is left',
    'trap "" TERM HUP; (trap "" TERM; while :; do sleep 1; done) & (while :; do sleep 1; done) & exit 0',
    alive,
    '0',
  ),
  taken(
    'aria2c leaves a name with a newline',
    'left out',
    'echo x >"a\nb"; mkdir "d\x1b"; echo x >"d\x1b/x"; echo good >good',
    list,
    `${leftOut}; ./good root 644 regular file`,
  ),
)

const declare = needs(test, { ...shellPackages, chroot: 'coreutils', unshare: 'util-linux' }, true)
declareInputs(test, 'verified', inputs, declare)
test.run()

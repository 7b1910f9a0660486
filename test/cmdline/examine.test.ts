// What is told of a command line: the plan, and each thing that is wrong or doubtful.
import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Examination, examine } from '../../generator/kernel-command-line/examine.ts'
import { misspelt } from '../../generator/kernel-command-line/known-names.ts'
import { examinationText } from '../../generator/kernel-command-line/report.ts'
import { declaredParameters } from '../../generator/simulator/boot-program.ts'
import { sha256, sha512, zeros } from '../support/payload.ts'

const both = 'kernel_url=http://10.0.0.1/k initrd_url=http://10.0.0.1/i'
const whole = `${both} kernel_sha=${zeros(64)} initrd_sha=${zeros(64)} next_kernel_params="root=x"`

const findings = (line: string, limit?: number): string =>
  examine(line, limit)
    .findings.map(({ severity, text }) => `${severity}: ${text}\n`)
    .join('')

function planned(line: string): NonNullable<Examination['plan']> {
  const { plan } = examine(line)
  if (plan === undefined) throw new Error('there is no plan')
  return plan
}

/** The line has this fault; without it, or with it put right, it has none. */
function tells(name: string, line: string, finding: string | RegExp, right = whole): void {
  test(name, () => {
    assert.match(findings(line), finding)
    assert.is(findings(right), '')
  })
}

// ---- the plan

test('files, mirrors in order, digests, and the next line to the letter', () => {
  const { files, nextLine } = planned(
    `kernel_url=http://10.0.0.1/k,http://10.0.0.2/k kernel_sha=${sha256('k').toUpperCase()} initrd_url=http://10.0.0.1/a ` +
      `initrd_url=http://10.0.0.1/b initrd_sha=sha512:${sha512('a')} initrd_sha=${zeros(64)} next_kernel_params="a  'b' ds=nocloud;s=x"`,
  )
  assert.equal(files, [
    {
      role: 'kernel',
      addresses: ['http://10.0.0.1/k', 'http://10.0.0.2/k'],
      kind: 'file',
      check: 'sha256',
    },
    { role: 'initrd', addresses: ['http://10.0.0.1/a'], kind: 'file', check: 'sha512' },
    { role: 'initrd', addresses: ['http://10.0.0.1/b'], kind: 'file', check: 'sha256' },
  ])
  assert.is(nextLine, "a  'b' ds=nocloud;s=x")
})

test('a torrent, a Metalink, a magnet link and a file; roles by what is in them', () => {
  const { files } = planned(
    'url=http://10.0.0.1/a.torrent,http://10.0.0.1/a.meta4,magnet:?xt=urn:btih:aa,http://10.0.0.1/root.img',
  )
  assert.equal(
    files.map(({ kind }) => kind),
    ['torrent', 'Metalink', 'magnet link', 'file'],
  )
  assert.ok(files.every(({ role, check }) => role === 'by its content' && check === 'none'))
  assert.is(planned(`url=http://10.0.0.1/a.torrent kernel_sha=${zeros(64)}`).files[0]?.check, 'sha256')
  assert.is(planned(`${both} url=http://10.0.0.1/root.img`).files[0]?.role, 'none')
})

test('base64url gives the next line too', () => {
  assert.is(planned(`${both} next_kernel_params_b64=cm9vdD14`).nextLine, 'root=x')
})

test('DHCP, a static address, no address; which interface', () => {
  const network = (line: string) => {
    const { network: found } = planned(`${both} ${line}`)
    if (found === undefined) throw new Error(`${line}: the boot ends before the network`)
    return found
  }
  assert.equal(network(''), {
    means: ['DHCP'],
    interface: 'all wired interfaces at once',
    address: '',
    gateway: '',
    nameServers: ['those that DHCP gives'],
    assumed: [],
  })
  assert.equal(network('ip=10.0.0.5::10.0.0.1:255.255.255.0:n1:eno1:none:10.0.0.53 nameserver=10.0.0.54'), {
    means: ['static'],
    interface: 'eno1',
    address: '10.0.0.5/24',
    gateway: '10.0.0.1',
    nameServers: ['10.0.0.54', '10.0.0.53'],
    assumed: ['eno1'],
  })
  assert.equal(network('bond=bond0:eno1,eno2 vlan=bond0.5:bond0 ip=bond0.5:dhcp').assumed, ['eno1', 'eno2'])
  assert.equal(network('ifname=net0:52:54:00:00:00:0A ip=net0:dhcp').assumed, ['a card 52:54:00:00:00:0a'])
  assert.is(network('ip=eth7:dhcp').interface, 'eth7')
  assert.is(
    network('BOOTIF=01-52-54-00-BE-EF-01').interface,
    'the interface with the hardware address 52:54:00:be:ef:01',
  )
  assert.equal(network('ip=off').means, [])
  assert.equal(network('rd.peerdns=0').nameServers, [])
})

test('the way it ends', () => {
  const { retries, onFailure, failureDelay, onComplete } = planned(
    `${both} retries=3 on_failure=poweroff failure_delay=7 on_complete=halt`,
  )
  assert.equal([retries, onFailure, failureDelay, onComplete], [3, 'poweroff', 7, 'halt'])
})

test('a line that gets its kernel from what is in a file ends well either way', () => {
  assert.is(findings('url=http://10.0.0.1/anything next_kernel_params=x'), '')
  const { nextLine, hasKernel } = planned('url=http://10.0.0.1/anything next_kernel_params="a b"')
  assert.equal([nextLine, hasKernel], ['a b', false])
  assert.is(planned('ip=dhcp').nextLine, undefined)
})

/** The lines of the report from `start` on, without those that say what follows a failure. */
const start = (line: string): string =>
  /^start {5}(.*\n(?: {10}.*\n)*)/m.exec(examinationText(examine(line)))?.[1] ?? ''
const at = 'http://10.0.0.1'

test('a root without a second kernel, also one that a hash tree proves', () => {
  const proof = `boot=switch_root roothash=${zeros(64)}`
  for (const line of [
    `url=${at}/boot/root.squashfs boot=switch_root rd.overlay=tmpfs:size=50%`,
    `url=${at}/vmlinuz,${at}/initrd.img,${at}/node.erofs boot=switch_root`,
    `url=${at}/root.torrent boot=switch_root`,
    `url=${at}/root.squashfs ${proof}`,
    `url=${at}/root.verity,${at}/root.squashfs ${proof}`,
    `url=${at}/root.torrent ${proof}`,
    `url=${at}/root.squashfs boot=switch_root sha=${zeros(64)}`,
  ]) {
    assert.is(findings(line), '', line)
    assert.is(planned(line).start, 'switch_root', line)
    assert.is(planned(line).nextLine, undefined, line)
    assert.match(start(line), 'of the root among the files (boot=switch_root)')
  }
  assert.match(
    examinationText(examine(`url=${at}/r.squashfs ${proof}`)),
    'whether it is the root; the root is held against roothash=',
  )
  assert.match(findings(`url=${at}/a.squashfs,${at}/b.squashfs boot=switch_root`), 'several images')
  assert.match(findings(`url=${at}/vmlinuz boot=switch_root`), 'no image is among the files')
  assert.match(findings(`${whole} roothash=${zeros(64)}`), 'roothash= needs boot=switch_root')
})

test('what a cache cannot keep is named', () => {
  const digest = `kernel_sha=${zeros(64)}`
  const notKept = (line: string) =>
    (findings(`cache=LABEL=x ${line}`).match(/without a digest cache=/g) ?? []).length
  assert.is(notKept(`kernel_url=${at}/k initrd_url=${at}/i ${digest}`), 1)
  assert.is(notKept(`url=${at}/n.torrent,${at}/k,${at}/i`), 2)
  assert.is(notKept(`url=${at}/k,${at}/i ${digest}`), 2, 'the role of each is known later')
  assert.is(notKept(`url=${at}/k,${at}/i sha256sums=${at}/SUMS`), 0)
  assert.is(notKept(`url=magnet:?xt=urn:btih:${zeros(40)}`), 1)
  assert.match(findings(`cache=x url=${at}/k`), 'the boot fails: cache=x: not LABEL=')
})

test('boot=none starts nothing', () => {
  const line = `url=${at}/vmlinuz boot=none on_complete=poweroff`
  assert.equal([findings(line), planned(line).start], ['', 'none'])
  assert.is(start(line), 'nothing (boot=none): poweroff (on_complete)\n')
})

test('digests of the files of url=, and lists of them', () => {
  for (const [more, check] of [
    [`sha=${zeros(64)} sha=${zeros(64)}`, 'sha256'],
    [`sha=sha512:${zeros(128)} sha=sha512:${zeros(128)}`, 'sha512'],
    [`sha256sums=${at}/SHA256SUMS`, 'sha256'],
  ] as const) {
    const line = `url=${at}/vmlinuz,${at}/initrd.img ${more} next_kernel_params=x`
    assert.is(findings(line), '', line)
    assert.ok(
      planned(line).files.every(each => each.check === check && each.checked === 'each'),
      line,
    )
    assert.not.match(examinationText(examine(line)), 'NOT CHECKED')
    assert.match(examinationText(examine(line)), `kernel and initrd; its ${check} is checked`)
  }
})

test('a signed manifest says what boots, and from where', () => {
  for (const [line, files] of [
    [`manifest=${at}/boot/node.manifest`, 0],
    [`manifest=${at}/a/node.manifest,http://10.0.0.2/b/node.manifest?x=1 min_serial=9`, 0],
    [`manifest=${at}/a/node.manifest url=${at}/a.torrent`, 1],
    [`manifest=${at}/a/node.manifest url=${at}/vmlinuz,${at}/initrd.img`, 2],
    [`manifest=${at}/a/node.manifest kernel_url=${at}/k initrd_url=${at}/i initrd_url=${at}/j`, 3],
  ] as const) {
    assert.is(findings(line), '', line)
    assert.equal([planned(line).start, planned(line).files.length], ['kexec', files], line)
    assert.ok(
      planned(line).files.every(({ check }) => check === 'sha256'),
      line,
    )
    const text = examinationText(examine(line))
    assert.match(text, `manifest  ${planned(line).manifest[0]}\n`)
    assert.not.match(text, /rehearsal|NOT CHECKED/, line)
    assert.is(
      start(line),
      'what the manifest says: its kernel by kexec, or its root; with the command line that stands there\n',
    )
  }
  assert.match(findings(`manifest=${at}/m kernel_sha=${zeros(64)}`), 'are for the manifest to say')
  for (const more of ['boot=switch_root', 'rd.overlay=tmpfs', `roothash=${zeros(64)}`])
    assert.match(findings(`manifest=${at}/m ${more}`), 'for the manifest to say', more)
  assert.match(findings('manifest=http://boot.example/m'), 'a name server has to know this')
})

test('a signed manifest may start a root, where the files come from elsewhere', () => {
  for (const files of [`${at}/root.squashfs`, `${at}/root.erofs,${at}/root.verity`]) {
    const line = `manifest=${at}/node.manifest url=${files}`
    assert.is(findings(line), '', line)
    assert.is(planned(line).start, 'switch_root')
    assert.is(start(line), "/sbin/init of the manifest's root, with the command line that stands there\n")
    assert.not.match(examinationText(examine(line)), /rehearsal|NOT CHECKED/)
  }
})

test('a root that sees next_kernel_params= as its command line', () => {
  const line = `console=ttyS0 url=${at}/r.squashfs boot=switch_root next_kernel_params="quiet x=1"`
  assert.is(findings(line), '')
  assert.match(start(line), 'which sees this command line:\n            console=ttyS0 quiet x=1\n')
})

// ---- what the stages object to

tells('nothing to fetch', 'ip=dhcp', 'error: the boot fails: nothing to fetch')
tells(
  'a value that is not taken',
  `${whole} retries=often`,
  'warning: retries=often: ignored; expected a whole number',
)
tells('a flag with a value', `${whole} debug=1`, 'warning: debug=1: ignored; expected no value')
tells(
  'a choice that there is not',
  `${whole} on_failure=cry`,
  'warning: on_failure=cry: ignored; expected one of reboot, shell',
)
tells(
  'an address of no kind',
  'url=tftp://10.0.0.1/a',
  "error: the boot fails: 'tftp://10.0.0.1/a' is not a supported URL",
)
tells(
  'an option that is refused',
  `${whole} aria2_options=--dir=/x`,
  'error: the boot fails: aria2_options: --dir',
)
tells(
  'what is no base64url',
  `${both} next_kernel_params_b64=a+b`,
  'error: the boot fails: not valid base64url',
)
tells('a digest too short', `${both} kernel_sha=abc`, 'error: the boot fails: kernel_sha=abc: not a digest')
tells('an empty digest', `${both} kernel_sha=`, 'error: the boot fails: kernel_sha=(empty): not a digest')
tells(
  'a digest without a value',
  `${both} initrd_sha`,
  'error: the boot fails: initrd_sha=(empty): not a digest',
)
tells(
  'an initrd without a digest',
  `${both} kernel_sha=${zeros(64)}`,
  'error: the boot fails: /tmp/initrd-1/i: no initrd_sha=; once one digest is given',
)
tells(
  'a torrent with one digest',
  `url=http://10.0.0.1/x.torrent kernel_sha=${zeros(64)}`,
  'warning: kernel_sha without initrd_sha',
)
tells(
  '32 names that the kernel does not know',
  `${both} ${Array.from({ length: 30 }, (_, n) => `x${n}=y`).join(' ')}`,
  'error: it has 32 names with a value that the kernel does not know',
)
tells(
  '33 words that the kernel does not know',
  `${both} ${Array.from({ length: 33 }, (_, n) => `x${n}`).join(' ')}`,
  'error: it has 33 words without a value that the kernel does not know',
)
tells(
  '33 words after --',
  `${both} -- ${Array.from({ length: 33 }, (_, n) => `x${n}`).join(' ')}`,
  'error: it has 33 words',
)
tells(
  'more digests than initrds',
  `${whole} initrd_sha=${zeros(64)}`,
  'error: the boot fails: more initrd_sha= than initrds',
)
tells(
  'a static address without a mask',
  `${whole} ip=10.0.0.5:::::eth0:none`,
  'error: the boot fails: ip=10.0.0.5',
)

// ---- the text

test('longer than the kernel keeps: what is lost is shown', () => {
  const line = `${whole} ${'x'.repeat(2047 - whole.length - 1)}`
  assert.is(line.length, 2047)
  assert.is(findings(line), '')
  assert.match(findings(`${line}yz`), 'error: it is 2049 bytes long, and the kernel keeps 2047: lost is "yz"')
  assert.match(findings(whole, 128), 'and the kernel keeps 127')
  // /init does not see what is lost: here the initrd's address.
  assert.not.match(JSON.stringify(examine(whole, 40).plan?.files), 'initrd')
})

test('bytes are counted, not letters', () => {
  assert.is(examine('a=é').length, 4)
})

tells('not ASCII', `${whole} a=é`, 'warning: it is not all ASCII')
tells('the byte 0xA0, as UTF-8 has it in à', `${whole} a=à`, 'warning: it holds the byte 0xA0')
tells(
  'parameters after --',
  `${whole} -- url=x quiet`,
  'error: url: stands after a bare --',
  `${whole} -- quiet`,
)
tells(
  'single quotes',
  `${whole} a='b c'`,
  'warning: a: single quotes mean nothing here',
  `${whole} a="'b c'"`,
)
tells(
  'a double quote that does not end',
  `${whole} a="b c`,
  'error: a double quote does not end: all from a="b c on',
)

// ---- names

tells(
  'a misspelt name',
  `${whole} kernel_ulr=x`,
  'warning: kernel_ulr: /init does not know it; kernel_url is meant?',
)
tells('a name in the wrong case', `${whole} bootif=01-02`, 'bootif: /init does not know it; BOOTIF is meant?')
tells(
  'a name with a dash',
  `${whole} initrd-sha=x`,
  'initrd-sha: /init does not know it; initrd_sha is meant?',
)
tells(
  "dracut's network names that /init does not know",
  `${whole} bridge=br0:eth0`,
  'warning: bridge=br0:eth0: dracut would set this up',
)

test('what belongs to the kernel or to others is no mistake', () => {
  const others =
    'root=live:http://x/y ro rw quiet ip6=off init=/x initrd=a.img panic=5 nomodeset console=ttyS0,115200n8 selinux=0 ' +
    'rd.shell rd.neednet=1 systemd.unified_cgroup_hierarchy=1 BOOT_IMAGE=/k overlayroot=tmpfs ds=nocloud-net;s=http://h/ ' +
    'xname=x0 nid=1 wwid=x wwinit.uri=http://x XCAT=10.0.0.1:3001 NODE=cn01 imgurl=http://x/y cloud-init=enabled net.ifnames=0'
  assert.is(findings(`${whole} ${others}`), '')
  const { others: told, ours } = examine(`${whole} ${others}`)
  assert.is(told.map(({ word }) => word).join(' '), others)
  assert.is(ours.length, 5)
})

test('the nearest name', () => {
  assert.is(misspelt('next_kernel_param'), 'next_kernel_params')
  assert.is(misspelt('seedtime'), 'seed_time')
  assert.is(misspelt('ramdisk_uri'), 'ramdisk_url')
  for (const name of ['url', 'root', 'ids', 'nid', 'foo', 'kernel', 'debugfs', 'resume'])
    assert.is(misspelt(name), undefined)
})

// ---- parameters

tells(
  'next_kernel_params without quotes',
  `${both} next_kernel_params=root=x quiet ro initrd_sha=${zeros(64)} splash`,
  'next_kernel_params is not quoted: quiet ro is for this kernel; for the next one write next_kernel_params="root=x ..."',
  `${both} next_kernel_params=root=x`,
)
tells(
  'both forms of the next line',
  `${both} next_kernel_params_b64=cm9vdD14 next_kernel_params="a b"`,
  'next_kernel_params and next_kernel_params_b64 are both given: the latter counts',
)
tells('an empty next line', both, 'warning: the next kernel gets an empty command line')
tells(
  'a name twice',
  `${whole} retries=1 retries=2`,
  'retries is given several times: the last one counts',
  `${whole} retries=1 retries=1`,
)
tells('no initrd', 'kernel_url=http://10.0.0.1/k next_kernel_params=x', 'there is no initrd_url')
tells(
  'an initrd alone',
  `initrd_url=http://10.0.0.1/i url=http://10.0.0.1/a`,
  'initrd_url without kernel_url',
)
tells(
  'a kernel from a torrent',
  `${whole} kernel_url=http://10.0.0.1/k.torrent`,
  'it must hold one file only',
)
tells(
  'a digest that is not hex',
  `${both} kernel_sha=${'x'.repeat(64)}`,
  `kernel_sha=${'x'.repeat(64)}: not a digest; use 64 (sha256)`,
)
tells(
  'fewer digests than initrds',
  `${whole} initrd_url=http://10.0.0.1/j`,
  'initrd_sha is given 1 times for 2 initrds',
)
tells(
  'a host that is a name',
  `${whole} url=http://boot:80/a`,
  'warning: boot: a name server has to know this',
)
tells(
  'a name without a name server',
  `${whole} url=http://u@boot.example/a ip=10.0.0.5::10.0.0.1:24::eth0:none`,
  'error: boot.example: there is no name server to ask',
)
tells('https', `${whole} url=https://10.0.0.1/a`, 'warning: https fails on a machine whose clock is wrong')
tells(
  'seeding without a torrent',
  `${whole} seed_time=5 tracker=http://10.0.0.1/`,
  'seed_time, tracker: nothing is fetched by BitTorrent',
)
tells(
  'no seeding',
  `url=http://10.0.0.1/a.torrent next_kernel_params=x seed_time=0`,
  'seed_time=0: a node gives nothing',
)
tells(
  'long seeding',
  `url=http://10.0.0.1/a.torrent next_kernel_params=x seed_time=3600`,
  'the next kernel may wait as many seconds',
)
tells('tries for ever', `${whole} retries=0`, 'retries=0: a wrong address is tried for ever')
tells('no time to read', `${whole} failure_delay=0`, 'failure_delay=0: a machine that fails leaves no time')

// ---- any line

const anyName = fc.constantFrom(...declaredParameters().map(({ name }) => name), 'root', 'x', '')
const anyValue = fc.oneof(
  fc.constantFrom(
    'http://10.0.0.1/k',
    'http://h/a.torrent,magnet:?x',
    'dhcp',
    'eth0:dhcp',
    '10.0.0.5::10.0.0.1:24::eth1:none',
    '0',
    'yes',
    '=',
    '"',
    '::',
    ',',
    '/tmp',
    '--dir=/',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }).map(text => text.replaceAll('\0', '')),
)
const anyLine = fc
  .array(
    fc
      .tuple(anyName, anyValue, fc.constantFrom('', '"'))
      .map(([name, value, quote]) => `${name}=${quote}${value}${quote}`),
    { maxLength: 8 },
  )
  .map(words => words.join(' '))

test('any line gets an answer, with a plan or with the reason that there is none', () => {
  fc.assert(
    fc.property(anyLine, line => {
      const examination = examine(line)
      const failed = examination.findings.some(({ severity }) => severity === 'error')
      assert.ok(failed || examination.plan?.nextLine !== undefined)
      assert.not.match(examinationText(examination).replaceAll('\n', ''), /\p{Cc}/u)
    }),
    { seed: Number(process.env.SEED ?? 20260), numRuns: 300 },
  )
})

test.run()

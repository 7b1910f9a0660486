// Functions of /init with values that nobody chose: the same under every shell as on the simulator.
//   SEED=7 npm test -- properties     other values
//   RUNS=5 npm test -- properties     five times as many
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { declaredParameters } from '../../generator/simulator/boot-program.ts'
import { needs } from '../support/needs.ts'
import { gzipped, initrd, kernel, sha256, xz, xzipped } from '../support/payload.ts'
import { makeBench } from './boots.ts'
import { type Case, compareCases } from './cases.ts'
import { captured, fileName, text } from './hostile.ts'
import { shellPackages, shells } from './shells.ts'

const seed = Number(process.env.SEED ?? 20261122)
const times = Number(process.env.RUNS ?? 1)
const caseTest = needs(test, { ...shellPackages, chroot: 'coreutils' }, true)
/** With all parts: each parameter that is declared can be read. */
const bench = process.getuid?.() === 0 ? await makeBench(shells(), [], []) : undefined
let total = 0

/** All cases in one start of each shell; where one differs, smaller ones until the smallest is found. */
function holds(name: string, count: number, arbitrary: fc.Arbitrary<Case>): void {
  caseTest(`${name} (${count})`, async () => {
    if (bench === undefined) return
    const options = { seed, numRuns: count * times }
    const cases = fc.sample(arbitrary, options)
    const verdicts = await compareCases(bench, cases)
    total += cases.length
    const known = new Map(cases.map((each, index) => [JSON.stringify(each), verdicts[index]]))
    const property = fc.asyncProperty(arbitrary, async each => {
      const key = JSON.stringify(each)
      const verdict = known.has(key) ? known.get(key) : (await compareCases(bench, [each]))[0]
      if (verdict !== undefined) throw new Error(verdict)
    })
    const { failed, counterexample, errorInstance } = await fc.check(property, {
      ...options,
      interruptAfterTimeLimit: 120_000,
    })
    const smallest = `SEED=${seed}, smallest case: ${JSON.stringify(counterexample?.[0])}`
    assert.not.ok(failed, `${smallest}\n${String((errorInstance as Error | null)?.message)}`)
  })
}

const call = (name: string, ...values: fc.Arbitrary<string | number>[]): fc.Arbitrary<Case> =>
  fc.tuple(...values).map(given => ({ call: name, values: given }))

const withFile = (name: string, path: string, content: fc.Arbitrary<string>): fc.Arbitrary<Case> =>
  content.map(given => ({ call: name, values: [path], files: { [path]: given } }))

// ---- the command line

const names = declaredParameters().flatMap(parameter => [parameter.name, ...parameter.aliases])
const base64 = captured.map(given => Buffer.from(given, 'latin1').toString('base64url'))
const value = fc.oneof(
  text,
  fc.constantFrom('0', '1', '7', '007', 'dhcp', 'reboot', 'shell', 'verify'),
  base64,
)
const parameter = fc
  .tuple(fc.constantFrom(...names), value, fc.constantFrom('', '"', 'whole', 'none'))
  .map(([name, given, quotes]) => {
    if (quotes === 'none') return name
    return quotes === 'whole' ? `"${name}=${given}"` : `${name}=${quotes}${given}${quotes}`
  })
const commandLine = fc
  .array(fc.oneof({ weight: 3, arbitrary: parameter }, { weight: 1, arbitrary: text }), { maxLength: 6 })
  .map(words => ({
    call: 'readCommandLine',
    values: [],
    files: { '/proc/cmdline': `${words.join(' ')}\n` },
  }))

holds('command lines', 700, commandLine)
holds('the first parameter', 150, call('firstParameter', captured))
holds('base64url', 100, call('machine.decodeBase64Url', fc.oneof(base64, captured)))

// ---- values

const field = fc.array(fc.oneof(captured, fc.constantFrom('', '10.0.0.5', '24', 'eth0', 'dhcp')), {
  maxLength: 9,
})
const request = field.map(fields => fields.join(':'))
holds('what ip= asks for', 250, call('parseIpForm', request))
const octet = fc.oneof(fc.nat({ max: 300 }).map(String), fc.constantFrom('0', '255', '', '08', 'x'), captured)
const dotted = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.array(fc.nat({ max: 255 }), { minLength: 4, maxLength: 4 }).map(all => all.join('.')),
  },
  { weight: 1, arbitrary: fc.array(octet, { maxLength: 5 }).map(all => all.join('.')) },
)
const mask = fc.oneof(
  fc.nat({ max: 40 }).map(String),
  fc.constantFrom('255.255.255.0', '255.0.255.0', '0.0.0.0'),
  dotted,
)
holds('the bits of an address', 120, call('addressBits', dotted))
holds('the ones of a mask', 100, call('maskOnes', mask))
holds(
  'static forms',
  120,
  fc.tuple(dotted, fc.oneof(dotted, fc.constant('')), mask).map(([address, gateway, netmask]) => ({
    call: 'checkStatic',
    values: [`${address}::${gateway}:${netmask}`],
  })),
)
holds('IPv6 addresses', 80, call('isIpv6Host', fc.oneof(captured, fc.ipV6())))
holds('names on one line', 60, call('onOneLine', captured))
holds(
  'whole numbers',
  80,
  call('machine.wholeNumber', fc.oneof(captured, fc.nat({ max: 10 ** 15 }).map(String))),
)
holds('small letters', 60, call('machine.lowerCase', text))
// mksh counts in 32 bits.
holds('asDecimal', 40, call('machine.asDecimal', fc.nat({ max: 2 ** 31 - 1 })))
holds(
  'addresses to fetch',
  100,
  captured.map(given => ({ call: 'checkUrls', values: ['url', given] })),
)
holds(
  'digests on the command line',
  60,
  fc
    .oneof(captured, fc.constantFrom('0'.repeat(64), 'F'.repeat(128), 'g'.repeat(64)))
    .map(given => ({ call: 'checkDigest', values: ['kernel_sha', given] })),
)
const credentials = fc.oneof(
  captured,
  fc
    .tuple(captured, captured, captured)
    .map(([user, password, path]) => `http://${user}:${password}@h/${path}`),
)
holds('lines on the console', 150, call('machine.log', credentials))
const option = fc
  .tuple(fc.constantFrom('--', '-', ''), fc.constantFrom('on-', 'dir', 'di', 'out', 'x', ''), captured)
  .map(parts => parts.join(''))
holds('options for aria2', 150, call('checkOption', option))
holds("aria2's exit status", 40, call('statusInWords', fc.nat({ max: 255 })))
const bytes = fc.array(fc.constantFrom('01', '20', '52', '54', '00', 'BE', 'ef'), { maxLength: 22 })
const bootif = fc
  .tuple(fc.oneof(bytes, fc.array(captured, { maxLength: 8 })), fc.constantFrom('-', ':'))
  .map(([all, separator]) => all.join(separator))
holds('hardware addresses', 120, call('addressEnd', bootif))

// ---- files

const content = fc
  .tuple(
    fc.constantFrom(
      '',
      kernel,
      initrd,
      xz,
      gzipped(kernel),
      xzipped(initrd),
      '\x28\xb5\x2f\xfd',
      '\x1f\x8b',
      'MZ',
      `MZ..zimg`,
      `${'a'.repeat(56)}ARMd`,
      '070701',
    ),
    fc.string({ unit: fc.integer({ min: 0, max: 255 }).map(code => String.fromCharCode(code)) }),
  )
  .map(([start, rest]) => start + rest)
holds(
  'what a file is',
  200,
  fc.tuple(fileName, content).map(([name, given]) => ({
    call: 'verdictOn',
    values: [`/tmp/case/${name}`],
    files: { [`/tmp/case/${name}`]: given },
  })),
)
const told = ['initrd', '.cpio', 'vmlinuz', 'kernel', 'rootfs', '.tar.zst', '.qcow2', '', 'x']
holds(
  'what a name tells',
  60,
  fc.tuple(fileName, fc.constantFrom(...told), content).map(([name, mark, given]) => ({
    call: 'kindByName',
    values: [`/tmp/case/${name}${mark}`],
    files: { [`/tmp/case/${name}${mark}`]: given },
  })),
)
holds(
  'digests',
  80,
  fc
    .tuple(fileName, content, fc.constantFrom(64, 128, 0, 63), fc.boolean())
    .map(([name, given, length, isRight]) => ({
      call: 'verifyFile',
      values: [`/tmp/case/${name}`, 'kernel_sha', isRight ? sha256(given) : '0'.repeat(length)],
      files: { [`/tmp/case/${name}`]: given },
    })),
)
holds(
  'files below a folder',
  80,
  fc.uniqueArray(fileName, { maxLength: 6 }).map(all => ({
    call: 'machine.filesUnder',
    values: ['/tmp/case'],
    files: Object.fromEntries(['x', ...all].map(name => [`/tmp/case/${name}`, ''])),
  })),
)
holds(
  'names in a folder',
  60,
  fc.uniqueArray(fileName, { maxLength: 6 }).map(all => ({
    call: 'machine.namesIn',
    values: ['/tmp/case'],
    files: Object.fromEntries(['x', ...all].map(name => [`/tmp/case/${name}`, ''])),
  })),
)
const words = (all: fc.Arbitrary<string>) => all.map(each => each.replaceAll('\0', ''))
holds(
  'initrds joined',
  60,
  fc
    .uniqueArray(
      fileName.filter(name => !/[\n]/.test(name)),
      { maxLength: 4 },
    )
    .chain(all =>
      fc.array(content, { minLength: all.length, maxLength: all.length }).map(contents => ({
        call: 'joinFiles',
        values: [all.map(name => `/tmp/case/in/${name}\n`).join(''), '/tmp/case/joined'],
        files: Object.fromEntries(all.map((name, index) => [`/tmp/case/in/${name}`, contents[index] ?? ''])),
      })),
    ),
)
const logLines = fc
  .array(
    fc.oneof(
      text,
      text.map(given => `x errorCode=${given}`),
      fc.constant('x errorCode=1 Failed to bind a socket, cause: in use'),
    ),
    { maxLength: 5 },
  )
  .map(all => all.join('\n'))
holds(
  "the cause in aria2's log",
  80,
  fc
    .tuple(withFile('causeInLog', '/tmp/case/log', words(logLines)), fc.constantFrom(1, 7))
    .map(([given, status]) => ({ ...given, values: [...given.values, status] })),
)
holds(
  'leases',
  100,
  fc.array(fc.tuple(fc.constantFrom('ip', 'dns', 'hostname', ''), text), { maxLength: 6 }).map(lines => ({
    call: 'reportLease',
    values: ['eth0'],
    files: { '/run/aria2-initrd/lease.eth0': lines.map(([name, given]) => `${name}=${given}\n`).join('') },
  })),
)

caseTest('at least 2,000 cases', () => assert.ok(total >= 2000, `${total}`))

test.after(() => bench?.remove())
test.run()

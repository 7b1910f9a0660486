// Lines on their way through boot loaders and boot services: what arrives means the same, or nothing is sent.
import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type CarrierName, carrierNames } from '../../generator/kernel-command-line/carriers/carrier.ts'
import { CannotCarry, type Carried, carry } from '../../generator/kernel-command-line/carry.ts'
import { asBytes, cut } from '../../generator/kernel-command-line/cut.ts'
import { meaningOf } from '../../generator/kernel-command-line/meaning.ts'

function reasons(line: string, carrier: CarrierName, limit?: number): string {
  try {
    carry(line, carrier, limit)
  } catch (error) {
    assert.instance(error, CannotCarry)
    return (error as CannotCarry).reasons.join('\n')
  }
  return assert.unreachable(`${carrier} should not carry ${line}`) as never
}

/** The line between what the carrier adds; it is the kernel's own cut that decides what it means. */
const meaning = (line: string): string => meaningOf(cut(asBytes(line)))

function arrivesAs(carried: Carried, line: string): void {
  assert.is(meaning(carried.line), meaning(line))
}

test('a plain line goes through every carrier as it is', () => {
  const line = 'kernel_url=http://10.0.0.1/vmlinuz url=http://10.0.0.1/a.torrent ip=dhcp quiet'
  for (const carrier of carrierNames) {
    const carried = carry(line, carrier)
    assert.is(carried.text, line)
    assert.is(carried.line, line)
    assert.equal(carried.changes, [])
  }
})

test('what each carrier adds is told', () => {
  assert.is(carry('quiet', 'bss').before, 'initrd=initrd')
  assert.match(carry('quiet', 'bss').after, /^xname=\S+ nid=\S+ bss_referral_token=\S+ BOOTIF=\S+ ds=\S+$/)
  assert.match(carry('ds=none BOOTIF=01-02', 'bss').after, /^xname=\S+ nid=\S+ bss_referral_token=\S+$/)
  assert.match(carry('quiet', 'boot-service').after, /^BOOTIF=\S+$/)
  assert.is(carry('BOOTIF=01-52-54-00-be-ef-01', 'boot-service').after, '')
  assert.is(carry('quiet', 'grub').before, 'BOOT_IMAGE=/vmlinuz')
})

test('BSS: the word initrd is kept out of it', () => {
  const carried = carry('initrd_url=http://h/boot/initrd.img initrd_sha=00 kernel_url=http://h/k', 'bss')
  assert.is(carried.text, 'ramdisk_url=http://h/boot/%69nitrd.img ramdisk_sha=00 kernel_url=http://h/k')
  assert.match(carried.changes[0] ?? '', 'BSS deletes from the first "initrd" to the next blank')
  arrivesAs(carried, 'initrd_url=http://h/boot/initrd.img initrd_sha=00 kernel_url=http://h/k')
  assert.match(
    carry('next_kernel_params="rd.x initrd=a.img"', 'bss').text,
    /^next_kernel_params_b64=[A-Za-z0-9_-]+$/,
  )
  assert.match(reasons('kernel_url=http://initrd.example/k', 'bss'), 'BSS deletes')
  assert.match(reasons('foo=initrd', 'bss'), 'foo=initrd: BSS deletes')
})

test("a carrier's own initrd= is left to it", () => {
  const line = 'initrd=initrd.img url=http://example.com/resource1'
  for (const carrier of ['bss', 'grub', 'pxelinux'] as const) {
    const carried = carry(line, carrier)
    assert.is(carried.text, 'url=http://example.com/resource1')
    assert.match(carried.changes[0] ?? '', 'initrd= is left out')
  }
  assert.is(carry(line, 'ipxe').text, line)
})

test('BSS: an address that it would sign is refused', () => {
  assert.match(reasons('root=live:s3://images/root', 'bss'), 'BSS puts a signed address in place of s3://')
  assert.match(
    carry('next_kernel_params="root=live:s3://images/root"', 'bss').text,
    'next_kernel_params_b64=',
  )
})

test('boot-service: quotes, & and + do not reach its template', () => {
  const line = 'kernel_url=http://h/vmlinuz-6.1+deb aria2_options="--split=1" next_kernel_params="a b"'
  const carried = carry(line, 'boot-service')
  assert.is(
    carried.text,
    'kernel_url=http://h/vmlinuz-6.1%2Bdeb aria2_options=--split=1 next_kernel_params_b64=YSBi',
  )
  arrivesAs(carried, line)
  assert.match(reasons('url=http://h/?a=1&b=2', 'boot-service'), 'boot-service writes & as &amp;')
  assert.match(reasons('aria2_options="--a=1 --b=2"', 'boot-service'), 'boot-service writes " as &#34;')
  assert.match(reasons("a=it's", 'boot-service'), "boot-service writes ' as &#39;")
})

test('a magnet link through boot-service is refused with a way out', () => {
  try {
    carry('url=magnet:?xt=urn:btih:aa&tr=http://h/announce', 'boot-service')
    assert.unreachable()
  } catch (error) {
    assert.match((error as CannotCarry).help, 'serve the .torrent file')
  }
})

test('iPXE: words that end a command or begin a comment, settings, several blanks', () => {
  assert.match(reasons('a || b', 'ipxe'), 'iPXE ends the command at the word ||')
  assert.match(reasons('a ; b', 'ipxe'), 'iPXE ends the command at the word ;')
  assert.match(reasons('a #b', 'ipxe'), 'takes # at the start of a word for a comment')
  assert.match(reasons('a=${net0/mac}', 'ipxe'), 'iPXE replaces ${…}')
  assert.match(reasons('aria2_options="--a=1  --b=2"', 'ipxe'), 'iPXE makes one blank of several')
  assert.match(reasons('a=b\\', 'ipxe'), 'iPXE takes \\ at the end of a line')
  for (const next of ['a || b', 'a #b', 'root=${x}', 'a  b']) {
    const line = `next_kernel_params="${next}"`
    const carried = carry(line, 'ipxe')
    assert.match(carried.text, /^next_kernel_params_b64=[A-Za-z0-9_-]+$/)
    arrivesAs(carried, line)
  }
  assert.is(carry('ds=nocloud-net;s=http://h/ a=b#c', 'ipxe').text, 'ds=nocloud-net;s=http://h/ a=b#c')
})

test('GRUB: what its script knows is quoted, what its loader spoils is refused', () => {
  assert.is(carry('ds=nocloud-net;s=http://h/', 'grub').text, "'ds=nocloud-net;s=http://h/'")
  assert.is(carry('a=$x b=c&d e={f}', 'grub').text, "'a=$x' 'b=c&d' 'e={f}'")
  const carried = carry('next_kernel_params="root=x quiet"', 'grub')
  assert.is(carried.text, "'next_kernel_params=root=x quiet'")
  assert.is(carried.line, '"next_kernel_params=root=x quiet"')
  assert.match(reasons('root=PARTLABEL="x"', 'grub'), 'GRUB puts a backslash before "')
  assert.match(reasons('a=b\\c', 'grub'), 'GRUB puts a backslash before \\')
  assert.match(carry('next_kernel_params="a=\'b\'"', 'grub').text, 'next_kernel_params_b64=')
})

test('PXELINUX: nothing is quoted, initrd= is its own', () => {
  assert.is(carry('a="b  c" d=$x;y #z', 'pxelinux').text, 'a="b  c" d=$x;y #z')
  assert.match(carry('next_kernel_params="initrd=x.img"', 'pxelinux').text, 'next_kernel_params_b64=')
  assert.match(reasons('rd.initrd=x', 'pxelinux'), 'PXELINUX takes the first "initrd="')
  assert.is(carry('-', 'pxelinux').line, '"-"')
})

test('a quote that does not end would take what the carrier adds', () => {
  for (const carrier of carrierNames) {
    const carried = carry('a=b k="c', carrier)
    assert.is(carried.text, 'a=b k=c')
    assert.match(carried.changes[0] ?? '', 'its quotes do not end')
  }
  assert.match(carry('next_kernel_params="a b', 'bss').text, /^next_kernel_params="a b"$/)
})

test('one of two next_kernel_params needs base64url, so both get it', () => {
  const carried = carry('next_kernel_params="a || b" next_kernel_params=c', 'ipxe')
  assert.is(carried.text, 'next_kernel_params_b64=YSB8fCBi next_kernel_params_b64=Yw')
  assert.match(
    reasons('next_kernel_params="a || b" next_kernel_params_b64=Yw', 'ipxe'),
    'next_kernel_params and next_kernel_params_b64 are both given',
  )
})

test('what is after a bare -- stays there', () => {
  for (const carrier of carrierNames) {
    const carried = carry('quiet -- single', carrier)
    assert.is(carried.text, 'quiet -- single')
    assert.equal(cut(carried.line), { parameters: cut('quiet').parameters, tail: ['single'] })
  }
  assert.match(reasons('quiet -- a || b', 'ipxe'), '||')
})

test('control characters and what is not ASCII', () => {
  for (const carrier of carrierNames) {
    assert.match(reasons('a=\x07', carrier), 'control character')
    assert.match(reasons('a="b\tc"', carrier), /a tab|boot-service writes/)
    assert.match(reasons('url=http://h/käse', carrier), 'not ASCII')
    assert.match(carry('next_kernel_params=käse', carrier).text, 'next_kernel_params_b64=')
  }
})

test('a line that is too long is refused, with what the carrier adds counted', () => {
  const long = (bytes: number) => `url=${'x'.repeat(bytes - 4)}`
  assert.is(carry(long(2046), 'ipxe').line.length, 2046)
  assert.match(reasons(long(2047), 'ipxe'), 'it is 2047 bytes long, and 2046 arrive')
  assert.match(
    reasons(long(2040), 'grub'),
    /it is 2060 bytes long \(20 of them are added on the way\), and 2047/,
  )
  assert.match(reasons(long(1950), 'bss'), 'added on the way')
  assert.match(reasons(long(600), 'ipxe', 512), 'and 511 arrive')
})

/** Lines made of what carriers stumble over. */
const stumbles =
  'a|b|k=|=|"|\'|\\|;| ; |&|&&| && |$|${x}|$x|{|}|#| #|<|>|  |\t| -- |+|initrd|initrd=|,|http://h/|?|%|*|~|`|!|(|)|-| |é'
const piece = fc.constantFrom(...stumbles.split('|'), '||', ' || ')
const text = fc.array(piece, { maxLength: 6 }).map(pieces => pieces.join(''))
const name = fc.constantFrom(
  'url',
  'kernel_url',
  'initrd_url',
  'next_kernel_params',
  'ip',
  'foo',
  'initrd',
  'ds',
)
const word = fc.oneof(
  fc.tuple(name, text).map(([key, value]) => `${key}="${value.replaceAll('"', '')}"`),
  fc.tuple(name, text).map(([key, value]) => `${key}=${value}`),
  text,
)
const line = fc.array(word, { maxLength: 4 }).map(words => words.join(' '))

/** What a line means, without the parameters that a carrier sets itself. */
function meaningWithout(words: string, line: string): string {
  const own = new Set(cut(words).parameters.map(parameter => parameter.name))
  if (words !== ' ') own.add('initrd')
  const { parameters, tail } = cut(line)
  const added = new Set(cut(words).parameters.map(parameter => parameter.word))
  return meaningOf({
    // A ds= of the line keeps the carrier's away: then it is not among these words.
    parameters: parameters.filter(each => !own.has(each.name)),
    tail: tail.filter(each => !added.has(each)),
  })
}

for (const carrier of carrierNames) {
  test(`${carrier}: any line arrives with its meaning, or is refused`, () => {
    let arrived = 0
    fc.assert(
      fc.property(line, asked => {
        let carried: Carried
        try {
          carried = carry(asked, carrier)
        } catch (error) {
          assert.instance(error, CannotCarry)
          return
        }
        arrived += 1
        const { before, line: seen, after } = carried
        const added = `${before} ${after}`
        assert.is(
          meaningWithout(added, [before, seen, after].join(' ')),
          meaningWithout(added, asBytes(asked)),
        )
      }),
      { seed: Number(process.env.SEED ?? 20260), numRuns: 300 },
    )
    assert.ok(arrived > 30, `only ${arrived} lines were carried: the property says little`)
  })
}

test.run()

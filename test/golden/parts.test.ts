// /init with each two parts in, out, and one without the other: it compiles, ShellCheck finds nothing in it, and nothing is
// left in it that nobody calls. The smallest is held to its length.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compile, textOf } from '../../generator/compiler/generate-init.ts'
import { stageProject } from '../../generator/compiler/project.ts'
import { requireClean } from '../../generator/compiler/shellcheck/gate.ts'
import { isIn, type PartName, partNames } from '../../generator/stages/api/parts.ts'
import { needs } from '../support/needs.ts'
import { runScript, shells } from '../support/shells.ts'

/** TypeScript keeps what it knows of its library from one to the next. */
const project = stageProject()

function initWithout(without: readonly PartName[]): string {
  try {
    return textOf(compile({ without, project }))
  } finally {
    for (const source of project.getSourceFiles()) project.removeSourceFile(source)
  }
}

/**
 * Nine choices in which each two parts are met in all four ways (Kleitman and Spencer): each part is left out of four of them, all of
 * the first and three of the others, no two parts of the same.
 */
function pairs(): PartName[][] {
  const codes = Array.from({ length: 256 }, (_, code) => [...`1${code.toString(2).padStart(8, '0')}`])
  const used = codes.filter(code => code.filter(bit => bit === '1').length === 4)
  assert.ok(used.length >= partNames.length, 'more parts than nine choices can tell apart')
  return Array.from({ length: 9 }, (_, row) => partNames.filter((_, part) => used[part]?.[row] === '1'))
}

const choices: PartName[][] = [[], ...pairs()]
const inits = new Map(choices.map(without => [without.join(), initWithout(without)]))
const smallest = inits.get(partNames.join()) ?? ''

const code = (init: string): string =>
  init
    .split('\n')
    .filter(line => !line.trimStart().startsWith('#'))
    .join('\n')

test('each choice of parts is another /init', () => {
  assert.is(inits.size, choices.length)
  assert.is(new Set(inits.values()).size, inits.size)
})

test('each two parts are met both in, both out, and each without the other', () => {
  for (const one of partNames) {
    for (const other of partNames) {
      if (one === other) continue
      const ways = pairs().map(without => `${without.includes(one)} ${without.includes(other)}`)
      assert.is(new Set(ways).size, 4, `${one}, ${other}`)
    }
  }
})

test('ShellCheck finds nothing in any of them', async () => {
  for (const init of inits.values()) await requireClean(init)
})

test('nothing is left that nobody calls, reads or sets', () => {
  for (const [without, init] of inits) {
    const text = code(init)
    const functions = [...text.matchAll(/^([a-z0-9_]+)\(\) \{/gm)].map(([, name]) => name ?? '')
    assert.equal(
      functions.filter(name => text.split(new RegExp(`\\b${name}\\b`)).length < 3),
      [],
      `without ${without}`,
    )
    const variables = [...text.matchAll(/^\s*([a-z][a-z0-9_]*)=/gm)].map(([, name]) => name ?? '')
    assert.equal(
      [...new Set(variables)].filter(
        name => !new RegExp(`\\$\\{?#?${name}\\b|\\b${name} [-+*/%]|[-(+*] ?${name}\\b`).test(text),
      ),
      [],
      `without ${without}`,
    )
  }
})

/** Words of /init that only a part has. */
const marks: Record<PartName, RegExp> = {
  bittorrent: /--bt-|--seed-|swarm_peers|tracker_timeout|magnet:\?'/,
  metalink: /--follow-metalink|cannot read the Metalink/,
  ftp: /FTP command failed/,
  together: /fetch_together|--input-file/,
  placeholders: /filled_in|product_serial/,
  mirrors: /"\$addresses" = "\$mirror"/,
  connections: /--max-connection-per-server/,
  'aria2-options': /check_option|extra/,
  'http-headers': /\}header=/,
  'digest-lists': /verify_listed|url_sha/,
  proxy: /all-proxy/,
  'file-roles': /kind_inside/,
  unpacking: /kernel\.unpacked/,
  'ip-forms': /parse_ip_form/,
  'static-address': /use_hostname/,
  'dhcp-identity': /client_identifier|system_uuid|-x 0x/,
  'lease-check': /leads_to_server|second_chance/,
  'card-reports': /report_pci_cards|firmware_line|kernel_log_line/,
  'name-servers': /\$nameserver|peer_dns/,
  bootif: /\$bootif|ignore_bootif/,
  ipv6: /nd6watch|udhcpc6|ipv6_dad_timeout/,
  vlan: /type vlan|vlan_number/,
  bond: /type bond|\/bonding\//,
  infiniband: /create_child|make_partitions/,
  ifname: /name_interfaces|was-renamed/,
  'driver-choice': /exclude_drivers|load_named/,
  'foreign-parameters': /note_foreign|no bridges here/,
  clock: /keep_clock|ask_time/,
  signatures: /cms-verify|check_trust/,
  'interface-names': /udev_names/,
  'image-segments': /add_images|name_inside/,
  'switch-root': /exec switch_root/,
  verity: /roothash= needs boot/,
  cache: /device_with|free_kib/,
  'encoded-line': /decode_base64url/,
  inherit: /inherited_before/,
  uki: /take_uki_apart|2e6c696e7578/,
  'several-initrds': /join_files/,
  microcode: /microcode_first/,
  'kexec-load': /trying kexec_load/,
  'kexec-reports': /explain_refusal|refuse_long_line/,
  progress: /told_digest|tell_reading|tell_loading|report_waiting/,
  reports: /record |start_reporter|reporter/,
  insecure: /check-certificate=false/,
  'rescue-shell': /rescue_shell|cttyhack|here is a shell/,
  debug: /set -x/,
}

/** Parts that no parameter and no form of one asks for: there is nothing to refuse. */
const unasked = new Set<PartName>([
  'unpacking',
  'together',
  'placeholders',
  'lease-check',
  'card-reports',
  'uki',
  'microcode',
  'kexec-reports',
  'progress',
  'foreign-parameters',
])

/** Whether a command line can ask for a part in vain: names like eno1 only where it can name interfaces at all. */
const isAsked = (part: PartName, without: PartName[]): boolean =>
  !unasked.has(part) && (part !== 'interface-names' || isIn('namedInterfaces', without) === true)

test('what is left out is not there, and what is in is', () => {
  for (const [without, init] of inits) {
    for (const part of partNames) {
      const left = partNames.filter(each => without.split(',').includes(each))
      const isOut = left.includes(part)
      assert.is(marks[part].test(code(init)), !isOut, `${part} without ${without}`)
      const refusal = new RegExp(`(built --without|left_out .*|refuse_without .*) ${part}\\b`)
      assert.is(refusal.test(init), isOut && isAsked(part, left), `${part} without ${without}`)
    }
  }
})

for (const shell of shells) {
  needs(test, { [shell.command[0]]: shell.package })(`${shell.name} can read the smallest`, () => {
    assert.equal(runScript(shell, smallest, '-n'), { status: 0, stdout: '', stderr: '' })
  })
}

test('the smallest is short', () => {
  const lines = smallest.split('\n').length - 1
  assert.ok(lines <= 938, `${lines} lines`)
})

test.run()

/** What each member of stages/machine.ts is in shell. A test holds this table, the machine and the simulator together. */
import { programLimits } from '../host/processes/program-limits.ts'
import type { Command, Pattern, SimpleCommand, Word, WordPart } from './ir.ts'

/**
 * A machine function in shell; `helper` names the file in shell-templates/helpers that holds the function it calls,
 * `prints` says that its standard output is for the console.
 */
export type MachineMember = { helper?: string; prints?: boolean } & (
  | {
      kind: 'action'
      canFail: boolean
      changesShell?: boolean
      ends?: boolean
      emit: (words: Word[]) => Command
    }
  | { kind: 'value'; canFail: boolean; emit: (words: Word[]) => SimpleCommand }
  /** A command whose exit status is the value. */
  | { kind: 'status'; emit: (words: Word[]) => SimpleCommand }
  | { kind: 'predicate'; emit: (words: Word[]) => Command }
  /** Parameter expansion of a variable. */
  | { kind: 'text'; emit: (name: string, argument: Pattern, argumentName: string | undefined) => WordPart }
  /** What a for-of walks over; the characters that separate its words. */
  | { kind: 'words'; separators: Word | 'argument' }
  /** Has a rule of its own in lowering. */
  | { kind: 'special' }
)

const literal = (text: string): Word => [{ kind: 'literal', text }]

export function command(name: string, ...words: (Word | string)[]): SimpleCommand {
  return {
    kind: 'command',
    name,
    words: words.map(word => (typeof word === 'string' ? literal(word) : word)),
  }
}

/** Words that may start with `-` are kept from being taken for options. */
function operands(words: Word[]): Word[] {
  const safe = words.every(([first]) => first?.kind === 'literal' && !first.text.startsWith('-'))
  return safe ? words : [literal('--'), ...words]
}

const passes = (name: string, canFail = true): MachineMember => ({
  kind: 'action',
  canFail,
  emit: words => command(name, ...words),
})

/** A member that is a shell function of ours; its file has the function's name. */
const helperAction = (helper: string, canFail: boolean): MachineMember => ({
  kind: 'action',
  helper,
  canFail,
  emit: words => command(helper, ...words),
})
const helperValue = (helper: string, canFail: boolean): MachineMember => ({
  kind: 'value',
  helper,
  canFail,
  emit: words => command(helper, ...words),
})

const test = (operator: string): MachineMember => ({
  kind: 'predicate',
  emit: words => command('[', operator, ...words, ']'),
})

const trim = (side: '#' | '##' | '%' | '%%', pattern: (argument: Pattern) => Pattern): MachineMember => ({
  kind: 'text',
  emit: (name, argument) => ({ kind: 'trim', name, side, pattern: pattern(argument) }),
})

const any = { kind: 'any' } as const

/** A program that is killed after its seconds; what it prints goes to the console. */
const limited = (name: keyof typeof programLimits, words: Word[]): SimpleCommand =>
  command('limited', String(programLimits[name]), name, ...words)
const passesLimited = (name: keyof typeof programLimits): MachineMember => ({
  kind: 'action',
  helper: 'limited',
  canFail: true,
  prints: true,
  emit: words => limited(name, words),
})

/**
 * A chatty program that says the important things by its status: `>>/run/aria2-initrd/NAME.log 2>&1`. Its first word is
 * the seconds after which it is killed.
 */
const logged = (name: string): MachineMember => ({
  kind: 'status',
  emit: ([seconds = [], ...words]) => ({
    ...command('timeout', '-s', 'KILL', seconds, name, ...words),
    redirects: [
      { operator: '>>', target: literal(`/run/aria2-initrd/${name}.log`) },
      { operator: '>', descriptor: 2, target: 1 },
    ],
  }),
})

export const machineTable: Record<string, MachineMember> = {
  // Console and flow.
  setStage: {
    kind: 'action',
    canFail: false,
    changesShell: true,
    emit: ([name = []]) => ({ kind: 'assign', name: 'stage', value: name }),
  },
  log: helperAction('log', false),
  fail: { ...helperAction('fail', true), ends: true } as MachineMember,
  succeeds: { kind: 'special' },
  traceCommands: { kind: 'action', canFail: false, changesShell: true, emit: () => command('set', '-x') },

  // The command line: functions that the compiler makes from parameters.ts.
  defaultParameters: { kind: 'special' },
  setParameter: {
    kind: 'action',
    canFail: false,
    changesShell: true,
    emit: words => command('set_parameter', ...words),
  },
  setFlag: {
    kind: 'action',
    canFail: false,
    changesShell: true,
    emit: words => command('set_flag', ...words),
  },

  // Text.
  before: trim('%%', separator => [...separator, any]),
  after: trim('#', separator => [any, ...separator]),
  beforeLast: trim('%', separator => [...separator, any]),
  afterLast: trim('##', separator => [any, ...separator]),
  beforeAny: {
    kind: 'text',
    emit: (name, _pattern, characters = '') => ({
      kind: 'trim',
      name,
      side: '%%',
      pattern: [{ kind: 'oneOf', name: characters }, any],
    }),
  },
  withoutPrefix: trim('#', prefix => prefix),
  withoutSuffix: trim('%', suffix => suffix),
  withoutFirst: trim('#', () => [{ kind: 'one' }]),
  consistsOf: { kind: 'special' },
  thousandths: helperValue('thousandths', false),
  wholeNumber: helperValue('whole_number', true),
  lowerCase: helperValue('lower_case', false),
  decodeBase64Url: helperValue('decode_base64url', true),

  // Words to walk over.
  lines: { kind: 'words', separators: [{ kind: 'variable', name: 'newline' }] },
  words: { kind: 'words', separators: [{ kind: 'variable', name: 'blanks' }] },
  split: { kind: 'words', separators: 'argument' },

  // Files.
  exists: test('-e'),
  hasContent: test('-s'),
  isDirectory: test('-d'),
  fileHasLine: {
    kind: 'predicate',
    emit: ([path = [], line = []]) => ({
      ...command('grep', '-qxF', '-e', line, ...operands([path])),
      redirects: [{ operator: '>', descriptor: 2, target: literal('/dev/null') }],
    }),
  },
  readFile: { kind: 'value', canFail: true, emit: words => command('cat', ...operands(words)) },
  writeFile: {
    kind: 'action',
    canFail: true,
    emit: ([path = [], text = []]) => ({
      ...command('printf', '%s\\n', text),
      redirects: [{ operator: '>', target: path }],
    }),
  },
  append: {
    kind: 'action',
    canFail: true,
    emit: ([source = [], target = []]) => ({
      ...command('cat', ...operands([source])),
      redirects: [{ operator: '>>', target }],
    }),
  },
  padToWords: helperAction('pad_to_words', true),
  lastLineWith: helperValue('last_line_with', false),
  remove: { kind: 'action', canFail: true, emit: words => command('rm', '-rf', ...operands(words)) },
  makeDirectory: { kind: 'action', canFail: true, emit: words => command('mkdir', '-p', ...operands(words)) },
  chmod: { kind: 'action', canFail: true, emit: words => command('chmod', ...words) },
  chown: { kind: 'action', canFail: true, emit: words => command('chown', ...words) },
  takeOver: helperAction('take_over', true),
  entries: helperValue('entries', false),
  filesUnder: helperValue('files_under', false),
  sizeOf: { kind: 'value', canFail: true, emit: words => command('stat', '-c', '%s', ...operands(words)) },
  hexAt: helperValue('hex_at', true),
  sha256sum: helperValue('sha256_of', true),
  sha512sum: helperValue('sha512_of', true),

  // The system.
  uptime: helperValue('uptime_seconds', false),
  sleep: passes('sleep', false),
  mount: { ...passes('mount'), prints: true },
  modaliases: {
    kind: 'value',
    canFail: false,
    emit: () => ({
      ...command('find', '/sys/devices', '-name', 'modalias', '-exec', 'sort', '-u', '{}', '+'),
      redirects: [{ operator: '>', descriptor: 2, target: literal('/dev/null') }],
    }),
  },
  // Asked for in captures, too; BusyBox's prints nothing but errors.
  modprobe: { ...passesLimited('modprobe'), prints: false },
  ip: passesLimited('ip'),
  udhcpc: logged('udhcpc'),
  setHostname: {
    kind: 'action',
    canFail: true,
    emit: ([name = []]) => ({
      ...command('printf', '%s\\n', name),
      redirects: [{ operator: '>', target: literal('/proc/sys/kernel/hostname') }],
    }),
  },
  aria2c: {
    kind: 'status',
    helper: 'run_aria2c',
    prints: true,
    emit: words => command('run_aria2c', ...words),
  },
  kexec: passesLimited('kexec'),
  rescueShell: { ...helperAction('rescue_shell', false), prints: true },
  end: { ...helperAction('end_machine', false), ends: true } as MachineMember,
}

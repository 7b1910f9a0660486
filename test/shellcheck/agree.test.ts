// Whichever ShellCheck is asked, it says the same: of /init, and of scripts with faults.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compile, textOf } from '../../generator/compiler/generate-init.ts'
import type { Finding } from '../../generator/compiler/shellcheck/finding.ts'
import { installedEngine, piecesOf } from '../../generator/compiler/shellcheck/gate.ts'
import { wasmEngine } from '../../generator/compiler/shellcheck/wasm.ts'
import { needs } from '../support/needs.ts'

/** Each with a fault or more, of those that a compiler to shell could make. */
const faults = [
  'name=$1\nls $name\n',
  '[ $2 = a ] && local x=1\n',
  'for file in $(ls); do rm "$file"; done\n',
  'cd /tmp\nrm -f x\n',
  'echo "a\\tb"\n',
  'x=`date`\nprintf "%s\\n" "$x"\n',
  'if [ "$1" == a ]; then exit 1; fi\n',
  'read line\nprintf "%s\\n" "$line"\n',
  'printf "$1"\n',
  'cat file | grep x\n',
  'a=(1 2)\n',
  'source ./x\n',
  'x=$((08 + 1))\n',
  'unused=1\n',
  'printf "%s\\n" "$undefined"\n',
  'rm -rf "$1/"*\n',
  'f() { local a=$(false); }\nf\n',
  '[ -z "$1" -a -n "$2" ] || exit 1\n',
  'case $1 in a) ;; esac\n',
  'while read -r x; do y=$x; done <"$1"\nexit "$y"\n',
  'printf "%s %s\\n" "$1"\n',
  'exec >$1\n',
]

const places = (findings: Finding[] = []): string[] =>
  findings.map(({ line, code }) => `${line} ${code}`).sort()

needs(test, { shellcheck: 'shellcheck' })('the program on PATH and WebAssembly agree', async () => {
  const scripts = faults.map(fault => `#!/bin/sh\n${fault}`)
  const installed = await installedEngine()?.lint(...scripts)
  const compiled = await wasmEngine().lint(...scripts)
  for (const [index, script] of scripts.entries()) {
    const found = places(installed?.[index])
    assert.ok(found.length > 0, script)
    assert.equal(places(compiled?.[index]), found, script)
  }
})

const init = textOf(compile())

test('/init as a whole: nothing', async () => {
  assert.equal(await (installedEngine() ?? wasmEngine()).lint(init), [[]])
})

/** What is wrong with a use of a variable alone is seen where all of its uses are; the compiler has its own check for that. */
const needWhole = ['unused=1\n', 'printf "%s\\n" "$undefined"\n']

needs(test, { shellcheck: 'shellcheck' })(
  '/init in pieces: nothing, and each fault in one of them',
  async () => {
    const engine = installedEngine()
    const pieces = piecesOf(init)
    assert.ok(pieces.length > 40, `${pieces.length}`)
    assert.equal(
      pieces.map(piece => piece.split('\n').slice(2).join('\n')).join(''),
      init.replace(/^#!.*\n/, ''),
      'no line is left out',
    )
    assert.equal((await engine?.lint(...pieces))?.flat(), [])
    const seen = faults.filter(fault => !needWhole.includes(fault))
    const at = seen.map((_, index) => pieces[2 * index] ?? '')
    const found = await engine?.lint(
      ...seen.map((fault, index) => `${at[index]}fault() {\n${fault}}\nfault\n`),
    )
    for (const [index, fault] of seen.entries()) assert.ok((found?.[index]?.length ?? 0) > 0, fault)
  },
)

test.run()

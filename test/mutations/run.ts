// Breaks the compiler in one place at a time, in a copy of the checkout; the quick tests must notice each time.
//   npm run mutations              all of them
//   npm run mutations -- return    those whose name holds a word
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mutations } from './mutations.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** From the quickest: the first that fails is enough. */
const suite = [
  'test/unit/compiler/print.test.ts',
  'test/unit/compiler/subset.test.ts',
  'test/readme/stage-language.test.ts',
  'test/errors/errors.test.ts',
  'test/golden/constructs.test.ts',
  'test/unit/compiler/text.test.ts',
  'test/unit/compiler/lost-values.test.ts',
  'test/unit/compiler/shared-names.test.ts',
  'test/golden/init.test.ts',
]

const copy = mkdtempSync(join(tmpdir(), 'aria2-initrd-mutations-'))

/** The first test file that fails on the copy. @param likely the file that is asked before the others */
function firstFailure(likely?: string): string | undefined {
  const files = new Set(likely === undefined ? suite : [likely, ...suite])
  return [...files].find(file => {
    const { status } = spawnSync(process.execPath, ['--import', 'tsx', file], { cwd: copy, stdio: 'ignore' })
    return status !== 0
  })
}

let survivors = 0
try {
  for (const part of ['generator', 'shell-templates', 'test', 'package.json', 'tsconfig.json'])
    cpSync(join(root, part), join(copy, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  const before = firstFailure()
  if (before !== undefined) throw new Error(`${before} fails before anything is broken`)
  const words = process.argv.slice(2)
  for (const { name, file, from, to, noticedBy } of mutations) {
    if (words.length > 0 && !words.some(word => name.includes(word))) continue
    const path = join(copy, 'generator/compiler', file)
    const text = readFileSync(path, 'utf8')
    if (text.split(from).length !== 2) throw new Error(`${name}: ${file} does not hold its text just once`)
    writeFileSync(
      path,
      text.replace(from, () => to),
    )
    const noticed = firstFailure(noticedBy)
    writeFileSync(path, text)
    if (noticed === undefined) survivors += 1
    process.stdout.write(
      `${noticed === undefined ? 'NOT NOTICED' : 'noticed'}: ${name} (${noticed ?? file})\n`,
    )
  }
} finally {
  rmSync(copy, { recursive: true, force: true })
}
process.stdout.write(`${survivors} not noticed\n`)
process.exitCode = survivors > 0 ? 1 : 0

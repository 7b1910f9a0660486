import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { CommandError } from '../../generator/host/console/command-error.ts'
import { silent } from '../../generator/host/console/progress.ts'
import { ensurePrograms, findProgram } from '../../generator/host/debian/host-packages.ts'

const absent = { program: 'no-such-program', package: 'no-such-package', why: 'pass the time' }

async function failure(work: Promise<unknown>): Promise<CommandError> {
  const error = await work.then(
    () => undefined,
    reason => reason,
  )
  assert.instance(error, CommandError)
  return error
}

/** PATH with these programs alone, as shell scripts; apt-get says what it was asked in the file `asked`. */
async function withPrograms(programs: Record<string, string>, work: (folder: string) => Promise<void>) {
  const folder = mkdtempSync(join(tmpdir(), 'host-packages-'))
  const path = process.env.PATH
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\ncd '${folder}' || exit\n${script}\n`, { mode: 0o755 })
  }
  process.env.PATH = folder
  try {
    await work(folder)
  } finally {
    process.env.PATH = path
    rmSync(folder, { recursive: true })
  }
}

async function asUser(uid: number, work: () => Promise<void>) {
  const getuid = process.getuid
  process.getuid = () => uid
  try {
    await work()
  } finally {
    if (getuid) process.getuid = getuid
  }
}

test('what is there needs nothing', async () => {
  await withPrograms({ tool: 'exit 1', 'apt-get': 'exit 1' }, () =>
    ensurePrograms([{ program: 'tool', package: 'tool', why: 'test' }], silent),
  )
})

test('a program is found on PATH, a file by its path', () => {
  assert.is(findProgram('no-such-program'), undefined)
  assert.is(findProgram('/etc/passwd'), '/etc/passwd')
  assert.is(findProgram('/etc/no-such-file'), undefined)
  assert.match(findProgram('sh') ?? '', /\/sh$/)
})

test('another user than root gets the reason and the one line to run, and nothing is run', async () => {
  await withPrograms({ 'apt-get': '/bin/echo "$@" >asked' }, async folder => {
    await asUser(1000, async () => {
      const error = await failure(ensurePrograms([absent, { ...absent, program: 'other' }], silent))
      assert.is(error.message, 'no-such-program is needed to pass the time; other is needed to pass the time')
      assert.is(error.help, 'sudo apt-get install --no-install-recommends -y no-such-package')
      assert.is(findProgram(join(folder, 'asked')), undefined)
    })
  })
})

test('root installs what is missing and says so; the package lists are fetched only after a failure', async () => {
  const steps: string[] = []
  const progress = { ...silent, step: (text: string) => void steps.push(text) }
  const install =
    'case "$*" in *update*) : >lists ;; *) [ -e lists ] && : >no-such-program && /bin/chmod +x no-such-program ;; esac'
  await withPrograms({ 'apt-get': install }, () => asUser(0, () => ensurePrograms([absent], progress)))
  assert.equal(steps, ['installing no-such-package (no-such-program is needed to pass the time)'])
})

test('when apt fails, its last words are shown with the line to repeat', async () => {
  await withPrograms({ 'apt-get': 'printf "E: Unable to locate package\\n" >&2; exit 100' }, () =>
    asUser(0, async () => {
      const error = await failure(ensurePrograms([absent], silent))
      assert.match(error.message, /could not install it:\nE: Unable to locate package$/)
      assert.match(
        error.help,
        /apt-get update && apt-get install --no-install-recommends -y no-such-package$/,
      )
    }),
  )
})

test('a package that does not bring the program is not taken for success', async () => {
  await withPrograms({ 'apt-get': 'exit 0' }, () =>
    asUser(0, async () => {
      const error = await failure(ensurePrograms([absent], silent))
      assert.match(
        error.message,
        /^no-such-program is still missing after apt-get installed no-such-package$/,
      )
    }),
  )
})

test('a machine without apt is told the package names', async () => {
  await withPrograms({}, async () => {
    // sbin is searched as well, and Debian has apt-get in bin alone.
    const error = await failure(ensurePrograms([absent], silent))
    assert.match(error.help, /no-such-package/)
  })
})

test.run()

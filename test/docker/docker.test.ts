// The container, built by the Dockerfile as it is and run as the README says. Nothing of this machine's cache goes into
// it: what the container makes and what the checkout makes come from two separate builds of everything.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { madeUpKernel, madeUpModule } from '../image/made-up-kernel.ts'
import { locked, needsEngine } from './engine.ts'

const checkout = fileURLToPath(new URL('../..', import.meta.url))
const bin = join(checkout, 'generator/commands/bin.mjs')
const image = 'aria2-initrd-test'
/** Someone who is not root and whom the container does not know. */
const caller = 12345

const dockerTest = needsEngine(test)
const scratch = mkdtempSync(join(tmpdir(), 'docker-'))
const kernelRoot = madeUpKernel({ 'kernel/card.ko': madeUpModule() })
chmodSync(kernelRoot, 0o755)
const kernelFlags = ['--modules', 'card']

/** A new folder that belongs to the caller. */
function callersFolder(name: string): string {
  const folder = join(scratch, name)
  mkdirSync(folder)
  chownSync(folder, caller, caller)
  return folder
}

function call(command: string, words: string[], stdio?: 'inherit') {
  const { status, stdout, stderr } = spawnSync(command, words, {
    cwd: checkout,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    ...(stdio ? { stdio } : {}),
  })
  return { status, stdout, stderr }
}

function run(words: string[], options: string[] = []) {
  return call('docker', ['run', '--rm', '--network', 'host', ...options, image, ...words])
}

/** Contents and owners of a folder's files. */
function filesOf(folder: string) {
  const names = readdirSync(folder).sort()
  return {
    names,
    contents: Object.fromEntries(names.map(name => [name, readFileSync(join(folder, name))])),
    owners: names.map(name => statSync(join(folder, name)).uid),
  }
}

dockerTest('docker build makes the container', () => {
  // The build's own output is shown: it takes minutes where the engine has no layers of it yet.
  assert.is(call('docker', ['build', ...locked, '-t', image, '.'], 'inherit').status, 0)
})

dockerTest('inside Docker and outside: the same bytes, and the files are the caller’s', () => {
  const inside = callersFolder('a folder with ünusual name')
  const outside = join(scratch, 'outside')
  writeFileSync(join(inside, 'mine'), 'not from the build')

  const made = run(
    ['build', '--kernel-root', '/kernel', ...kernelFlags],
    ['-v', `${inside}:/output`, '-v', `${kernelRoot}:/kernel:ro`],
  )
  assert.is(made.status, 0, made.stderr)
  assert.match(made.stdout, 'output/initrd.img')
  const direct = call(process.execPath, [
    bin,
    'build',
    '-o',
    outside,
    '--kernel-root',
    kernelRoot,
    ...kernelFlags,
  ])
  assert.is(direct.status, 0, direct.stderr)

  const [got, wanted] = [filesOf(inside), filesOf(outside)]
  assert.equal(got.names, ['mine', ...wanted.names].sort())
  for (const name of ['init', 'initrd.img', 'vmlinuz']) assert.ok(wanted.names.includes(name), name)
  for (const name of wanted.names) {
    assert.ok(got.contents[name]?.equals(wanted.contents[name] ?? Buffer.alloc(0)), `${name} differs`)
  }
  const owners = got.names.map(name => (name === 'mine' ? 0 : caller))
  assert.equal(got.owners, owners, 'new files are the caller’s, older ones as they were')
})

dockerTest('without a command: the default kernel from the network of the container', () => {
  const output = callersFolder('default')
  const made = run([], ['-v', `${output}:/output`])
  assert.is(made.status, 0, made.stderr)
  assert.match(made.stdout, /vmlinuz {2}.* Debian linux-image-\d/)
  for (const name of ['init', 'initrd.img', 'vmlinuz'])
    assert.is(statSync(join(output, name)).uid, caller, name)
})

dockerTest('as another user, without root in the container', () => {
  const output = callersFolder('as user')
  const made = run(
    ['build', '--kernel-root', '/kernel', ...kernelFlags],
    ['--user', `${caller}:${caller}`, '-v', `${output}:/output`, '-v', `${kernelRoot}:/kernel:ro`],
  )
  assert.is(made.status, 0, made.stderr)
  assert.is(statSync(join(output, 'initrd.img')).uid, caller)
})

dockerTest(
  'commands and options pass through: results on stdout, the exit status is that of the command',
  () => {
    for (const words of [['generate'], ['params'], ['--help'], ['build', '--help']]) {
      const inside = run(words)
      assert.is(inside.status, 0, inside.stderr)
      const outside = call(process.execPath, [bin, ...words])
      assert.ok(inside.stdout === outside.stdout, `${words.join(' ')}: stdout differs`)
    }
    assert.is(run(['build', '--help']).stderr, '')
    const wrong = run(['build', '--nonsense'])
    assert.equal([wrong.status, wrong.stdout], [2, ''])
    assert.match(wrong.stderr, /aria2-initrd: error: .+\nhelp: .+\n$/)
  },
)

dockerTest('a failure leaves the image of yesterday alone', () => {
  const output = callersFolder('old')
  writeFileSync(join(output, 'initrd.img'), 'the old image')
  const failed = run(['build', '--kernel-root', '/nowhere'], ['-v', `${output}:/output`])
  assert.is(failed.status, 1)
  assert.match(failed.stderr, /aria2-initrd: error: .+\nhelp: .+\n$/)
  assert.equal(readdirSync(output), ['initrd.img'])
  assert.is(readFileSync(join(output, 'initrd.img'), 'utf8'), 'the old image')
})

dockerTest('no folder at /output: said so, not silently lost', () => {
  const made = run(['build', '--kernel-root', '/kernel', ...kernelFlags], ['-v', `${kernelRoot}:/kernel:ro`])
  assert.is(made.status, 0, made.stderr)
  assert.match(made.stderr, 'no folder is mounted at /output')
})

dockerTest('docker stop ends a build by its own signal, not by force', async () => {
  const id = call('docker', ['run', '-d', '--network', 'host', image]).stdout.trim()
  try {
    const log = () => call('docker', ['logs', id]).stderr
    while (!log().includes('compiling /init')) await new Promise(resolve => setTimeout(resolve, 100))
    call('docker', ['stop', '-t', '60', id])
    const ended = call('docker', ['inspect', '--format', '{{.State.Status}} {{.State.ExitCode}}', id])
    // 137 would be KILL, 60 seconds later.
    assert.is(ended.stdout.trim(), 'exited 143')
  } finally {
    call('docker', ['rm', '-f', id])
  }
})

dockerTest('a container with a kernel in it is carried over and builds without a network', () => {
  const carried = `${image}-carried`
  const kernel = 'linux-image-cloud-amd64'
  const tar = join(scratch, 'image.tar')
  const built = ['build', ...locked, '-t', carried, '--build-arg', `KERNEL=${kernel}`, '.']
  assert.is(call('docker', built, 'inherit').status, 0)
  assert.is(call('docker', ['save', '-o', tar, carried]).status, 0)
  assert.is(call('docker', ['rmi', carried]).status, 0)
  const loaded = call('docker', ['load', '-i', tar])
  rmSync(tar)
  assert.is(loaded.status, 0, loaded.stderr)
  const output = callersFolder('carried')
  const options = ['--rm', '--network', 'none', '-v', `${output}:/output`]
  const made = call('docker', ['run', ...options, carried, 'build', '--kernel', kernel])
  assert.is(made.status, 0, made.stderr)
  assert.match(made.stdout, /vmlinuz {2}.* Debian linux-image-\d\S+-cloud-amd64/)
  assert.equal(readdirSync(output).sort(), ['init', 'initrd.img', 'manifest.json', 'sbom.json', 'vmlinuz'])
  call('docker', ['rmi', carried])
})

dockerTest('the target sources holds the source of all that the container holds, and the recipes', () => {
  const sources = `${image}-sources`
  const built = ['build', ...locked, '--target', 'sources', '-t', sources, '.']
  assert.is(call('docker', built, 'inherit').status, 0)
  const id = call('docker', ['create', sources, 'nothing']).stdout.trim()
  try {
    const tar = join(scratch, 'sources.tar')
    assert.is(call('docker', ['export', '-o', tar, id]).status, 0)
    const names = call('tar', ['-tf', tar]).stdout.split('\n')
    for (const name of ['aria2', 'busybox', 'kexec-tools', 'openssl', 'glibc', 'musl']) {
      assert.ok(
        names.some(path => path.startsWith(`sources/${name}_`) && path.includes('.orig.tar')),
        name,
      )
    }
    for (const path of ['README', 'recipes/lock.json', 'recipes/recipes/aria2c.sh'])
      assert.ok(names.includes(path), path)
  } finally {
    call('docker', ['rm', id])
    call('docker', ['rmi', sources])
  }
})

dockerTest('the container has neither npm nor a compiler', () => {
  const look = 'for name in node npm gcc make; do command -v "$name"; done; true'
  const found = call('docker', ['run', '--rm', '--entrypoint', 'sh', image, '-c', look])
  assert.is(found.stdout, '/usr/bin/node\n', found.stderr)
})

test.after(() => {
  for (const folder of [scratch, kernelRoot]) if (existsSync(folder)) rmSync(folder, { recursive: true })
})

test.run()

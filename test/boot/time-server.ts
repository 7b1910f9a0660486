/** A real time server, chrony's, that leaves this machine's clock alone. */
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../serve/published.ts'

/**
 * Answers on the loopback's port 123, which a guest reaches as 10.0.2.2. The package is unpacked and not installed, or its
 * service would be started; undefined where it cannot be had, or this is not root.
 */
export async function startTimeServer(): Promise<{ stop(): void } | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'aria2-initrd-chrony-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  try {
    execFileSync('apt-get', ['download', '-q', 'chrony'], { cwd: folder, stdio: 'pipe' })
    const [archive = ''] = readdirSync(folder)
    execFileSync('dpkg', ['-x', archive, 'root'], { cwd: folder, stdio: 'pipe' })
  } catch {
    return undefined
  }
  const configuration = join(folder, 'chrony.conf')
  writeFileSync(
    configuration,
    `local stratum 1\nallow all\ncmdport 0\nbindaddress 127.0.0.1\npidfile ${folder}/pid\n`,
  )
  const server = spawn(
    join(folder, 'root/usr/sbin/chronyd'),
    ['-x', '-d', '-u', 'root', '-f', configuration],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let said = ''
  for (const stream of [server.stdout, server.stderr])
    stream.on('data', (data: Buffer) => {
      said += data.toString()
    })
  server.on('exit', code => {
    said += `ended with ${code}\n`
  })
  await until('chronyd runs', () => /Running with root|ended with/.test(said))
  return said.includes('ended with') ? undefined : { stop: () => server.kill() }
}

/** A detached OpenPGP signature of SHA256SUMS, as systemd's downloads and others look for it; made by the site's own gpg(1). */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { CommandError } from '../host/console/command-error.ts'

/** @param key as gpg's --local-user takes it; without one gpg's own choice */
export async function signSums(text: string, key: string | undefined): Promise<Buffer> {
  const words = ['--batch', '--detach-sign', ...(key === undefined ? [] : ['--local-user', key])]
  return await new Promise<Buffer>((resolve, reject) => {
    const child = execFile('gpg', words, { encoding: 'buffer' }, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout)
      reject(error.code === 'ENOENT' ? gpgIsAbsent() : refusal(stderr.toString(), key))
    })
    // One that ends at once does not read what it is to sign.
    child.stdin?.on('error', () => {})
    child.stdin?.end(text)
  })
}

const gpgIsAbsent = () =>
  new CommandError('gpg is not there, which signs SHA256SUMS', 'apt install gpg gpg-agent')

function refusal(said: string, key: string | undefined): CommandError {
  // `gpg: signing failed: No secret key`, after lines about its folders.
  const reason = /failed: (.*)/.exec(said)?.[1] ?? said.trim().split('\n').at(-1) ?? ''
  const whose = key === undefined ? '' : ` with the key ${key}`
  if (key !== undefined && existsSync(key)) {
    return new CommandError(
      `cannot sign SHA256SUMS${whose}, which is a file here: ${reason}`,
      'a word after --gpg is the name of a key: write --gpg at the end of the line, or --gpg=KEY',
    )
  }
  return new CommandError(
    `cannot sign SHA256SUMS${whose}: ${reason}`,
    'gpg --list-secret-keys shows the keys that there are, gpg --quick-generate-key NAME makes one',
  )
}

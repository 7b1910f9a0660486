import type { LabCase } from './case.ts'
import { seederPort } from './origin.ts'

/** aria2c's words on the origin: those of `serve`, or none that matter where the naive set-up is shown. */
export function seederWords(lab: LabCase, folder: string, torrent: string): string[] {
  const always = [
    ...['--no-conf', '--no-netrc', '--quiet', '--enable-color=false', '--seed-ratio=0'],
    ...['--bt-seed-unverified=true', '--allow-overwrite=true', `--listen-port=${seederPort}`],
    `--dir=${folder}`,
  ]
  const profile = [
    ...['--enable-dht=false', '--enable-dht6=false', '--bt-enable-lpd=false', '--enable-peer-exchange=false'],
    ...['--bt-tracker-interval=5', '--bt-max-peers=4'],
  ]
  const given = (lab.originOptions ?? '').split(/\s+/).filter(Boolean)
  return [...always, ...(lab.method === 'naive' ? [] : profile), ...given, torrent]
}

import { originOptions } from '../../generator/swarm/origin-profile.ts'
import type { LabCase } from './case.ts'

export const seederPort = 6881
export const trackerPort = 6969

export interface SeederPlace {
  aria2c: string
  /** The folder with the torrent's data. */
  folder: string
  torrent: string
  tracker: string
}

/** aria2c's words on the origin: those of `serve`, or none but what seeding takes where the naive set-up is shown. */
export function seederWords(lab: LabCase, { aria2c, folder, torrent, tracker }: SeederPlace): string[] {
  const naive = ['--no-conf', '--no-netrc', '--seed-ratio=0', '--bt-seed-unverified=true']
  return [
    ...(lab.method === 'naive' ? naive : [...originOptions(aria2c), `--bt-tracker=${tracker}`]),
    ...['--quiet', '--enable-color=false', '--allow-overwrite=true', `--listen-port=${seederPort}`],
    ...(lab.originOptions ?? '').split(/\s+/).filter(Boolean),
    ...[`--dir=${folder}`, torrent],
  ]
}

/**
 * aria2 as the origin's seeder: the one place where its options are set. Whatever they are, the seeder never writes:
 * it opens the files for reading only and makes none that is gone (test/serve/seeder; an aria2 without our patches would), and
 * `serve` gives it only what it has checked.
 */

import { spawnSync } from 'node:child_process'
import { announceRetry, swarmPeers } from '../stages/fetch/swarm-profile.ts'

/** An option of aria2c as it stands on the command line, and why. */
export interface ProfileOption {
  option: string
  reason: string
}

/** Seconds between a peer's announces; the first comes at its start. */
export const announceInterval = 60

/**
 * Where the seeder listens unless it is told otherwise: below the ports that aria2 takes by itself (6881 to 6999), so that
 * a guest that shares this machine's address is never taken for the seeder, and a firewall can know it.
 */
export const seederPort = 6880

/** What shapes the swarm, with an aria2 that has our patch (generator/programs/patches). */
export const patchedSwarm: readonly ProfileOption[] = [
  {
    option: '--bt-cooperative=true',
    reason: 'all peers are ours: nobody is choked, and news of pieces goes out at once',
  },
  {
    option: '--bt-super-seeding=true',
    reason:
      'each piece goes to one node first, and the nodes do the rest (64 MiB to 16 nodes: 1.12 copies where aria2 as it ' +
      'comes sends 1.5, and 1.18 times the lower bound where that takes 2.1; test/lab/README.md)',
  },
  {
    option: `--bt-max-peers=${swarmPeers}`,
    reason: 'the node with the slowest piece decides: more at a time make each slower',
  },
]

/** The same with any other aria2. */
export const stockSwarm: readonly ProfileOption[] = [
  {
    option: '--bt-max-peers=4',
    reason:
      'few peers at a time, each at full speed, so that whole copies get out early and the nodes do the rest',
  },
]

/** The options that depend neither on the machine nor on the build of aria2. */
export const originProfile: readonly ProfileOption[] = [
  {
    option: '--seed-ratio=0',
    reason: 'it goes on however much it has given; and no --seed-time, which would end it',
  },
  {
    option: '--bt-seed-unverified=true',
    reason:
      'the pieces are checked before aria2 gets the torrent; its own check would take a wrong piece for a missing one, ' +
      'and fetch it from the nodes into the published folder',
  },
  {
    option: '--allow-overwrite=true',
    reason:
      'without a control file beside it, aria2 takes a finished file for one that must not be touched, and refuses',
  },
  {
    option: '--file-allocation=none',
    reason:
      'else aria2 makes room for files of 5 MiB and more, opens them to write, and gives up where it may only read them',
  },
  { option: '--auto-save-interval=0', reason: 'no control files in the published folder' },
  {
    option: '--max-concurrent-downloads=10000',
    reason: 'a torrent that is seeded counts as a download, and only five run at a time by default',
  },
  {
    option: '--enable-dht=false',
    reason: 'the nodes know the tracker; nothing of a site goes to the public network',
  },
  { option: '--enable-dht6=false', reason: 'as above' },
  {
    option: '--bt-enable-lpd=false',
    reason:
      'multicast that a tracker makes superfluous: aria2 sends it at its start only, when no node is up',
  },
  { option: '--enable-peer-exchange=false', reason: 'the tracker tells the nodes of each other' },
  {
    option: '--bt-exclude-tracker=*',
    reason: 'it announces itself to the tracker beside it, by --bt-tracker',
  },
  {
    option: `--bt-tracker-interval=${announceRetry}`,
    reason:
      'a first announce that fails is tried again only after 120 s (compiled in), and until then no node finds the ' +
      'origin; with an interval of our own the next one comes when that is over (test/lab: the tracker comes up late)',
  },
  {
    option: '--rlimit-nofile=65536',
    reason:
      'a thousand nodes that knock at once are a thousand sockets; aria2 takes what the hard limit allows',
  },
  { option: '--no-netrc', reason: 'no passwords of the user who runs it' },
]

/** Whether an aria2c has our patch. */
function isPatched(aria2c: string): boolean {
  const { stdout } = spawnSync(aria2c, ['--help=#bittorrent'], { encoding: 'utf8' })
  return typeof stdout === 'string' && stdout.includes('--bt-super-seeding')
}

/** The words of the profile for an aria2c's command line. */
export function originOptions(aria2c: string): string[] {
  const swarm = isPatched(aria2c) ? patchedSwarm : stockSwarm
  return [...swarm, ...originProfile].map(({ option }) => option)
}

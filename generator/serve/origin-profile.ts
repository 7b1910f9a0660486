/**
 * aria2 as the origin's seeder: the one place where its options are set. Whatever they are, the seeder never writes:
 * it opens the files for reading only (measured), and `serve` gives it only what it has checked.
 */

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

/** The options that do not depend on the machine. Measured: DESIGN, the second study of swarms. */
export const originProfile: readonly ProfileOption[] = [
  {
    option: '--bt-max-peers=4',
    reason:
      'few peers at a time, each at full speed, so that whole copies get out early and the nodes do the rest ' +
      '(256 MiB to 16 nodes: 1.48 times the lower bound where the default takes 1.69, 1.22 copies where it sends 1.44)',
  },
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
    option: '--bt-tracker-interval=5',
    reason:
      'a first announce that fails is tried again only after 120 s (compiled in), and until then no node finds the ' +
      'origin; with an interval of our own the next one comes when that is over (test/lab: the tracker comes up late)',
  },
  {
    option: '--rlimit-nofile=65536',
    reason:
      'a thousand nodes that knock at once are a thousand sockets; aria2 takes what the hard limit allows',
  },
  { option: '--disable-ipv6=true', reason: '/init speaks IPv4' },
  { option: '--no-netrc', reason: 'no passwords of the user who runs it' },
]

/** The words of the profile for aria2c's command line. */
export const originOptions = (): string[] => originProfile.map(({ option }) => option)

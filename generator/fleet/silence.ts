/** How long a node may say nothing, and what usually is the cause when it says nothing for longer. */

interface Silence {
  /** Seconds. A stage that has work without words has more. */
  seconds: number
  usually: string
}

/** Where only servers see a node. */
export const seenStages = ['stage one', 'files', 'swarm'] as const

const lostTouch = 'usually power, the cable, or its port on the switch'

const silences: Record<string, Silence> = {
  'stage one': {
    seconds: 90,
    usually: 'usually the image has no driver for its card (inspect --hardware), or DHCP does not answer',
  },
  files: { seconds: 60, usually: `its last file was broken off: ${lostTouch}` },
  swarm: { seconds: 180, usually: `it left the swarm before it had all: ${lostTouch}` },
  network: { seconds: 60, usually: 'usually another address or route than the one that reports went by' },
  // aria2 tells of progress every 10 s; the longest pause before another try is 60 s.
  download: { seconds: 90, usually: lostTouch },
  verify: { seconds: 180, usually: 'usually memory is full, or the power is gone' },
  kexec: {
    seconds: 60,
    usually: 'usually the next kernel did not fit into memory, or a driver hung at the jump',
  },
}

const others: Silence = { seconds: 90, usually: lostTouch }

export const silenceOf = (stage: string): Silence =>
  (Object.hasOwn(silences, stage) ? silences[stage] : undefined) ?? others

/** The stages of a boot, and those that servers see: what a label may say. */
export const knownStages: readonly string[] = [
  ...['mounts', 'command-line', 'drivers', 'network', 'download', 'verify', 'kexec'],
  ...seenStages,
]

/** A known stage, or `other`: a site's own stages, and whatever else a node may call one. */
export const stageLabel = (stage: string): string => (knownStages.includes(stage) ? stage : 'other')

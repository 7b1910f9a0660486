import type { FleetNode } from '../../../generator/fleet/fleet-view.ts'

/** A boot that ended well, but for what is given. */
export const endedBoot = (given: Partial<FleetNode> = {}): FleetNode => ({
  ...{
    key: 'k',
    address: '10.0.0.5',
    mac: '52:54:00:12:34:56',
    ip: '10.0.0.5',
    hostname: 'node5',
    serial: 'S5',
  },
  ...{
    uuid: '',
    rack: 'rack-1',
    hardware: '',
    contested: false,
    state: 'handed-over',
    stage: 'kexec',
    cause: '',
  },
  ...{ said: '', seenBy: ['report'], rateFromServer: 0, rateFromSwarm: 0, fromServer: 4096, fromSwarm: 8192 },
  ...{ began: 1_800_000_000_000, stageBegan: 1_800_000_000_000, lastSeen: 1_800_000_043_000, seconds: 43 },
  ...given,
})

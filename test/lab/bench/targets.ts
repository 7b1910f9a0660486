/** What the swarm is to reach, and whether it does. */
import { rackCases } from './cases.ts'
import { type Numbers, numbersOf } from './numbers.ts'
import type { Results } from './store.ts'

export interface Verdict {
  name: string
  byHand: string
  target: string
  measured: string
  /** Undefined where there is nothing to compare yet. */
  met?: boolean
}

const x = (value: number): string => (Number.isFinite(value) ? value.toFixed(2) : 'never')
const seconds = (value: number): string => (Number.isFinite(value) ? `${value.toFixed(1)} s` : 'never')

type Judge = (of: (id: string) => Numbers | undefined) => Pick<Verdict, 'measured' | 'met'>
const notMeasured = { measured: 'not measured' }

/** Multiples of the bound, and copies that the origin sends. */
const within =
  (id: string, most: { overBound: number; copies?: number }): Judge =>
  of => {
    const found = of(id)
    if (found === undefined) return notMeasured
    const { overBound, copies, complete } = found
    return {
      measured: `${x(overBound)} x, ${x(copies)} copies`,
      met: complete && overBound <= most.overBound && copies <= (most.copies ?? Infinity),
    }
  }

/** Multiples of the bound, and files that come over an uplink. */
const overUplinks =
  (id: string): Judge =>
  of => {
    const found = of(id)
    if (found === undefined) return notMeasured
    const { overBound, uplinkCopies = Infinity, complete } = found
    return {
      measured: `${x(overBound)} x, ${x(uplinkCopies)}`,
      met: complete && overBound <= 1.3 && uplinkCopies <= 1.25,
    }
  }

/**
 * Not more than a tenth slower than the quicker way of plain HTTP, for one, two and four nodes.
 * @param cases the first words of their ids, and of the swarm's where those are others
 */
const fewNodes =
  (cases: string, swarms = cases): Judge =>
  of => {
    const ratios: number[] = []
    for (const nodes of [1, 2, 4]) {
      const swarm = of(`${swarms}/swarm/${nodes}`)?.makespan
      const [wget, aria2] = ['http-wget', 'http-aria2'].map(
        method => of(`${cases}/${method}/${nodes}`)?.makespan,
      )
      if (swarm === undefined || wget === undefined || aria2 === undefined) return notMeasured
      ratios.push(swarm / Math.min(wget, aria2))
    }
    return { measured: ratios.map(x).join(', '), met: ratios.every(ratio => ratio <= 1.1) }
  }

const undisturbed = 'scale/swarm/16'

const judges: { name: string; byHand: string; target: string; judge: Judge }[] = [
  {
    name: 'N=16, 256 MiB',
    byHand: '1.48 x, 1.22 copies',
    target: '<= 1.25 x, <= 1.15 copies',
    judge: within('size/256/swarm/16', { overBound: 1.25, copies: 1.15 }),
  },
  {
    name: 'N=16, 64 MiB',
    byHand: '1.8 to 2.1 x, 1.3 to 1.7 copies',
    target: '<= 1.5 x, <= 1.2 copies',
    judge: within(undisturbed, { overBound: 1.5, copies: 1.2 }),
  },
  {
    name: 'N=32, 64 MiB, 25 Mbit/s',
    byHand: '1.95 x, 1.65 copies',
    target: '<= 1.6 x',
    judge: within('scale/swarm/32', { overBound: 1.6 }),
  },
  {
    name: 'N=16, 8 MiB',
    byHand: '5.6 x by BitTorrent',
    target: 'what is best',
    judge: of => {
      const ways = ['swarm', 'http-aria2', 'http-wget'].flatMap(way => {
        const found = of(`size/8/${way}/16`)
        return found === undefined ? [] : [`${way} ${x(found.overBound)} x`]
      })
      if (ways.length === 0) return notMeasured
      return { measured: ways.join(', ') }
    },
  },
  {
    name: 'N=1, 2, 4, 64 MiB',
    byHand: '',
    target: '<= 1.10 of plain HTTP',
    judge: fewNodes('scale'),
  },
  { name: 'N=1, 2, 4, 8 MiB', byHand: '', target: '<= 1.10 of plain HTTP', judge: fewNodes('size/8') },
  {
    name: 'N=1, 2, 4, 64 MiB, nobody seeds',
    byHand: '',
    target: '<= 1.10 of plain HTTP',
    judge: fewNodes('scale', 'unseeded'),
  },
  {
    name: 'N=1, 2, 4, 64 MiB, the only seeder lies',
    byHand: '',
    target: '<= 1.10 of plain HTTP',
    judge: fewNodes('scale', 'liar'),
  },
  {
    name: '25 % of the links cut',
    byHand: '2.3 x, all survivors complete',
    target: '<= +10 %',
    judge: of => {
      const [cut, even] = [of('disturbed/cut/swarm'), of(undisturbed)]
      if (cut === undefined || even === undefined) return notMeasured
      const more = cut.makespan / even.makespan - 1
      return {
        measured: `${more < 0 ? '' : '+'}${Math.round(more * 100)} % (${x(cut.overBound)} x)`,
        met: cut.complete && more <= 0.1,
      }
    },
  },
  {
    name: 'tracker 10 s late',
    byHand: '+3 s with 5 s announces, +118 s without',
    target: '<= +5 s after it is up',
    judge: of => {
      const [late, even] = [of('disturbed/tracker/swarm'), of(undisturbed)]
      if (late === undefined || even === undefined) return notMeasured
      const more = late.makespan - 10 - even.makespan
      return { measured: `${more < 0 ? '' : '+'}${seconds(more)}`, met: late.complete && more <= 5 }
    },
  },
  {
    name: 'origin gone after one copy is out',
    byHand: '',
    target: 'all complete',
    judge: of => {
      const gone = of('disturbed/gone/swarm')
      if (gone === undefined) return notMeasured
      return { measured: gone.complete ? `all, ${x(gone.overBound)} x` : 'not all', met: gone.complete }
    },
  },
  ...rackCases.map(({ id, title }) => ({
    name: title.replace('swarm: ', ''),
    byHand: '',
    target: '<= 1.3 x, <= 1.25 files over each uplink',
    judge: overUplinks(id),
  })),
]

export function verdicts(results: Results): Verdict[] {
  return judges.map(({ judge, ...row }) => ({ ...row, ...judge(id => numbersOf(results, id)) }))
}

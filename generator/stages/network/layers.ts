/** Interfaces that stand on others: a partition of InfiniBand, a VLAN on a bond, a bond of VLANs. */
import { after, before, exists, lines, log, readFile, split } from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { checkBonds, linksOf, makeBonds } from './bond.ts'
import { checkPartitions, makePartitions } from './infiniband.ts'
import { checkVlans, makeVlans } from './vlan.ts'

/** What `ip=` and bootdev call interfaces, one a line. */
export const calledFile = '/run/aria2-initrd/called'

/** The same, once the command line has been read for it; else nothing. */
export function calledNames(): string {
  return exists(calledFile) ? readFile(calledFile) : ''
}

/** Refuses bonds and VLANs that cannot be made, before anything is. */
export function checkLayers(parameters: Parameters): void {
  if (parts.bond) {
    checkBonds(parameters.wantedBonds)
  }
  if (parts.vlan) {
    checkVlans(parameters.wantedVlans)
  }
  if (parts.infiniband) {
    checkPartitions(parameters.wantedPartitions)
  }
}

/** Says which of the wanted could not be made. */
function reportUnmadeOf(layers: string, parameter: string): void {
  for (const layer of lines(layers)) {
    const name = before(layer, ':')
    if (!exists(`/sys/class/net/${name}`)) {
      log(`${parameter}=${layer}: an interface that it needs is not there`)
    }
  }
}

/** Says which partitions, bonds and VLANs could not be made. */
export function reportUnmade(parameters: Parameters): void {
  if (parts.infiniband) {
    reportUnmadeOf(parameters.wantedPartitions, 'ib.pkey')
  }
  if (parts.bond) {
    reportUnmadeOf(parameters.wantedBonds, 'bond')
  }
  if (parts.vlan) {
    reportUnmadeOf(parameters.wantedVlans, 'vlan')
  }
}

/** Makes the partitions, bonds and VLANs that can be made of what is there. */
export function makeLayers(parameters: Parameters): void {
  if (parts.infiniband) {
    const given = calledNames()
    makePartitions(`${parameters.wantedPartitions}${given}`)
  }
  if (parts.bond) {
    makeBonds(parameters.wantedBonds)
  }
  if (parts.vlan) {
    makeVlans(parameters.wantedVlans)
  }
  if (parts.bond && parts.vlan) {
    // Those of VLANs.
    makeBonds(parameters.wantedBonds)
  }
}

/** The interfaces that bonds and VLANs stand on, one a line. */
export function namesBelow(parameters: Parameters): string {
  let names = ''
  if (parts.bond) {
    for (const bond of lines(parameters.wantedBonds)) {
      const links = linksOf(bond)
      for (const link of split(links, ',')) {
        names = `${names}${link}\n`
      }
    }
  }
  if (parts.vlan) {
    for (const vlan of lines(parameters.wantedVlans)) {
      const parent = after(vlan, ':')
      names = `${names}${parent}\n`
    }
  }
  if (parts.infiniband) {
    for (const partition of lines(parameters.wantedPartitions)) {
      const parent = before(partition, '.')
      names = `${names}${parent}\n`
    }
  }
  return names
}

/** The names of partitions, bonds and VLANs, one a line. */
export function layerNames(parameters: Parameters): string {
  let names = ''
  if (parts.infiniband) {
    for (const partition of lines(parameters.wantedPartitions)) {
      names = `${names}${partition}\n`
    }
  }
  if (parts.bond) {
    for (const wanted of lines(parameters.wantedBonds)) {
      const name = before(wanted, ':')
      names = `${names}${name}\n`
    }
  }
  if (parts.vlan) {
    for (const wanted of lines(parameters.wantedVlans)) {
      const name = before(wanted, ':')
      names = `${names}${name}\n`
    }
  }
  return names
}

/** Which modules a kernel's tree has for the devices of some machines, and nothing else. */
import { CommandError } from '../../host/console/command-error.ts'
import type { Module, ModuleTree } from '../modules/module-tree.ts'
import type { Selection } from '../modules/selection.ts'
import { type Device, drives, howMade, serves } from './device.ts'

/** What the modules for the machines are, and what has none. */
export interface NeededModules extends Selection {
  /** Network cards for which the kernel has no driver, neither as a module nor built in, by their names. */
  withoutDriver: string[]
  /** Names of the drivers among the modules: those that a device asks for. */
  drivers: string[]
}

const networkFolder = 'kernel/drivers/net'
const [usbNetworkFolder, phyFolder] = [`${networkFolder}/usb`, `${networkFolder}/phy`]

/** Folders of kernel/drivers/net that a boot over a wire has no use for. */
const notWired = ['wireless', 'wwan', 'wan', 'hamradio', 'can', 'ieee802154', 'netdevsim'].map(
  name => `${networkFolder}/${name}/`,
)

/** Whether the module of that path may drive a wired network card. */
export const isNetworkDriver = (path: string): boolean =>
  /kernel\/drivers\/(net\/(ethernet|usb|hyperv|vmxnet3)|infiniband\/hw)\/|\/(virtio_net|xen-netfront)\.ko/.test(
    path,
  )

/** What a USB network card hangs on. */
export const usbHosts = ['xhci_pci', 'ehci_pci', 'ohci_pci', 'uhci_hcd']

/** Aliases that name a device; others are those of protocols, algorithms and file systems. */
const ofDevices = /^(pci|usb|virtio|vmbus|xen|auxiliary|mdio|acpi|of|platform|serio|hid|scsi|nvme|ieee1394):/

const hasDevices = ({ info }: Module) => info.aliases.some(alias => ofDevices.test(alias))

/** Whether the kernel itself has the driver. */
function servedByKernel(tree: ModuleTree, device: Device): boolean {
  if (device.driver !== undefined) return tree.builtIn.has(device.driver)
  const { modalias } = device
  return modalias !== undefined && tree.builtInAliases().some(alias => serves(alias, modalias))
}

const isFor = ({ name, info }: Module, device: Device): boolean => drives(name, info.aliases, device)

/** Whether a module serves a part of a card whose driver is chosen: `auxiliary:mlx5_core.rdma`, or mlx4_en of old kernels. */
function isPartOf({ info, path }: Module, chosen: Map<string, Module>): boolean {
  const parents = info.aliases.flatMap(alias => /^auxiliary:([^.]+)\./.exec(alias)?.[1] ?? [])
  if (parents.length > 0) return parents.some(parent => chosen.has(parent))
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  return (
    info.aliases.length === 0 &&
    info.depends.some(name => chosen.get(name)?.path.startsWith(folder) === true) &&
    folder.startsWith(`${networkFolder}/`)
  )
}

/** Whether a driver works with PHYs of their own drivers, by what it depends on. */
async function usesPhys(tree: ModuleTree, module: Module, seen = new Set<string>()): Promise<boolean> {
  for (const dependency of module.info.depends) {
    const name = dependency.replaceAll('-', '_')
    if (name === 'libphy' || name === 'phylink') return true
    if (seen.has(name) || !tree.has(name)) continue
    seen.add(name)
    if (await usesPhys(tree, await tree.read(name), seen)) return true
  }
  return false
}

/** PHYs stand on no list but ours; a card that has one would stay without a link. */
async function physFor(tree: ModuleTree, devices: Device[], chosen: Module[]): Promise<string[]> {
  const told = devices.some(({ modalias }) => modalias?.startsWith('mdio:'))
  // Told ones are chosen by their ids, as other devices are.
  if (told) return []
  for (const module of chosen) if (await usesPhys(tree, module)) return tree.namesBelow(phyFolder)
  return []
}

/**
 * Of the selection, and of all wired network drivers that the kernel has: what serves one of the devices, what no device
 * asks for (protocols such as af_packet), and what was asked for by its own name.
 * @throws CommandError where no network card of these machines would have a driver
 */
export async function neededModules(
  tree: ModuleTree,
  { names, named, single, alongside }: Selection,
  devices: Device[],
): Promise<NeededModules> {
  const inSets = new Set(names)
  const candidates = new Set([
    ...names,
    ...tree.namesBelow(networkFolder),
    ...usbHosts.filter(name => tree.has(name)),
  ])
  const modules = (await Promise.all([...candidates].map(name => tree.read(name)))).filter(
    ({ path }) => !notWired.some(folder => path.startsWith(folder)),
  )
  const chosen = new Map<string, Module>()
  const choose = (wanted: (module: Module) => boolean) => {
    for (const module of modules) if (wanted(module)) chosen.set(module.name, module)
  }
  choose(module => !usbHosts.includes(module.name) && devices.some(device => isFor(module, device)))
  // A card's own parts, and theirs.
  for (let before = -1; before !== chosen.size; ) {
    before = chosen.size
    choose(module => isPartOf(module, chosen))
  }
  const drivers = [...chosen.keys()].sort()
  const cards = devices.filter(({ network }) => network)
  const served = (device: Device) =>
    [...chosen.values()].some(module => isFor(module, device)) || servedByKernel(tree, device)
  const withoutDriver = cards.filter(device => !served(device)).map(({ name }) => name)
  const some = [...chosen.values()].some(({ path }) => isNetworkDriver(path))
  if (!some && withoutDriver.length === cards.length && !tree.builtInPaths.some(isNetworkDriver)) {
    throw cards.length === 0
      ? new CommandError('the files of --hardware name no wired network card', howMade)
      : new CommandError(
          `this kernel has no driver for ${withoutDriver.join(', ')}`,
          'name another kernel, or leave out --hardware',
        )
  }
  const physNeeded = await physFor(tree, devices, [...chosen.values()])
  const onUsb = [...chosen.values()].some(({ path }) => path.startsWith(`${usbNetworkFolder}/`))
  choose(module => {
    if (single.has(module.name) || physNeeded.includes(module.name)) return true
    if (usbHosts.includes(module.name)) return onUsb || inSets.has(module.name)
    return named.has(module.name) && !hasDevices(module)
  })
  return { names: [...chosen.keys()].sort(), named, single, alongside, withoutDriver, drivers }
}

/** boot=switch_root: the image of url= is the root of this kernel, mounted from the file itself: no second copy, no kexec. */

import {
  exists,
  fail,
  hexAt,
  isDirectory,
  log,
  makeDirectory,
  modprobe,
  mount,
  readFile,
  record,
  setStage,
  succeeds,
  switchRoot,
  withoutPrefix,
  withoutSuffix,
} from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Roles } from '../fetch/roles.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { endReports } from '../start/reports.ts'

/** Not below /run, which moves into it. */
const newRoot = '/sysroot'
const layersFolder = '/run/aria2-initrd/root'

/** What an image holds, by its magic: squashfs at 0, erofs at 1024, ext4 (and its elders) at 1080. */
function fileSystemIn(image: string): string {
  const squashfsMagic = hexAt(image, 0, 4)
  const erofsMagic = hexAt(image, 1024, 4)
  const extMagic = hexAt(image, 1080, 2)
  const magic = `${squashfsMagic} ${erofsMagic} ${extMagic}`
  if (magic.startsWith('68737173 ')) {
    return 'squashfs'
  } else if (magic.includes(' e2e1f5e0 ')) {
    return 'erofs'
  } else if (magic.endsWith(' 53ef')) {
    return 'ext4'
  } else {
    return fail(`${image}: boot=switch_root takes squashfs, erofs and ext4, and it is none of them`)
  }
}

/** Mounts a file system, or ends the boot with what is missing. */
function mountLayer(fileSystem: string, options: string, source: string, target: string): void {
  if (succeeds(() => mount('-t', fileSystem, '-o', options, source, target))) {
    return
  }
  const available = readFile('/proc/filesystems')
  if (!available.includes(fileSystem)) {
    fail(`this kernel has no ${fileSystem}: build the image with --modules storage`)
  }
  if (!exists('/dev/loop-control')) {
    fail('this kernel has no loop: build the image with --modules storage')
  }
  fail(`${source}: cannot be mounted as ${fileSystem}`)
}

/** Mounts the image, below a writable layer in memory where `rd.overlay=` says so. */
function mountRoot(image: string, layer: string): void {
  const fileSystem = fileSystemIn(image)
  // What is built in is no module, and then none is missing.
  for (const module of ['loop', fileSystem, 'overlay']) {
    succeeds(() => modprobe('-b', '-q', '--', module))
  }
  makeDirectory(newRoot)
  if (layer === '') {
    mountLayer(fileSystem, 'ro,loop', image, newRoot)
    return
  }
  makeDirectory(`${layersFolder}/image`)
  makeDirectory(`${layersFolder}/memory`)
  mountLayer(fileSystem, 'ro,loop', image, `${layersFolder}/image`)
  const limit = withoutPrefix(layer, 'tmpfs:', 'mode=0755')
  mountLayer('tmpfs', limit, 'tmpfs', `${layersFolder}/memory`)
  makeDirectory(`${layersFolder}/memory/changes`)
  makeDirectory(`${layersFolder}/memory/work`)
  const layers = `lowerdir=${layersFolder}/image,upperdir=${layersFolder}/memory/changes`
  mountLayer('overlay', `${layers},workdir=${layersFolder}/memory/work`, 'overlay', newRoot)
}

/** Whether the root can be started; after switch_root there is nobody left to say why not. */
function checkRoot(image: string): void {
  for (const folder of ['dev', 'proc', 'run', 'sys']) {
    if (!isDirectory(`${newRoot}/${folder}`)) {
      fail(`${image}: no root of a system: it has no folder /${folder}`)
    }
  }
  const program = `${newRoot}/sbin/init`
  if (!exists(program)) {
    fail(`${image}: no root of a system: it has no /sbin/init`)
  }
  const programMagic = hexAt(program, 0, 4)
  if (!programMagic.startsWith('2321') && programMagic !== '7f454c46') {
    fail(`${image}: /sbin/init is no program`)
  }
}

/** Makes the one image the root, and starts its /sbin/init. @param images those that may be booted */
export function startRoot(parameters: Parameters, roles: Roles, images: string): void {
  setStage('switch-root')
  const image = withoutSuffix(images, '\n')
  if (image === '') {
    fail('boot=switch_root, and no image is among the files')
  }
  if (image.includes('\n')) {
    fail('boot=switch_root, and several images are among the files')
  }
  if (roles.kernel !== '') {
    log(`${roles.kernel}: not started, since boot=switch_root`)
  }
  mountRoot(image, parameters.overlay)
  checkRoot(image)
  log(`starting /sbin/init of ${image}`)
  if (parts.reports) {
    record('handed-over', image)
    endReports('0.08', parameters)
  }
  for (const folder of ['dev', 'proc', 'sys', 'run']) {
    mount('-o', 'move', `/${folder}`, `${newRoot}/${folder}`)
  }
  switchRoot(newRoot, '/sbin/init')
}

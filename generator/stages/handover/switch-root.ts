/**
 * boot=switch_root: the image of url= is the root of this kernel, mounted from the file itself, or an archive is unpacked into
 * memory: no second copy, no kexec.
 */

import {
  after,
  attribute,
  exists,
  fail,
  hexAt,
  hexInside,
  isDirectory,
  lines,
  linkTarget,
  log,
  makeDirectory,
  modprobe,
  mount,
  openVerity,
  readFile,
  record,
  remove,
  setStage,
  stopPrograms,
  succeeds,
  switchRoot,
  unpackArchive,
  withoutPrefix,
  withoutSuffix,
  writeFile,
} from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Roles } from '../fetch/roles.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { endReports } from '../start/reports.ts'
import { unpackerFor, unpackTo } from './compressed.ts'
import { inheritedBefore } from './inherit.ts'

/** Not below /run, which moves into it. */
const newRoot = '/sysroot'
const layersFolder = '/run/aria2-initrd/root'

/** What unpacks an image; `cat` where nothing has to. Ends the boot where nothing here can. */
function programFor(image: string): string {
  const firstBytes = hexAt(image, 0, 6)
  if (firstBytes.startsWith('28b52ffd')) {
    fail(`${image}: zstd is not unpacked here; compress it with gzip or xz`)
  }
  const unpacker = unpackerFor(firstBytes)
  if (!parts.unpacking && unpacker !== 'cat') {
    fail(`${image}: compressed, and this image was made --without unpacking`)
  }
  return unpacker
}

/**
 * What an image holds, by its magic: squashfs at 0, erofs at 1024, ext4 (and its elders) at 1080; the archives cpio (newc) at 0
 * and tar (POSIX's ustar) at 257.
 */
function formatOf(image: string, unpacker: string): string {
  const firstMagic = hexInside(unpacker, image, 0, 6)
  const erofsMagic = hexInside(unpacker, image, 1024, 4)
  const extMagic = hexInside(unpacker, image, 1080, 2)
  const tarMagic = hexInside(unpacker, image, 257, 5)
  if (firstMagic.startsWith('68737173')) {
    return 'squashfs'
  } else if (firstMagic === '303730373031' || firstMagic === '303730373032') {
    return 'cpio'
  } else if (tarMagic === '7573746172') {
    return 'tar'
  } else if (erofsMagic === 'e2e1f5e0') {
    return 'erofs'
  } else if (extMagic === '53ef') {
    return 'ext4'
  } else {
    return fail(`${image}: not a root: neither squashfs, erofs, ext4, tar nor cpio`)
  }
}

/** Mounts a file system, or ends the boot with what is missing. */
function mountLayer(fileSystem: string, options: string, source: string, place: string): void {
  if (succeeds(() => mount('-t', fileSystem, '-o', options, source, place))) {
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

/** What dm-verity answered: the path of the device that it proves, or why there is none. */
const verityAnswer = '/run/aria2-initrd/verity'

/**
 * Makes an image a device that a hash tree proves: in a file of its own, or behind the file system. Read to its end before it is
 * the root: a wrong byte that shows up later would be an error of some program there.
 */
function proveImage(imageFile: string, tree: string, parameters: Parameters): void {
  succeeds(() => modprobe('-b', '-q', '--', 'dm-verity'))
  log(`${imageFile}: all of it is held against roothash=`)
  const digest = after(parameters.rootHash, ':')
  const status = openVerity(imageFile, tree === '' ? imageFile : tree, digest)
  if (status === 0) {
    return
  }
  if (!exists('/dev/mapper/control')) {
    fail('this kernel has no dm-verity: build the image with --modules storage')
  }
  const answer = readFile(verityAnswer)
  const cause = withoutPrefix(answer, 'verity: ')
  fail(cause)
}

/**
 * Mounts an image, below a writable layer in memory where `rd.overlay=` says so.
 * @param tree the file of its hash tree; empty where it is behind the file system
 */
function mountImage(imageFile: string, fileSystem: string, tree: string, parameters: Parameters): void {
  const layer = parameters.overlay
  let source = imageFile
  let access = 'ro,loop'
  // What is built in is no module, and then none is missing.
  for (const module of ['loop', fileSystem, 'overlay']) {
    succeeds(() => modprobe('-b', '-q', '--', module))
  }
  if (parts.verity && parameters.rootHash !== '') {
    proveImage(imageFile, tree, parameters)
    source = readFile(verityAnswer)
    access = 'ro'
  }
  if (layer === '') {
    mountLayer(fileSystem, access, source, newRoot)
    return
  }
  makeDirectory(`${layersFolder}/image`)
  makeDirectory(`${layersFolder}/memory`)
  mountLayer(fileSystem, access, source, `${layersFolder}/image`)
  const limit = withoutPrefix(layer, 'tmpfs:', 'mode=0755')
  mountLayer('tmpfs', limit, 'tmpfs', `${layersFolder}/memory`)
  makeDirectory(`${layersFolder}/memory/changes`)
  makeDirectory(`${layersFolder}/memory/work`)
  const layers = `lowerdir=${layersFolder}/image,upperdir=${layersFolder}/memory/changes`
  mountLayer('overlay', `${layers},workdir=${layersFolder}/memory/work`, 'overlay', newRoot)
}

/** Unpacks an archive into memory, and takes it away. It is read-only without `rd.overlay=`, as images are. */
function unpackRoot(image: string, program: string, archiver: string, layer: string): void {
  const limit = withoutPrefix(layer, 'tmpfs:', 'size=75%')
  mountLayer('tmpfs', `mode=0755,${limit}`, 'tmpfs', newRoot)
  log(`unpacking ${image} (${archiver}) into memory`)
  if (!succeeds(() => unpackArchive(program, image, archiver, newRoot))) {
    fail(`${image}: damaged, or no room in memory for what it holds`)
  }
  remove(image)
  if (layer === '') {
    mount('-o', 'remount,ro', newRoot)
  }
}

/** Mounts or unpacks what an image holds. @param tree the file of its hash tree, or nothing */
function layRoot(image: string, tree: string, parameters: Parameters): void {
  const unpacker = programFor(image)
  const format = formatOf(image, unpacker)
  makeDirectory(newRoot)
  if (format === 'tar' || format === 'cpio') {
    if (parts.verity && parameters.rootHash !== '') {
      fail(`${image}: roothash= proves a file system, and this is an archive (${format})`)
    }
    unpackRoot(image, unpacker, format, parameters.overlay)
    return
  }
  let mounted = image
  if (parts.unpacking && unpacker !== 'cat') {
    mounted = `${image}.unpacked`
    unpackTo(mounted, unpacker, image)
  }
  mountImage(mounted, format, tree, parameters)
}

/** Whether this machine runs a program for another (e_machine of ELF): its own, and the 32 bits of its kind. */
function runsHere(program: string): boolean {
  const machine = hexInside('cat', program, 18, 2)
  const architecture = attribute('/proc/sys/kernel/arch')
  switch (`${architecture} ${machine}`) {
    case 'x86_64 3e00':
    case 'x86_64 0300':
    case 'aarch64 b700':
    case 'aarch64 2800':
      return true
    default:
      return architecture !== 'x86_64' && architecture !== 'aarch64'
  }
}

/** Whether the root can be started; after switch_root there is nobody left to say why not. */
function checkRoot(image: string): void {
  for (const folder of ['dev', 'proc', 'run', 'sys']) {
    if (!isDirectory(`${newRoot}/${folder}`)) {
      fail(`${image}: not a root: it has no folder /${folder}`)
    }
  }
  const program = `${newRoot}/sbin/init`
  if (!exists(program)) {
    // A link that begins at the root's own / leads elsewhere from here.
    if (linkTarget(program) !== '' || linkTarget(`${newRoot}/sbin`) !== '') {
      return
    }
    fail(`${image}: not a root: it has no /sbin/init`)
  }
  const programMagic = hexAt(program, 0, 4)
  if (!programMagic.startsWith('2321') && programMagic !== '7f454c46') {
    fail(`${image}: /sbin/init is not a program`)
  }
  if (programMagic === '7f454c46' && !runsHere(program)) {
    fail(`${image}: /sbin/init is built for another architecture`)
  }
}

/** What lies over /proc/cmdline. */
export const systemLineFile = '/run/aria2-initrd/cmdline'

/**
 * The command line of the system: next_kernel_params=, behind what inherit= takes of this boot's; without one this boot's, but
 * under a manifest always the signed one.
 */
function systemLineFor(ownLine: string, parameters: Parameters): string {
  const line = parameters.nextKernelParams
  if (line === '' && (!parts.signatures || parameters.manifest === '')) {
    return ownLine
  }
  if (!parts.inherit) {
    return line
  }
  const inherited = inheritedBefore(line, parameters)
  return `${inherited}${line}`
}

/** Shows a line where programs look for that of this boot. */
function showLine(line: string): void {
  log(`the system's command line: ${line}`)
  writeFile(systemLineFile, line)
  mount('-o', 'bind', systemLineFile, '/proc/cmdline')
}

/** Systemd has a meaning of its own for roothash=: it waits for partitions of that name (systemd-veritysetup-generator(8)). */
function warnOfGenerator(systemLine: string): void {
  if (!exists(`${newRoot}/usr/lib/systemd/system-generators/systemd-veritysetup-generator`)) {
    return
  }
  if (systemLine.includes('roothash=') && !systemLine.includes('systemd.verity=')) {
    log('warning: systemd waits for a partition by roothash=; add systemd.verity=no')
  }
}

/**
 * Makes the one image the root, and starts its /sbin/init; without image and kernel, the one initrd: a cpio archive may be a root.
 * @param images those that may be booted
 */
export function startRoot(parameters: Parameters, roles: Roles, images: string): void {
  setStage('switch-root')
  let image = ''
  let tree = ''
  for (const file of lines(images)) {
    if (parts.verity && hexInside('cat', file, 0, 8) === '7665726974790000') {
      tree = file
    } else if (image !== '') {
      fail('boot=switch_root, and several images are among the files')
    } else {
      image = file
    }
  }
  if (image === '' && roles.kernel === '' && roles.otherFiles === 0) {
    image = withoutSuffix(roles.initrds, '\n')
  }
  if (image === '') {
    fail('boot=switch_root, and no image is among the files')
  }
  if (image.includes('\n')) {
    fail('boot=switch_root, and several initrds are among the files')
  }
  if (parts.verity && tree !== '' && parameters.rootHash === '') {
    fail(`${tree}: a hash tree, and no roothash= to hold it against`)
  }
  if (roles.kernel !== '') {
    log(`${roles.kernel}: not started, since boot=switch_root`)
  }
  layRoot(image, tree, parameters)
  checkRoot(image)
  const ownLine = readFile('/proc/cmdline')
  const systemLine = systemLineFor(ownLine, parameters)
  if (systemLine !== ownLine) {
    showLine(systemLine)
  }
  if (parts.verity) {
    warnOfGenerator(systemLine)
  }
  log(`starting /sbin/init of ${image}`)
  if (parts.reports) {
    record('handed-over', image)
    endReports('0.08', parameters)
  }
  // The next system asks for its own lease; until then the address stays.
  const daemons: string[] = ['linkwatch', 'udhcpc', ...(parts.ipv6 ? ['nd6watch', 'udhcpc6'] : [])]
  succeeds(() => stopPrograms(...daemons))
  for (const folder of ['dev', 'proc', 'sys', 'run']) {
    mount('-o', 'move', `/${folder}`, `${newRoot}/${folder}`)
  }
  switchRoot(newRoot, '/sbin/init')
}

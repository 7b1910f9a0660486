/** Images beside a kernel: each becomes a segment of the next initramfs (cpio(5), newc), which nobody fetches once more. */

import {
  afterLast,
  append,
  before,
  beforeLast,
  consistsOf,
  fail,
  lines,
  log,
  newcHeader,
  padToWords,
  remove,
  sizeOf,
  withoutPrefix,
  withoutSuffix,
} from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import { memoryIn } from '../fetch/room.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { parametersNamed } from './inherit.ts'

/** The mode of a regular file, 0100644, and of a folder, 040755 (inode(7)). */
const fileMode = 33188
const folderMode = 16877

/**
 * What the next initramfs calls an image, without the first slash: as image_dest= says; where live-boot or casper look for it
 * below live-media=/images; else NAME.img, for dracut's root=live:/FILE takes nothing but *.img and *.iso.
 */
export function nameInside(image: string, line: string, parameters: Parameters): string {
  const name = afterLast(image, '/')
  const stem = beforeLast(name, '.')
  const wanted = withoutPrefix(parameters.imageDest, '/')
  if (parameters.imageDest.endsWith('/')) {
    return `${wanted}${name}`
  } else if (wanted !== '') {
    return wanted
  }
  switch (parametersNamed('boot', line)) {
    case 'boot=live ':
      return `images/live/${stem}.squashfs`
    case 'boot=casper ':
      return `images/casper/${stem}.squashfs`
  }
  if (name.endsWith('.img') || name.endsWith('.iso')) {
    return name
  }
  return `${stem}.img`
}

/** Adds the folders that a path is in, the outermost first. */
function addFolders(path: string, archive: string): void {
  let above = ''
  let below = path
  while (below.includes('/')) {
    const part = before(below, '/')
    newcHeader(`${above}${part}`, folderMode, 0, archive)
    above = `${above}${part}/`
    below = withoutPrefix(below, `${part}/`)
  }
}

/** Adds a file to the initrd, and the folders that it is in, as a segment of its own. */
export function addSegment(file: string, bytes: number, inside: string, archive: string): void {
  padToWords(archive)
  addFolders(inside, archive)
  newcHeader(inside, fileMode, bytes, archive)
  append(file, archive)
  padToWords(archive)
  newcHeader('TRAILER!!!', 0, 0, archive)
}

/** Adds images to the initrd. Each is removed as soon as it is copied: memory holds one of them twice. */
export function addImages(added: string, initrd: string, line: string, parameters: Parameters): void {
  if (parameters.imageDest !== '' && !parameters.imageDest.endsWith('/')) {
    if (withoutSuffix(added, '\n').includes('\n')) {
      fail(`image_dest=${parameters.imageDest}: for several images it has to end with /`)
    }
  }
  for (const image of lines(added)) {
    const bytes = sizeOf(image)
    // newc has eight hex digits for it.
    const mebibytes = Math.trunc(bytes / 1048576)
    if (mebibytes > 4095) {
      fail(`${image}: an initramfs holds no file of 4 GiB; fetch it later`)
    }
    const inside = nameInside(image, line, parameters)
    addSegment(image, bytes, inside, initrd)
    remove(image)
    log(`${image}: is /${inside} in the next initramfs`)
  }
}

/**
 * What tells the next initrd where the one image is, a blank behind it: `root=live:` for dracut, `live-media=` for live-boot and
 * casper. Nothing where the site has its own way to the root, or where its line is signed.
 */
export function rootFor(image: string, line: string, parameters: Parameters): string {
  if (parts.signatures && parameters.manifest !== '') {
    return ''
  }
  if (parameters.imageDest !== '') {
    return ''
  }
  const inside = nameInside(image, line, parameters)
  if (inside.startsWith('images/')) {
    return 'live-media=/images '
  }
  const ownRoot = parametersNamed('root', line)
  const ownBoot = parametersNamed('boot', line)
  // A name that servers chose is one word of the line, or none.
  if (ownRoot !== '' || ownBoot !== '' || !consistsOf(inside, 'A-Za-z0-9._+-')) {
    return ''
  }
  // Debian 12's dracut lacks a folder of the overlay without it; newer ones have overlayfs for a squashfs anyway.
  return `root=live:/${inside} rd.live.overlay.overlayfs=1 `
}

/**
 * What lets the next initramfs have more than half of memory, where images make it need that (`initramfs_options=`; Linux 6.18, and
 * 6.12 and others of its time; the kernel's kernel-parameters.rst). A blank behind it. Other kernels leave it to init.
 */
export function roomFor(initrd: string, line: string, parameters: Parameters): string {
  if (parts.signatures && parameters.manifest !== '') {
    return ''
  }
  const ownOptions = parametersNamed('initramfs_options', line)
  const bytes = sizeOf(initrd)
  const memory = memoryIn('MemTotal')
  // An initramfs of dracut or live-boot takes some 200 MiB when it is unpacked.
  const needed = Math.trunc(bytes / 1024) + 204800
  return ownOptions === '' && needed > Math.trunc(memory / 2) ? 'initramfs_options=size=90% ' : ''
}

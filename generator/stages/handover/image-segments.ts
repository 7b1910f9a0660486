/** Images beside a kernel: each becomes a segment of the next initramfs (cpio(5), newc), which nobody fetches once more. */

import {
  afterLast,
  append,
  beforeLast,
  consistsOf,
  fail,
  lines,
  log,
  newcHeader,
  padToWords,
  remove,
  sizeOf,
} from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { parametersNamed } from './inherit.ts'

/** What the next initramfs calls an image: dracut's root=live:/FILE takes nothing but *.img and *.iso. */
export function nameInside(image: string): string {
  const name = afterLast(image, '/')
  if (name.endsWith('.img') || name.endsWith('.iso')) {
    return name
  }
  const stem = beforeLast(name, '.')
  return `${stem}.img`
}

/** Whether images may be handed over: once a digest is given, nothing is that has none. Of a manifest only what it names is left. */
function mayHandOver(parameters: Parameters): boolean {
  if (parts.signatures && parameters.manifest !== '') {
    return true
  }
  return parameters.kernelSha === '' && parameters.initrdSha === ''
}

/** Adds images to the initrd. Each is removed as soon as it is copied: memory holds one of them twice. */
export function addImages(added: string, initrd: string, parameters: Parameters): void {
  if (!mayHandOver(parameters)) {
    log('images have no digest and are left behind; publish them with --images-in-initramfs')
    return
  }
  padToWords(initrd)
  for (const image of lines(added)) {
    const bytes = sizeOf(image)
    // newc has eight hex digits for it.
    const mebibytes = Math.trunc(bytes / 1048576)
    if (mebibytes > 4095) {
      fail(`${image}: an initramfs holds no file of 4 GiB; fetch it later`)
    }
    const name = nameInside(image)
    newcHeader(name, bytes, initrd)
    append(image, initrd)
    padToWords(initrd)
    newcHeader('TRAILER!!!', 0, initrd)
    remove(image)
    log(`${image}: is /${name} in the next initramfs`)
  }
}

/**
 * `root=` for the one image, a blank behind it; nothing where the site has its own way to the root, where its line is signed, or
 * where no image is handed over.
 */
export function rootFor(image: string, line: string, parameters: Parameters): string {
  if (parts.signatures && parameters.manifest !== '') {
    return ''
  }
  const ownRoot = parametersNamed('root', line)
  const ownBoot = parametersNamed('boot', line)
  if (ownRoot !== '' || ownBoot !== '' || !mayHandOver(parameters)) {
    return ''
  }
  const name = nameInside(image)
  // A name that servers chose is one word of the line, or none.
  if (!consistsOf(name, 'A-Za-z0-9._+-')) {
    return ''
  }
  return `root=live:/${name} `
}

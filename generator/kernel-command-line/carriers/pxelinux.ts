import { type Carrier, commonObjection } from './carrier.ts'

/** PXELINUX: what follows APPEND goes to the kernel as it is; there are no quotes and no escapes. */
export const pxelinux: Carrier = {
  name: 'pxelinux',
  place: 'in the configuration, after APPEND; the initrd on a line INITRD',
  // It keeps as many bytes, NUL among them, as the kernel's header allows without it (measured).
  longest: 2046,
  ownInitrd: 'PXELINUX sets initrd= itself, as INITRD says',
  objection(word) {
    if (word.includes('initrd=')) return 'PXELINUX takes the first "initrd=" for the file that it loads'
    return commonObjection(word)
  },
  // A lone "-" after APPEND would mean that nothing is appended.
  write: words => (words.length === 1 && words[0] === '-' ? '"-"' : words.join(' ')),
  deliver(text) {
    const line = (text.split(/[\r\n]/)[0] ?? '').trimStart()
    return {
      before: 'BOOT_IMAGE=vmlinuz',
      line: line === '-' ? '' : line,
      after: 'initrd=initrd.img',
    }
  },
}

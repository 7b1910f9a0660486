import type { Carrier } from './carrier.ts'
import { ipxe, ipxeExpands, ipxeJoins, ipxeObjection } from './ipxe.ts'

/** What Go's html/template makes of text. */
const htmlForms: Record<string, string> = {
  '"': '&#34;',
  '&': '&amp;',
  "'": '&#39;',
  '+': '&#43;',
  '<': '&lt;',
  '>': '&gt;',
}

/**
 * OpenCHAMI's boot-service: it puts the params through an HTML template into an iPXE script, as `set params …` first
 * and as `kernel ${kernel} ${params}` then.
 */
export const bootService: Carrier = {
  name: 'boot-service',
  place: 'in the field "params" of the boot configuration, as a JSON string',
  longest: ipxe.longest,
  objection(word) {
    const mangled = /["&'+<>]/.exec(word)?.[0]
    if (mangled !== undefined) return `boot-service writes ${mangled} as ${htmlForms[mangled]}`
    return ipxeObjection(word)
  },
  write: words => words.join(' '),
  deliver(text) {
    const html = text.replace(/["&'+<>]/g, character => htmlForms[character] ?? '')
    const setting = ipxeJoins(html.split('\n')[0] ?? '')
    const after = text.includes('BOOTIF=') ? '' : 'BOOTIF=01-02-00-00-00-00-01'
    return { before: '', line: ipxeExpands(setting), after }
  },
}

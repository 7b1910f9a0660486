import { fields, log, lowerCase } from './machine.ts'

function show(record: string): void {
  const [client, , gateway, mask, host] = fields(record, ':')
  log(`(${client}) (${gateway}) (${mask}) (${host})`)
  const [first] = fields(lowerCase(record), ',')
  log(first)
}

export function main(): void {
  for (const record of ['10.0.0.5::10.0.0.1:255.255.255.0:Node-1:eth0:off', '', ':', '::', 'a', 'a:b:c:d', ':x:', '* ?:-n: b : ', 'a\nb:c:d\n:e', '-n:--:-:=', '$(x):`y`:"\':\\:z', '[::1]:2:3']) {
    show(record)
  }
}

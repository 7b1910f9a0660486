/** A real rsyslogd that takes RFC 5424 by UDP on the loopback, without root's files. */
import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A message as rsyslogd has parsed it. */
export interface SyslogMessage {
  severity: string
  facility: string
  hostname: string
  program: string
  messageId: string
  /** 1 where it was taken for RFC 5424. */
  version: string
  message: string
}

export interface Rsyslog {
  port: number
  messages(): SyslogMessage[]
  stop(): Promise<void>
}

/** A UDP port of the loopback that is free. */
async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4')
  await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve))
  const { port } = socket.address()
  await new Promise<void>(resolve => socket.close(resolve))
  return port
}

export async function startRsyslog(): Promise<Rsyslog> {
  const folder = mkdtempSync(join(tmpdir(), 'rsyslog-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const log = join(folder, 'log')
  const port = await freeUdpPort()
  const names = ['syslogseverity-text', 'syslogfacility-text', 'hostname', 'app-name', 'msgid']
  const fields = [...names, 'protocol-version', 'msg'].map(name => `%${name}%`).join('\t')
  writeFileSync(log, '')
  writeFileSync(
    join(folder, 'conf'),
    `module(load="imudp")
input(type="imudp" address="127.0.0.1" port="${port}")
template(name="fields" type="string" string="${fields}\\n")
*.* action(type="omfile" file="${log}" template="fields")
`,
  )
  const child = spawn('rsyslogd', ['-n', '-f', join(folder, 'conf'), '-i', join(folder, 'pid')], {
    stdio: 'ignore',
  })
  const gone = new Promise<void>(resolve => child.on('exit', () => resolve()))
  return {
    port,
    messages: () =>
      readFileSync(log, 'utf8')
        .split('\n')
        .filter(line => line !== '')
        .map(line => {
          const [severity = '', facility = '', hostname = '', program = '', messageId = '', ...rest] =
            line.split('\t')
          const [version = '', ...said] = rest
          return {
            severity,
            facility,
            hostname,
            program,
            messageId,
            version,
            message: said.join('\t').trim(),
          }
        }),
    stop() {
      child.kill()
      return gone
    },
  }
}

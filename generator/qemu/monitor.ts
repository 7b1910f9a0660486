import { createConnection, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** QEMU's human monitor on a socket. */
export interface Monitor {
  /** Sends one command, answers what the monitor printed before its next prompt. */
  ask(command: string): Promise<string>
}

const prompt = '(qemu) '

/** Connects as soon as QEMU listens; fails when QEMU ends first. */
export async function connectMonitor(path: string, end: Promise<{ complaints: string }>): Promise<Monitor> {
  let over = false
  end
    .finally(() => {
      over = true
    })
    .catch(() => {})
  const gone = end.then(({ complaints }) => {
    throw new Error(`QEMU ended: ${complaints.trim() || 'no reason given'}`)
  })
  gone.catch(() => {})
  const socket = await Promise.race([gone, connectWhenThere(path, () => over)])
  socket.setEncoding('utf8')
  let text = ''
  let onText = () => {}
  socket.on('data', (piece: string) => {
    text += piece
    onText()
  })
  // A machine that goes off takes its monitor along.
  socket.on('error', () => {})
  socket.on('close', () => onText())

  const answer = () =>
    new Promise<string>(resolve => {
      onText = () => {
        if (text.endsWith(prompt)) resolve(text.slice(0, -prompt.length))
        else if (socket.destroyed) resolve(gone)
        else return
        text = ''
        onText = () => {}
      }
      onText()
    })
  await answer()
  return {
    async ask(command) {
      socket.write(`${command}\n`)
      return (await answer()).split('\n').slice(1).join('\n')
    },
  }
}

async function connectWhenThere(path: string, over: () => boolean): Promise<Socket> {
  while (!over()) {
    const socket = createConnection(path)
    try {
      await new Promise((resolve, reject) => {
        socket.once('connect', resolve)
        socket.once('error', reject)
      })
      return socket
    } catch {
      await sleep(20)
    }
  }
  return await new Promise<never>(() => {})
}

/** A thread of digest-workers.ts: one digester, asked by messages, each of which is answered once and in order. */
import { parentPort, workerData } from 'node:worker_threads'
import { type Cut, type Digester, PieceDigester, WholeDigester } from './digester.ts'

export type Question = { begin: Cut } | { block: SharedArrayBuffer; length: number } | 'end'

const digester: Digester = workerData === 'whole' ? new WholeDigester() : new PieceDigester()

function answer(question: Question): unknown {
  if (question === 'end') return digester.end()
  if ('begin' in question) return digester.begin(question.begin)
  return digester.take(new Uint8Array(question.block, 0, question.length))
}

parentPort?.on('message', (question: Question) => parentPort?.postMessage(answer(question)))

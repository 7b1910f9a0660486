import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readableSize, terminalProgress } from '../../generator/host/console/progress.ts'

/** Collects what is written; a terminal of 60 columns or none. */
function stream(isTTY: boolean) {
  const text: string[] = []
  return { isTTY, columns: 60, write: (chunk: string) => text.push(chunk), text: () => text.join('') }
}

test('without a terminal each step and each download is one plain line', () => {
  const out = stream(false)
  const progress = terminalProgress(out)
  progress.step('building kexec')
  const track = progress.track('fetching aria2.tar', 2_565_007)
  track.advance(2_000_000)
  track.advance(565_007)
  track.done()
  assert.is(out.text(), 'building kexec\nfetching aria2.tar (2.6 MB)\n')
})

test('a terminal gets a bar that fits, and nothing of it is left at the end', () => {
  const out = stream(true)
  const track = terminalProgress(out).track('fetching a-file-with-a-very-long-name_1.0.orig.tar.xz', 100)
  track.advance(50)
  const frame = out.text()
  assert.match(frame, /^\rfetching a-file/)
  // No longer than a line, or it could not be taken back.
  assert.ok((frame.split('\r')[1]?.replace('\x1b[K', '') ?? '').length < 60)
  track.done()
  assert.ok(out.text().endsWith('\r\x1b[K'))
})

test('the bar tells how far it is, and does not pass the end', () => {
  const out = stream(true)
  const track = terminalProgress(out).track('x', 200)
  track.advance(50)
  assert.match(out.text(), / 25% of 200 B/)
  const over = stream(true)
  terminalProgress(over).track('x', 200).advance(999)
  assert.match(over.text(), / 100% of 200 B/)
})

test('a step after a bar begins on a clean line', () => {
  const out = stream(true)
  const progress = terminalProgress(out)
  progress.track('x', 10).advance(5)
  progress.step('next')
  assert.ok(out.text().endsWith('\r\x1b[Knext\n'))
})

test('sizes are for people', () => {
  assert.is(readableSize(999), '999 B')
  assert.is(readableSize(12_345), '12.3 kB')
  assert.is(readableSize(2_100_000), '2.1 MB')
})

test.run()

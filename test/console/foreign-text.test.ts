/** Foreign text on a person's terminal. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { shown, shownLines } from '../../generator/host/console/foreign-text.ts'

test('what begins lines, moves cursors, hides or reorders is shown by its number', () => {
  const cases: [string, string][] = [
    ['a\nb\rc\td', 'a\\u{a}b\\u{d}c\\u{9}d'],
    ['\x1b[2J\x1b]0;title\x07', '\\u{1b}[2J\\u{1b}]0;title\\u{7}'],
    // The same sequences in one byte each, which some terminals know: CSI, OSC, next line.
    ['\x9b2J\x9d0;t\x85', '\\u{9b}2J\\u{9d}0;t\\u{85}'],
    ['\0\x08\x7f', '\\u{0}\\u{8}\\u{7f}'],
    // Right to left, an isolate, a zero-width space and joiner, a byte order mark, a tag.
    ['\u202e\u2066\u200b\u200d\ufeff\u{e0041}', '\\u{202e}\\u{2066}\\u{200b}\\u{200d}\\u{feff}\\u{e0041}'],
    ['\u2028\u2029', '\\u{2028}\\u{2029}'],
    ['\ud800', '\\u{d800}'],
    ['\ue000\uffff', '\\u{e000}\\u{ffff}'],
    ['e\u0301', 'e\u0301'],
    [`e${'\u0301'.repeat(4)}`, 'e\u0301\u0301\\u{301}\\u{301}'],
    ['Übergröße 漢字 😀 \\ |', 'Übergröße 漢字 😀 \\ |'],
  ]
  for (const [text, wanted] of cases) {
    assert.is(shown(text), wanted, JSON.stringify(text))
    assert.is(shown(shown(text)), wanted, `${JSON.stringify(text)} twice`)
  }
})

test('a long text is cut', () => {
  assert.is(shown('x'.repeat(10), 10), 'x'.repeat(10))
  assert.is(shown('x'.repeat(11), 10), `${'x'.repeat(10)}…`)
  assert.is(shown('\x1b'.repeat(11), 10), '\\u{1b}\\u{1…')
  const start = performance.now()
  assert.is(shown('\x1b'.repeat(50_000_000), 300).length, 301)
  assert.ok(performance.now() - start < 1000)
})

test('lines stay lines', () => {
  assert.is(shownLines('a\n\tb\x1b[2J\r\nc'), 'a\n    b\\u{1b}[2J\\u{d}\nc')
})

test.run()

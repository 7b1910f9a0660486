// Several files are one run of aria2c's; what became of each is aria2's own word.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { boot, both, served } from '../../support/boots.ts'
import { initrd, kernel, sha256 } from '../../support/payload.ts'

const list = '/run/aria2-initrd/together'

test('one run for several files, each with a folder and options of its own', () => {
  const ended = boot(
    `url=http://s/t.torrent,magnet:?xt=a ${both} kernel_sha=${sha256(kernel)} initrd_sha=${sha256(initrd)} aria2_options="--timeout=9 --no-conf"`,
    {
      serve: {
        ...served,
        'http://s/t.torrent': { files: { a: 'x' } },
        'magnet:?xt=a': { files: { b: 'x' } },
      },
    },
  )
  assert.is(ended.commands('aria2c').length, 1)
  assert.equal(
    (ended.file(list) ?? '').split('\n').filter(line => line !== ''),
    [
      'http://s/t.torrent',
      ' dir=/tmp/incoming/url-1',
      ' proven-list=/run/aria2-initrd/proven/url-1',
      ' split=1',
      ' stream-piece-selector=random',
      ' bt-stop-unseeded=3',
      ' timeout=9',
      'magnet:?xt=a',
      ' dir=/tmp/incoming/url-2',
      ' proven-list=/run/aria2-initrd/proven/url-2',
      ' split=1',
      ' stream-piece-selector=random',
      ' timeout=9',
      'http://s/k',
      ' dir=/tmp/incoming/kernel',
      ' require-certain-end=false',
      ' proven-list=/run/aria2-initrd/proven/kernel',
      ' timeout=9',
      'http://s/i',
      ' dir=/tmp/incoming/initrd-1',
      ' require-certain-end=false',
      ' proven-list=/run/aria2-initrd/proven/initrd-1',
      ' timeout=9',
    ],
  )
  assert.is(ended.end, 'kexec')
})

test('one file is a run without a list', () => {
  const ended = boot('kernel_url=http://s/k')
  assert.is(ended.file(list), undefined)
  assert.is(ended.end, 'kexec')
})

test('what did not come is told with its cause, and asked for by itself; the others are not asked for again', () => {
  const serve = {
    'http://s/k': [{ status: 22, cause: 'The response status is 500' }, kernel],
    'http://s/i': initrd,
  }
  const ended = boot(both, { serve })
  assert.match(
    ended.console,
    'http://s/k: the server returned an error (aria2 status 22: The response status is 500)\n',
  )
  assert.equal(
    ended.commands('aria2c').map(line => line.split(' ').at(-1)),
    ['--max-concurrent-downloads=16', 'http://s/k'],
  )
  assert.is(ended.end, 'kexec')
})

test('the next mirror is asked where the first did not give a file among the others', () => {
  const ended = boot('kernel_url=http://gone/k,http://s/k initrd_url=http://s/i')
  assert.equal(ended.console.match(/(?<=fetching ).*/g), ['http://gone/k', 'http://s/i', 'http://s/k'])
  assert.is(ended.end, 'kexec')
})

test('a torrent that peers did not give among the others is asked of the web server beside it', () => {
  const torrent = { files: { a: 'x' } }
  const ended = boot(`url=http://s/d/t.torrent ${both}`, {
    serve: {
      ...served,
      'http://s/d/t.torrent': [{ files: { half: 'x' }, status: 7 }, torrent],
      'http://s/d/': torrent,
    },
  })
  assert.match(ended.console, 'peers are incomplete; adding web server http://s/d/\n')
  assert.is(ended.commands('aria2c').length, 3)
  assert.is(ended.end, 'kexec')
})

test('tries of a file are counted with the one among the others', () => {
  const ended = boot(`${both} retries=3`, { serve: { 'http://s/i': initrd } })
  assert.is(ended.commands('aria2c').length, 3)
  assert.match(ended.console, 'gave up after try 3')
})

test('where aria2c did not come to its end each file is asked for by itself', () => {
  for (const status of [28, 127, 137]) {
    const ended = boot(both, { serve: { ...served, 'http://s/i': [{ status }, initrd] } })
    assert.match(ended.console, 'aria2c did not finish; fetching one file after another\n')
    assert.is(ended.commands('aria2c').length, 3, String(status))
    assert.is(ended.end, 'kexec')
  }
})

test('an address with a tab is asked for by itself', () => {
  const odd = 'http://s/a\tb'
  const ended = boot(`"url=${odd},http://s/k,http://s/i"`, { serve: { ...served, [odd]: 'x' } })
  assert.not.match(ended.file(list) ?? '', '\t')
  assert.is(ended.commands('aria2c').at(-1)?.endsWith(odd), true)
  assert.is(ended.end, 'kexec')
})

test('passwords in addresses are not shown', () => {
  const address = 'http://user:secret@s/k'
  const ended = boot(`kernel_url=${address} initrd_url=http://s/i`, {
    serve: { ...served, [address]: kernel },
  })
  assert.not.match(ended.console, 'secret')
})

test.run()

// The command line for a first stage that does without parts: another way to the same files, or a word on what is missing.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { checkParts, stageOneLine } from '../../generator/publish/stage-one-line.ts'
import type { PartName } from '../../generator/stages/api/parts.ts'

const file = (name: string) => ({ name, path: `/${name}`, size: 1 })
const digest = '0'.repeat(64)

function lineFor(without: PartName[], images: string[] = []): string {
  const [kernel, initrd] = [file('k'), file('i')]
  return stageOneLine({
    ...{ baseUrl: 'http://s', name: 'node', generation: 'g', isSwarm: true, without },
    roles: { files: [], kernel, initrds: [initrd], images: images.map(file) },
    sha256: new Map([kernel, initrd].map(({ name }) => [name, digest])),
  })
}

const digests = ` kernel_sha=${digest} initrd_sha=${digest}`

for (const [without, address] of [
  [[], 'url=http://s/g.torrent'],
  [['bittorrent'], 'url=http://s/g/k,http://s/g/i'],
  [['file-roles'], 'kernel_url=http://s/g/k initrd_url=http://s/g/i'],
  [['bittorrent', 'metalink', 'file-roles'], 'kernel_url=http://s/g/k initrd_url=http://s/g/i'],
] as const) {
  test(`without ${without.join(', ') || 'nothing'}: ${address}`, async () => {
    const line = lineFor([...without])
    assert.is(line, `${address}${digests}`)
    await checkParts(line, [...without])
  })
}

test('an image has no other way than url=', async () => {
  const line = lineFor(['file-roles'], ['root.img'])
  const refused = await checkParts(line, ['file-roles']).then(
    () => '',
    (error: Error) => error.message,
  )
  assert.match(refused, 'url= is not in this image: built --without file-roles')
})

test.run()

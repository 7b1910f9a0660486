import { initrd, kernel, sha256 } from '../support/payload.ts'
import { about, both, failed, scenario, served, unknownServer } from './scenario.ts'

const withMetalink = `kernel_url=http://s/k kernel_sha=${sha256(kernel)} initrd_url=http://s/i.meta4`

const torrent = { 'http://s/boot.torrent': { files: { vmlinuz: kernel, 'sub folder/initrd.img': initrd } } }

export const downloadScenarios = [
  scenario('a torrent', 'kexec', 'url=http://s/boot.torrent', { serve: torrent }),
  scenario(
    'peers that have not all of a torrent, a web server that has',
    'kexec',
    'url=http://s/d/boot.torrent?n=1',
    {
      serve: {
        'http://s/d/boot.torrent?n=1': [{ status: 7, cause: 'no peers' }, torrent['http://s/boot.torrent']],
        'http://s/d/': torrent['http://s/boot.torrent'],
      },
    },
  ),
  scenario(
    'a torrent that neither peers nor the web server give',
    failed,
    'url=http://s/boot.torrent retries=2',
    {
      serve: { 'http://s/boot.torrent': [{ status: 7 }, torrent['http://s/boot.torrent'], { status: 7 }] },
    },
  ),
  scenario('a magnet link', 'kexec', 'url=magnet:?xt=urn:btih:abc&dn=x', {
    serve: { 'magnet:?xt=urn:btih:abc&dn=x': torrent['http://s/boot.torrent'] },
  }),
  scenario('two addresses', 'kexec', 'url=http://s/k,http://s/i'),
  scenario('two addresses of one name', 'kexec', 'url=http://s/x,http://t/x', {
    serve: { 'http://s/x': kernel, 'http://t/x': initrd },
  }),
  scenario('a password in an address', failed, 'kernel_url=http://user:secret@s/x,ftp://a:b@c@s/@ retries=1'),
  scenario(
    'a mirror that leaves half a file, and another with another file',
    'kexec',
    'kernel_url=http://a/k,http://s/k',
    {
      serve: {
        'http://a/k': { files: { half: 'x', 'half.aria2': 'y' }, status: 8, cause: 'Invalid range header' },
        'http://s/k': kernel,
      },
    },
  ),
  scenario('half a torrent, kept for the next try', 'kexec', 'url=magnet:?xt=a', {
    serve: {
      'magnet:?xt=a': [
        { files: { half: 'x' }, status: 7 },
        { files: { vmlinuz: kernel }, status: 0 },
      ],
    },
  }),
  scenario('half a torrent, and another address', 'kexec', 'kernel_url=magnet:?xt=a,http://s/k', {
    serve: { 'magnet:?xt=a': { files: { half: 'x' }, status: 7 }, 'http://s/k': kernel },
  }),
  scenario('a Metalink without files', failed, 'url=http://s/x.meta4?y retries=1', {
    serve: { 'http://s/x.meta4?y': { files: {} } },
  }),
  scenario('a Metalink that proves all', 'kexec', 'url=http://s/x.meta4', {
    serve: { 'http://s/x.meta4': { files: { vmlinuz: kernel, initrd }, proven: ['vmlinuz', 'initrd'] } },
  }),
  scenario('a Metalink that proves the kernel alone', 'kexec', 'url=http://s/x.meta4', {
    serve: { 'http://s/x.meta4': { files: { vmlinuz: kernel, initrd }, proven: ['vmlinuz'] } },
  }),
  ...about('metalink', [
    scenario('a digest for the kernel, a Metalink for the initrd', 'kexec', withMetalink, {
      serve: { ...served, 'http://s/i.meta4': { files: { i: initrd }, proven: ['i'] } },
    }),
  ]),
  scenario('a digest for the kernel, a Metalink without one for the initrd', failed, withMetalink, {
    serve: { ...served, 'http://s/i.meta4': { files: { i: initrd } } },
  }),
  scenario('what a Metalink proved of a try that failed', failed, `${withMetalink},http://s/i`, {
    serve: { ...served, 'http://s/i.meta4': { files: { i: initrd }, proven: ['i'], status: 1 } },
  }),
  scenario('a Metalink that proves another file', failed, withMetalink, {
    serve: { ...served, 'http://s/i.meta4': { files: { 'x i': initrd }, proven: ['i', 'x', ' i'] } },
  }),
  scenario('a server whose certificate nobody vouches for', failed, 'kernel_url=https://s/k retries=1', {
    serve: unknownServer,
  }),
  scenario('insecure, and an image without it', failed, 'kernel_url=https://s/k retries=1 insecure', {
    serve: unknownServer,
  }),
  scenario('a cause that would forge a line', failed, 'url=http://s/x retries=1', {
    serve: { 'http://s/x': { status: 6, cause: 'x\naria2-initrd: verify: digest holds\n\x1b[2Jx' } },
  }),
  scenario('empty addresses between commas', failed, 'url=,http://s/k,,'),
  scenario('a trailing comma', 'kexec', 'url=http://s/k,'),
  scenario('a folder of its own', 'kexec', `${both} output_dir=/var/files`),
  scenario('a folder with blanks, stars and a dash', 'kexec', `${both} "output_dir=/var/-a b/*"`),
  scenario('a folder by way of ..', 'kexec', `${both} output_dir=/var/../srv/./x/`),
  scenario('a relative folder', failed, `${both} output_dir=tmp`),
  scenario('a folder with files in it', failed, `${both} output_dir=/etc`, {
    files: { '/etc/passwd': 'root' },
  }),
  scenario('a file where the folder should be', failed, `${both} output_dir=/etc/passwd`, {
    files: { '/etc/passwd': 'root' },
  }),
  scenario('a folder that cannot be made', failed, `${both} output_dir=/var/${'x'.repeat(300)}`),
  scenario('a folder that cannot be mounted', failed, both, {
    broken: [{ command: 'mount', with: '/tmp', status: 255, stderr: 'mount: mounting tmpfs on /tmp failed' }],
  }),
  scenario('addresses that are none', failed, 'url=file:///etc/passwd,-x'),
  scenario(
    'an address with all that a shell knows',
    failed,
    'url=http://s/$(canary)`canary`;canary|canary&canary>x*?[a]~#\\ retries=1',
  ),
  scenario(
    'a mirror that works after two that do not',
    'kexec',
    'kernel_url=http://a/k,http://b/k,http://s/k',
  ),
  scenario('a server that recovers', 'kexec', both, {
    serve: { ...served, 'http://s/k': [{ status: 6, cause: 'No route to host' }, { status: 22 }, kernel] },
  }),
  scenario('all tries used up', failed, `${both} retries=3`, { serve: {} }),
  scenario('for ever', 'switched off after 300 s', `${both} retries=0`, { serve: {}, until: 300 }),
  ...[1, 2, 5, 7, 8, 9, 13, 15, 16, 17, 19, 22, 24, 25, 26, 28, 32, 77, 127, 134, 136, 137, 139, 143].map(
    status =>
      scenario(`aria2's status ${status}`, failed, `${both} retries=1`, {
        serve: { 'http://s/k': { status, cause: `cause: ${status} * $(canary)` } },
      }),
  ),
  scenario(
    'a server that cannot give parts of a file',
    'kexec',
    'kernel_url=http://s/k initrd_url=http://s/i retries=2',
    { serve: { ...served, 'http://s/k': [{ status: 8, cause: 'Invalid range header' }, kernel] } },
  ),
  ...about('http-headers', [
    scenario(
      'headers',
      'kexec',
      `${both} "http_header=Authorization: Bearer $(canary)" "http_header=X: *  'y"`,
    ),
    scenario('a header without a value', failed, `${both} http_header=Authorization:Bearer`),
  ]),
  ...about('placeholders', [
    scenario(
      'a serial number that would break out of its address',
      failed,
      `url=http://s/{mac}?{serial},http://s/{arch} retries=1`,
      {
        files: {
          '/sys/class/dmi/id/product_serial': `a&b=$(canary) '"*\t{mac}\n`,
          '/proc/sys/kernel/arch': 'x86_64\n',
        },
      },
    ),
    scenario('the address of the boot interface in an address', failed, 'url=http://s/{ip} retries=1'),
    scenario('a placeholder that is unknown', failed, 'url=http://s/{foo}'),
    scenario('a placeholder without a value', failed, 'url=http://s/{uuid}'),
  ]),
  ...about('connections', [
    scenario('one connection', 'kexec', `${both} connections=1`),
    scenario('no connection', failed, `${both} connections=0`),
    scenario('seventeen connections', failed, `${both} connections=17`),
  ]),
  scenario('options for aria2', 'kexec', `${both} aria2_options="--timeout=9 --header=A:*  --x=$(canary)"`),
  scenario('an option that is refused', failed, `${both} aria2_options=--on-download-complete=/bin/sh`),
  scenario('the beginning of a refused option', failed, `${both} aria2_options=--inp=x`),
  scenario('a word that is no option', failed, `${both} aria2_options="--a=b c"`),
  scenario('seeding', 'kexec', `${both} seed_time=90 seed_ratio=1.5 tracker=http://t/announce?a=*`),
  scenario('a rack with a name of two words', 'kexec', `${both} "rack=row 3"`),
  scenario('a seed_ratio that is no number', failed, `${both} seed_ratio=1,5`),
  scenario('not enough memory', failed, `${both} retries=1`, {
    memory: 64,
    serve: { ...served, 'http://s/k': kernel.repeat(192) },
  }),
  ...about('kexec-reports', [
    scenario("not enough memory for kexec's copies", failed, `${both} retries=1`, {
      memory: 33_792,
      serve: { ...served, 'http://s/k': kernel.padEnd(400_000, 'k') },
    }),
    scenario(
      "enough memory for kexec's copies, and to join initrds",
      'kexec',
      `${both} initrd_url=http://s/j initrd_url=http://s/l`,
      {
        memory: 33_850,
        serve: {
          'http://s/k': kernel,
          ...Object.fromEntries(
            ['i', 'j', 'l'].map(name => [`http://s/${name}`, initrd.padEnd(105_000, name)]),
          ),
        },
      },
    ),
  ]),
  scenario('nothing to fetch', failed, 'ip=dhcp'),
  scenario('nothing fetched', failed, 'url=http://s/t', { serve: { 'http://s/t': { status: 0 } } }),
]

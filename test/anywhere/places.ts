import { root } from '../support/root.ts'

/** Where, as whom and with what handed down a build is tried. */
export interface Place {
  what: string
  /** Shell lines before the build, in a mount namespace of the case's own; `$here` is the case's folder. */
  prepare?: string
  uid?: number
  /** Shell lines in the current folder, which is `$here`. */
  enter?: string
  /** Besides PATH and LANG; `$here` is the case's folder. HOME is `$here/home` unless it is given, or undefined. */
  environment?: Record<string, string | undefined>
  /** The output folder, below `$here`. */
  output?: string
  /** The cache is seeded before `prepare`. */
  seedAt?: string
  /** What the error says, where it may not end well. */
  refused?: RegExp
}

export const nobody = 65534

export const places: Place[] = [
  ...['077', '027', '002', '000', '777'].map(mask => ({ what: `umask ${mask}`, prepare: `umask ${mask}` })),
  { what: 'another user', uid: nobody },
  { what: 'another user, umask 077', uid: nobody, prepare: 'umask 077' },
  { what: 'a user without a name', uid: 54321 },
  {
    what: 'HOME with blanks, quotes and other letters',
    environment: { HOME: "$here/höme of 'x' #1 %41" },
    seedAt: "höme of 'x' #1 %41/.cache",
  },
  {
    what: 'no HOME, a cache that is named',
    environment: { HOME: undefined, XDG_CACHE_HOME: '$here/cache' },
    seedAt: 'cache',
  },
  {
    what: 'no HOME at all, for a user whom the system does not know',
    uid: 54321,
    environment: { HOME: undefined },
    refused: /there is no folder for the cache: this user has no home/,
  },
  { what: 'HOME that is empty', uid: nobody, environment: { HOME: '', XDG_CACHE_HOME: '$here/home/.cache' } },
  {
    what: 'HOME that is another user’s, with a cache that can be read',
    uid: nobody,
    prepare: 'chown -R 0:0 "$here/home"; chmod -R a+rX,go-w "$here/home"',
  },
  {
    what: 'HOME that cannot be written, and no cache yet',
    uid: nobody,
    prepare: 'mkdir "$here/bare"',
    environment: { HOME: '$here/bare' },
    refused: /\/bare\/\.cache.*: permission denied/,
  },
  {
    what: 'HOME that is a file',
    prepare: ': >"$here/file"',
    environment: { HOME: '$here/file' },
    refused: /\/file\/\.cache.*: a part of the path is not a folder/,
  },
  {
    what: 'a cache that is a file',
    prepare: ': >"$here/file"',
    environment: { XDG_CACHE_HOME: '$here/file' },
    refused: /\/file\/aria2-initrd.*: a part of the path is not a folder/,
  },
  {
    what: 'XDG_CACHE_HOME that leads in a circle',
    prepare: 'ln -s circle "$here/circle"',
    environment: { XDG_CACHE_HOME: '$here/circle' },
    refused: /\/circle.*: links lead in a circle/,
  },
  { what: 'XDG_CACHE_HOME that is empty', environment: { XDG_CACHE_HOME: '' } },
  {
    what: 'XDG_CACHE_HOME that is relative, which the specification ignores',
    environment: { XDG_CACHE_HOME: 'x' },
  },
  {
    what: 'XDG_CACHE_HOME with a line break and a dash before it',
    environment: { XDG_CACHE_HOME: '$here/-a\nb' },
    seedAt: '-a\nb',
  },
  {
    what: 'a cache that another user made and that can be written',
    uid: nobody,
    prepare: 'chown -R 0:0 "$here/home/.cache"; chmod -R a+rwX "$here/home"',
  },
  { what: 'TMPDIR that is not there', environment: { TMPDIR: '$here/not/there' } },
  { what: 'TMPDIR with blanks', prepare: 'mkdir "$here/my tmp"', environment: { TMPDIR: '$here/my tmp' } },
  { what: 'TMPDIR that is relative', environment: { TMPDIR: 'tmp' } },
  { what: 'TMPDIR that is a file', prepare: ': >"$here/file"', environment: { TMPDIR: '$here/file' } },
  {
    what: 'TMPDIR that is full',
    prepare:
      'mkdir "$here/full"; mount -t tmpfs -o size=64k none "$here/full"; ! cat /dev/zero >"$here/full/filler" 2>/dev/null || exit 9',
    environment: { TMPDIR: '$here/full' },
  },
  { what: 'TMPDIR that cannot be written', uid: nobody, environment: { TMPDIR: '/root' } },
  {
    what: 'noexec on /tmp',
    prepare:
      // The checkout may lie below /tmp, and stays as it is.
      `mount --bind '${root}' '${root}'; mount --rbind /tmp /tmp; mount -o remount,bind,noexec /tmp
      cp /bin/true "$here"; ! "$here/true" 2>/dev/null || exit 9`,
  },
  {
    what: 'the cache on another file system',
    prepare: 'mkdir "$here/ram"; mount -t tmpfs none "$here/ram"; cp -r "$here/seed/." "$here/ram"',
    environment: { XDG_CACHE_HOME: '$here/ram' },
    seedAt: 'seed',
  },
  {
    what: 'a cache that is read-only',
    prepare: 'mount --bind "$here/home" "$here/home"; mount -o remount,bind,ro "$here/home"',
  },
  {
    what: 'a cache whose disk is full',
    prepare:
      'mkdir "$here/ram"; mount -t tmpfs -o size=256m none "$here/ram"; cp -r "$here/seed/." "$here/ram"; ! cat /dev/zero >"$here/ram/filler" 2>/dev/null || exit 9',
    environment: { XDG_CACHE_HOME: '$here/ram' },
    seedAt: 'seed',
  },
  {
    what: 'a cache without locks',
    prepare:
      'mkdir "$here/bin"; printf "#!/bin/sh\\nexit 71\\n" >"$here/bin/flock"; chmod 755 "$here/bin/flock"; PATH="$here/bin:$PATH"',
  },
  {
    what: 'a cache that another user made',
    uid: nobody,
    prepare: 'chown -R 0:0 "$here/home/.cache"; chmod -R a+rX "$here/home"',
  },
  {
    what: 'a checkout that is read-only',
    prepare: `mount --bind '${root}' '${root}'; mount -o remount,bind,ro '${root}'`,
  },
  { what: 'an output folder with an odd name', output: '-o \'x\' "y" $z ünï\nnext' },
  {
    what: 'a current folder with a line break',
    enter: `mkdir 'a
b'; cd 'a
b'`,
  },
  { what: 'a current folder with a dash before its name', enter: 'mkdir -- -x; cd -- -x' },
  {
    what: 'a current folder that may not be read',
    uid: nobody,
    enter: 'mkdir closed; chmod 711 closed; cd closed',
  },
  {
    what: 'a current folder that is gone',
    enter: 'mkdir gone; cd gone; rmdir ../gone',
    refused: /^aria2-initrd: error: the current folder has been removed\nhelp: .*\n$/,
  },
  {
    what: 'an output folder that is read-only',
    prepare: 'mkdir "$here/ro"; mount -t tmpfs -o ro none "$here/ro"',
    output: 'ro/output',
    refused: /cannot write .*: the file system is read-only/,
  },
]

/** What the tests need beyond npm's packages: programs, the Debian packages that bring them, and what for. */
import type { HostProgram } from '../../generator/host/debian/host-packages.ts'

const tests = 'run the tests'

/** What test/fuzz compiles aria2 with. */
export const fuzzPrograms: HostProgram[] = [
  { program: 'clang++', package: 'clang', why: tests },
  { program: 'llvm-symbolizer', package: 'llvm', why: tests },
  { program: 'autoreconf', package: 'autoconf', why: tests },
  { program: 'automake', package: 'automake', why: tests },
  { program: 'autopoint', package: 'autopoint', why: tests },
  { program: 'msgfmt', package: 'gettext', why: tests },
  { program: 'libtoolize', package: 'libtool', why: tests },
  { program: 'make', package: 'make', why: tests },
  { program: 'patch', package: 'patch', why: tests },
  { program: 'pkg-config', package: 'pkgconf', why: tests },
  { program: '/usr/include/ares.h', package: 'libc-ares-dev', why: tests },
  { program: '/usr/include/expat.h', package: 'libexpat1-dev', why: tests },
  { program: '/usr/include/openssl/ssl.h', package: 'libssl-dev', why: tests },
  { program: '/usr/include/zlib.h', package: 'zlib1g-dev', why: tests },
]

export const testPrograms: HostProgram[] = [
  ...fuzzPrograms,
  { program: 'qemu-system-x86_64', package: 'qemu-system-x86', why: 'boot the image' },
  { program: 'mmdebstrap', package: 'mmdebstrap', why: tests },
  { program: 'busybox', package: 'busybox-static', why: tests },
  { program: 'cpio', package: 'cpio', why: tests },
  { program: 'depmod', package: 'kmod', why: tests },
  { program: 'dash', package: 'dash', why: tests },
  { program: 'grub-script-check', package: 'grub-common', why: tests },
  { program: 'ip', package: 'iproute2', why: tests },
  { program: 'kea-dhcp6', package: 'kea-dhcp6-server', why: tests },
  { program: 'lz4', package: 'lz4', why: tests },
  { program: 'mksh', package: 'mksh', why: tests },
  { program: 'openssl', package: 'openssl', why: tests },
  { program: 'shellcheck', package: 'shellcheck', why: tests },
  { program: 'transmission-show', package: 'transmission-cli', why: tests },
  { program: 'unshare', package: 'util-linux', why: tests },
  { program: 'xmllint', package: 'libxml2-utils', why: tests },
  { program: 'xz', package: 'xz-utils', why: tests },
  { program: 'yash', package: 'yash', why: tests },
  { program: 'zstd', package: 'zstd', why: tests },
  { program: '/usr/lib/ipxe/snponly.efi', package: 'ipxe', why: tests },
  { program: '/usr/share/OVMF/OVMF_CODE_4M.fd', package: 'ovmf', why: tests },
  { program: 'dnsmasq', package: 'dnsmasq-base', why: tests },
  { program: 'dhcpd', package: 'isc-dhcp-server', why: tests },
  { program: 'kea-dhcp4', package: 'kea-dhcp4-server', why: tests },
  { program: 'gpg', package: 'gpg', why: tests },
  { program: 'grub-mkimage', package: 'grub-common', why: tests },
  { program: '/usr/lib/grub/i386-pc/linux.mod', package: 'grub-pc-bin', why: tests },
  { program: '/usr/lib/PXELINUX/pxelinux.0', package: 'pxelinux', why: tests },
  { program: '/usr/lib/syslinux/modules/bios/ldlinux.c32', package: 'syslinux-common', why: tests },
  { program: 'nginx', package: 'nginx', why: tests },
  { program: 'opentracker', package: 'opentracker', why: tests },
  { program: '/usr/share/doc/python3-libtorrent/copyright', package: 'python3-libtorrent', why: tests },
  // Containers without root; the engine itself is not installed for a test.
  { program: 'newuidmap', package: 'uidmap', why: tests },
  { program: 'podman', package: 'podman', why: tests },
  { program: 'rootlesskit', package: 'rootlesskit', why: tests },
  { program: 'slirp4netns', package: 'slirp4netns', why: tests },
]

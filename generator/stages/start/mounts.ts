import { chmod, makeDirectory, mount } from '../api/machine.ts'

/** The kernel's file systems. Its first root is writable by everyone. */
export function mountFileSystems(): void {
  chmod('0755', '/')
  mount('-t', 'proc', '-o', 'nosuid,nodev,noexec', 'proc', '/proc')
  mount('-t', 'sysfs', '-o', 'nosuid,nodev,noexec', 'sysfs', '/sys')
  mount('-t', 'devtmpfs', '-o', 'nosuid,mode=0755', 'devtmpfs', '/dev')
  mount('-t', 'tmpfs', '-o', 'nosuid,nodev,mode=0755', 'tmpfs', '/run')
  makeDirectory('/run/aria2-initrd')
}

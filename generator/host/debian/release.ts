/** The release of Debian that kernels, sources and tools come from; the machine itself may run another one. */
export const debianRelease = 'trixie'

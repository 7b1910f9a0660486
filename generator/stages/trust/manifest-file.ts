/** The manifest, once it is known to be genuine. */
export const manifestFile = '/run/aria2-initrd/manifest'

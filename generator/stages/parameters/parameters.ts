/**
 * The kernel parameters: one source for the parser in /init, for its checks and for the reference page.
 *
 * A field's name in snake case is the parameter's name, unless `@name` says another. The type tells the check: a
 * `number` is a whole number of at most nine digits, a union of literals is a choice; what fails it is reported on the
 * console and the default stays. Tags: `@default`, `@name`, `@alias`, `@repeats` (each one counts, in order; held as
 * lines), `@holds addresses` (commas between them), `@example`, `@group`, `@part` (the part of the boot that it belongs
 * to; with a choice behind it: that the choice belongs to). Of several `@default` the first counts that is in the image.
 * `{@part PART text}` is said where the part is in.
 */
export interface Parameters {
  /**
   * Files to fetch, comma-separated. Each is a file{@part bittorrent , a torrent}{@part metalink , a Metalink} (http, https,
   * ftp){@part bittorrent  or a magnet link}.
   * @group download
   * @name url
   * @example url=http://10.0.0.1/boot.torrent
   * @holds addresses
   */
  urls: string

  /**
   * The folder for downloads, new or empty. It becomes a tmpfs. In it are `kernel/`, `initrd-1/`
   * and so on, and for each address of url `url-1/` and so on.
   * @group download
   * @default /tmp
   */
  outputDir: string

  /**
   * More options for aria2c, each written `--name=value`. Options that would move files or run programs are refused.
   * @group download
   * @example aria2_options="--max-download-limit=50M --enable-dht=true"
   */
  aria2Options: string

  /**
   * How many times a download is tried before the boot fails; 0 means no limit.
   * @group download
   * @default 5
   */
  retries: number

  /**
   * The most seconds that a node seeds a complete torrent before the boot continues. It continues one second after every
   * known peer is complete.
   * @group download
   * @part bittorrent
   * @default 5
   */
  seedTime: number

  /**
   * Stop seeding earlier, after this many copies, such as 1.5; 0 means no limit.
   * @group download
   * @part bittorrent
   * @default 0
   */
  seedRatio: string

  /**
   * The announce address of a BitTorrent tracker, used instead of those that torrents name.
   * @group download
   * @part bittorrent
   * @example tracker=http://10.0.0.1:6969/announce
   */
  tracker: string

  /**
   * The next kernel. Commas separate mirrors of the same file.
   * @group next
   * @example kernel_url=http://10.0.0.1/vmlinuz,http://10.0.0.2/vmlinuz
   * @holds addresses
   */
  kernelUrl: string

  /**
   * The next initrd. Commas separate mirrors of the same file; several of these parameters are joined in order.
   * @group next
   * @repeats
   * @alias ramdisk_url
   * @example initrd_url=http://10.0.0.1/microcode.img initrd_url=http://10.0.0.1/initrd.img
   * @holds addresses
   */
  initrdUrl: string

  /**
   * The digest of the kernel in hex: sha256 or sha512, told by its length. As soon as a digest is given for one file,
   * every file that is booted needs one.
   * @group next
   */
  kernelSha: string

  /**
   * The digest of the initrd in hex, like kernel_sha. With several initrds: one each, in the same order.
   * @group next
   * @repeats
   * @alias ramdisk_sha
   */
  initrdSha: string

  /**
   * The command line of the next kernel.
   * @group next
   * @example next_kernel_params="root=live:http://10.0.0.1/root.img console=ttyS0"
   */
  nextKernelParams: string

  /**
   * The same as base64url (RFC 4648), for carriers that mangle quotes. It wins over next_kernel_params.
   * @group next
   */
  nextKernelParamsB64: string

  /**
   * How the network comes up, in the forms of the kernel and dracut; without it DHCP on all wired interfaces at once: the
   * first lease through which the boot server answers is taken. `ip=dhcp`, `ip=DEV:dhcp`{@part static-address , `ip=ADDRESS:PEER:GATEWAY:MASK:HOST:DEV:none[:DNS1[:DNS2]]`},
   * `ip=off`.
   * @group network
   * @repeats
   * @example ip=10.0.0.5::10.0.0.1:255.255.255.0:node5:eth0:none:10.0.0.53
   */
  ip: string

  /**
   * The hardware address of the interface to use, as PXELINUX and iPXE write it.
   * @group network
   * @name BOOTIF
   * @example BOOTIF=01-52-54-00-be-ef-01
   */
  bootif: string

  /**
   * 0 ignores BOOTIF.
   * @group network
   * @name rd.bootif
   * @default 1
   */
  useBootif: '0' | '1'

  /**
   * A name server; used before those from DHCP.
   * @group network
   * @repeats
   */
  nameserver: string

  /**
   * 0 ignores name servers from DHCP.
   * @group network
   * @name rd.peerdns
   * @default 1
   */
  peerDns: '0' | '1'

  /**
   * Seconds to wait for a network interface to appear.
   * @group network
   * @name rd.net.timeout.iflink
   * @default 20
   */
  interfaceTimeout: number

  /**
   * Seconds to wait for a link where no interface has one.
   * @group network
   * @name rd.net.timeout.carrier
   * @default 30
   */
  carrierTimeout: number

  /**
   * Seconds to wait for a DHCP lease once there is a link. A switch port may need 50 to forward. With retries=0 there is no
   * limit.
   * @group network
   * @name rd.net.timeout.dhcp
   * @default 90
   */
  dhcpTimeout: number

  /**
   * How many times that wait is repeated before the boot fails.
   * @group network
   * @name rd.net.dhcp.retry
   * @default 1
   */
  dhcpRetry: number

  /**
   * The vendor class that a DHCP server is told (option 60).
   * @group network
   * @name rd.net.dhcp.vendor-class
   */
  vendorClass: string

  /**
   * The client identifier that a DHCP server is told (option 61): bytes in hex between colons, or a text.
   * @group network
   * @name rd.net.dhcp.client-id
   * @example rd.net.dhcp.client-id=01:52:54:00:be:ef:01
   */
  clientId: string

  /**
   * What to do when the boot fails.
   * @group end
   * @default reboot
   * @part rescue-shell shell
   */
  onFailure: 'reboot' | 'shell' | 'poweroff' | 'halt'

  /**
   * Seconds to wait before that.
   * @group end
   * @default 30
   */
  failureDelay: number

  /**
   * What to do when all files are fetched and none is a kernel.
   * @group end
   * @default shell
   * @default halt
   * @part rescue-shell shell
   */
  onComplete: 'reboot' | 'shell' | 'poweroff' | 'halt'

  /**
   * Opens a shell before this stage; exit it to continue.
   * @group end
   * @name break
   * @part rescue-shell
   * @example break=download
   */
  breakBefore: Stage

  /**
   * Shows every command on the console before it runs.
   * @group end
   * @part debug
   */
  debug: Flag
}

/** A stage by its name, as `boot` in main.ts opens it: that is the one place which says what stages there are. */
export type Stage = string

/** A parameter without a value: `yes` when it was given. */
export type Flag = '' | 'yes'

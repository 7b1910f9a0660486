import type { Flag } from './kinds.ts'

/**
 * What is fetched, from where, and how.
 * @group download
 */
export interface FetchParameters {
  /**
   * Files to fetch, comma-separated. Each is a file{@part bittorrent , a torrent}{@part metalink , a Metalink} (http,
   * https{@part ftp , ftp}){@part bittorrent  or a magnet link}.{@part placeholders  In addresses of these, of kernel_url and of initrd_url, behind the
   * server's name, stand `{mac}` (of the boot interface, as 52:54:00:be:ef:01), `{ip}`, `{hostname}`, `{uuid}`, `{serial}`
   * and `{arch}` for what this machine has.}
   * @name url
   * @part file-roles
   * @example url=http://10.0.0.1/boot.torrent
   * @holds addresses
   */
  urls: string

  /**
   * The folder for downloads, new or empty. It becomes a tmpfs. In it are `kernel/`, `initrd-1/`
   * and so on, and for each address of url `url-1/` and so on.
   * @default /tmp
   */
  outputDir: string

  /**
   * More options for aria2c, each written `--name=value`. Options that would move files or run programs are refused.
   * @part aria2-options
   * @example aria2_options="--max-download-limit=50M --enable-dht=true"
   */
  aria2Options: string

  /**
   * A header for the servers of these addresses, such as an access token. It is not sent to where they redirect, and
   * /init does not show it; the kernel shows its command line.
   * @name http_header
   * @repeats
   * @part http-headers
   * @example "http_header=Authorization: Bearer abc"
   */
  headers: string

  /**
   * A proxy for HTTP, HTTPS and FTP; peers are asked without it. /init does not show its password; the kernel shows its
   * command line.
   * @part proxy
   * @example proxy=http://user:password@10.0.0.1:3128/
   */
  proxy: string

  /**
   * Servers that are asked without the proxy, comma-separated: names, domains such as `.example.org`, addresses, networks such as
   * `10.0.0.0/8`.
   * @part proxy
   */
  noProxy: string

  /**
   * Certificates of servers are not checked: whoever answers in a server's place can give this node any file that no digest or
   * signature stands for. For an image that was built `--with insecure`.
   * @part insecure
   */
  insecure: Flag

  /**
   * Connections for each file that comes from a server, 1 to 16. More than one is faster where the server limits each; it
   * sends some bytes in vain then.
   * @part connections
   * @default 1
   */
  connections: number

  /**
   * A local partition that keeps what was fetched, for the next boot: `LABEL=` or `UUID=` of its ext4, or `/dev/NAME`. Files with
   * a digest{@part bittorrent  and torrents by URL} are kept, in its folder `aria2-initrd` alone, and compared again at each boot; the
   * oldest make room. It needs --modules storage; without the partition all is fetched.
   * @name cache
   * @part cache
   * @example cache=LABEL=boot-cache
   */
  cachePartition: string

  /**
   * How many times a download is tried before the boot fails; 0 means no limit. Pauses double from 2 to 60 seconds, each
   * cut short by chance, so that machines do not ask all at once. What no other try could mend ends at once.
   * @default 10
   */
  retries: number

  /**
   * The most seconds that a node seeds a complete torrent before the boot continues. It continues one second after every
   * known peer is complete.
   * @part bittorrent
   * @default 5
   */
  seedTime: number

  /**
   * Stop seeding earlier, after this many copies, such as 1.5; 0 means no limit.
   * @part bittorrent
   * @default 0
   */
  seedRatio: string

  /**
   * The announce address of a BitTorrent tracker, used instead of those that torrents name.
   * @part bittorrent
   * @example tracker=http://10.0.0.1:6969/announce
   */
  tracker: string

  /**
   * The rack that this node stands in: it takes from nodes of the same name first, so that a piece comes over the rack's uplink about once.
   * Without it the tracker of `serve` may know (`--racks`), else nodes of the same prefix are the rack. Up to 64 bytes.
   * @part bittorrent
   * @example rack=b12
   */
  rack: string

  /**
   * The next kernel. Commas separate mirrors of the same file: where it cannot be had, or has another digest, the next is
   * asked.
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
}

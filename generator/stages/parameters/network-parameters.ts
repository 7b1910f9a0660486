/**
 * Interfaces, addresses, name servers, and how long each is waited for.
 * @group network
 */
export interface NetworkParameters {
  /**
   * How the network comes up, in the forms of the kernel and dracut; without it DHCP on all wired interfaces at once: the
   * first lease through which the boot server answers is taken. `ip=dhcp`, `ip=DEV:dhcp`{@part static-address , `ip=ADDRESS:PEER:GATEWAY:MASK:HOST:DEV:none[:DNS1[:DNS2]]`},
   * `ip=off`.
   * @repeats
   * @example ip=10.0.0.5::10.0.0.1:255.255.255.0:node5:eth0:none:10.0.0.53
   */
  ip: string

  /**
   * The hardware address of the interface to use, as PXELINUX and iPXE write it.
   * @name BOOTIF
   * @example BOOTIF=01-52-54-00-be-ef-01
   */
  bootif: string

  /**
   * The interface that is used before others that `ip=` names; alone where it names none.
   */
  bootdev: string

  /**
   * 0 ignores BOOTIF.
   * @name rd.bootif
   * @default 1
   */
  useBootif: '0' | '1'

  /**
   * A name server; used before those from DHCP.
   * @repeats
   */
  nameserver: string

  /**
   * 0 ignores name servers from DHCP.
   * @name rd.peerdns
   * @default 1
   */
  peerDns: '0' | '1'

  /**
   * Seconds to wait for a network interface to appear.
   * @name rd.net.timeout.iflink
   * @default 20
   */
  interfaceTimeout: number

  /**
   * Seconds to wait for a link where no interface has one.
   * @name rd.net.timeout.carrier
   * @default 30
   */
  carrierTimeout: number

  /**
   * Seconds to wait for a DHCP lease once there is a link. A switch port may need 50 to forward. With retries=0 there is no
   * limit.
   * @name rd.net.timeout.dhcp
   * @default 90
   */
  dhcpTimeout: number

  /**
   * How many times that wait is repeated before the boot fails.
   * @name rd.net.dhcp.retry
   * @default 1
   */
  dhcpRetry: number

  /**
   * The vendor class that a DHCP server is told (option 60).
   * @name rd.net.dhcp.vendor-class
   */
  vendorClass: string

  /**
   * The client identifier that a DHCP server is told (option 61): bytes in hex between colons, or a text.
   * @name rd.net.dhcp.client-id
   * @example rd.net.dhcp.client-id=01:52:54:00:be:ef:01
   */
  clientId: string
}

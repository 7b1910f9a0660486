/**
 * Interfaces, addresses, name servers, and how long each is waited for.
 * @group network
 */
export interface NetworkParameters {
  /**
   * How the network comes up, in the forms of the kernel and dracut. Default: all wired interfaces at once; the first
   * lease that leads to the server wins. `ip=dhcp`, `ip=DEV:dhcp`{@part static-address , `ip=ADDRESS:PEER:GATEWAY:MASK:HOST:DEV:none[:DNS1[:DNS2]]`},
   * `ip=off`.{@part ipv6  IPv6: `auto6`, `dhcp6`, `dhcp,dhcp6`, `either6` or `link6` for `dhcp`; addresses in brackets.}
   * @repeats
   * @part ip-forms
   * @example ip=10.0.0.5::10.0.0.1:255.255.255.0:node5:eth0:none:10.0.0.53
   */
  ip: string

  /**
   * The hardware address of the interface to use, as PXELINUX and iPXE write it.
   * @name BOOTIF
   * @part bootif
   * @example BOOTIF=01-52-54-00-be-ef-01
   */
  bootif: string

  /**
   * 0 ignores BOOTIF.
   * @name rd.bootif
   * @part bootif
   * @default 1
   */
  useBootif: '0' | '1'

  /**
   * Names an interface by its hardware address, as `ifname=NAME:ADDRESS`; whoever has the name gives it away.
   * @name ifname
   * @repeats
   * @part ifname
   * @example ifname=net0:52:54:00:be:ef:01
   */
  interfaceWishes: string

  /**
   * Several links as one, `bond=NAME[:LINK,LINK[:OPTION=VALUE,...[:MTU]]]`; eth0 and eth1 where none is named. Options are
   * those of the kernel's bonding.rst.
   * @name bond
   * @repeats
   * @part bond
   * @example bond=bond0:eth0,eth1:mode=802.3ad,miimon=100
   */
  wantedBonds: string

  /**
   * A VLAN on an interface or a bond, `vlan=NAME:DEV`; the digits at the name's end are its number, 1 to 4094: vlan0005,
   * vlan5, eth0.0005 or eth0.5.
   * @name vlan
   * @repeats
   * @part vlan
   * @example vlan=eth0.5:eth0
   */
  wantedVlans: string

  /**
   * A partition of an InfiniBand interface, `ib.pkey=DEV.PKEY`, with the four digits of its number in hex. Such a name in
   * `ip=` makes it, too.
   * @name ib.pkey
   * @repeats
   * @part infiniband
   * @example ib.pkey=ib0.8001
   */
  wantedPartitions: string

  /**
   * A route, `rd.route=NETWORK/PREFIX:GATEWAY[:DEV]`; IPv6 in brackets.
   * @name rd.route
   * @repeats
   * @part static-address
   * @example rd.route=10.8.0.0/16:10.0.0.2
   */
  wantedRoutes: string

  /**
   * The interface whose gateway counts, where several `ip=` have one; alone used where `ip=` names none.
   * @name bootdev
   * @part static-address
   */
  bootDevice: string

  /**
   * The host name.
   * @name hostname
   * @part static-address
   */
  givenHostname: string

  /**
   * Name servers, comma-separated; used before those from DHCP.
   * @repeats
   * @part name-servers
   */
  nameserver: string

  /**
   * 0 ignores name servers from DHCP.
   * @name rd.peerdns
   * @part name-servers
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
   * Seconds to wait for a link while there is none.
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
   * Seconds to wait for a router advertisement where `ip=` asks for nothing but IPv6.
   * @name rd.net.timeout.ipv6auto
   * @default 40
   * @part ipv6
   */
  ipv6AutoTimeout: number

  /**
   * Seconds to wait until no other machine has an IPv6 address of ours (duplicate address detection).
   * @name rd.net.timeout.ipv6dad
   * @default 50
   * @part ipv6
   */
  ipv6DadTimeout: number

  /**
   * How many times that wait is repeated.
   * @name rd.net.dhcp.retry
   * @default 1
   */
  dhcpRetry: number

  /**
   * The vendor class that a DHCP server is told (option 60).
   * @name rd.net.dhcp.vendor-class
   * @part dhcp-identity
   */
  vendorClass: string

  /**
   * The client identifier that a DHCP server is told (option 61): bytes in hex between colons, or a text.
   * @name rd.net.dhcp.client-id
   * @part dhcp-identity
   * @example rd.net.dhcp.client-id=01:52:54:00:be:ef:01
   */
  clientId: string

  /**
   * A time server that the clock is set by before files are fetched, written `server:HOST`. Without it that of the DHCP lease
   * is asked where a certificate counts. The clock is never behind the image's own time.
   * @name rd.ntp
   * @part clock
   * @example rd.ntp=server:10.0.0.1
   */
  ntp: string
}

/**
 * Which drivers are loaded.
 * @group network
 */
export interface DriverParameters {
  /**
   * Drivers that are not loaded by themselves, comma-separated.
   * @name rd.driver.blacklist
   * @alias modprobe.blacklist
   * @repeats
   * @part driver-choice
   * @example rd.driver.blacklist=e1000e,cdc_ether
   */
  excludedDrivers: string

  /**
   * Drivers that are loaded before those of the devices, comma-separated.
   * @name rd.driver.pre
   * @repeats
   * @part driver-choice
   */
  firstDrivers: string

  /**
   * Drivers that are loaded after those of the devices, comma-separated.
   * @name rd.driver.post
   * @repeats
   * @part driver-choice
   */
  lastDrivers: string
}

import type { DriverParameters } from './driver-parameters.ts'
import type { FetchParameters } from './fetch-parameters.ts'
import type { HandoverParameters } from './handover-parameters.ts'
import type { NetworkParameters } from './network-parameters.ts'
import type { StartParameters } from './start-parameters.ts'
import type { TrustParameters } from './trust-parameters.ts'

/**
 * The kernel parameters, by the chapters of the boot: one source for the parser in /init, for its checks and for the
 * reference page. A parameter is declared in the file of the chapter that reads it.
 *
 * A field's name in snake case is the parameter's name, unless `@name` says another. The type tells the check: a
 * `number` is a whole number of at most nine digits, a union of literals is a choice; what fails it is reported on the
 * console and the default stays. Tags: `@default`, `@name`, `@alias`, `@repeats` (each one counts, in order; held as
 * lines), `@holds addresses` (commas between them) or `@holds digest` (an empty one is refused), `@example`, `@group` (its heading in the reference; of an interface:
 * that of all its fields), `@part` (the part of the boot that it belongs to; with a choice behind it: that the choice
 * belongs to). Of several `@default` the first counts that is in the image.
 * `{@part PART text}` is said where the part is in.
 */
export interface Parameters
  extends StartParameters,
    DriverParameters,
    NetworkParameters,
    FetchParameters,
    TrustParameters,
    HandoverParameters {}

export type { Flag, Stage } from './kinds.ts'

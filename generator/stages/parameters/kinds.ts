/** Kinds of parameter that are more than text, a number or a choice: the compiler knows them by their names. */

/** A stage by its name, as `boot` in main.ts opens it: that is the one place which says what stages there are. */
export type Stage = string

/** A parameter without a value: `yes` when it was given. */
export type Flag = '' | 'yes'

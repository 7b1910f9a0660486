/** What opens a module of constants alone, which comes first. */

/** What is shared. */
export const shared = 'shared'

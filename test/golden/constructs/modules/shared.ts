/** A module of constants alone comes first. */
export const shared = 'shared'

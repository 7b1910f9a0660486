export interface Colours {
  first: string
}

/** Nobody takes what this one finds. */
export function findColours(): Colours {
  return { first: 'red' }
}

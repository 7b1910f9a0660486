export const readFileSync = 'x'

export const folder = '/tmp'

// What is used of magnet-uri 7, which brings no types.
declare module 'magnet-uri' {
  export function encode(magnet: { xt: string; dn: string; tr: string[]; ws?: string[] }): string
}

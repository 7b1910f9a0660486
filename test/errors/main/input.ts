export function main(url: string): string {
  return url
}

function even(count: number): void {
  if (count > 0) {
    odd(count - 1)
  }
}

function odd(left: number): void {
  if (left > 0) {
    even(left - 1)
  }
}

export function main(): void {
  even(4)
}

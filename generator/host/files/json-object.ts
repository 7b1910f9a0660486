/** What was read as JSON and is an object, not a list: its fields may be anything. */
export const isJsonObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

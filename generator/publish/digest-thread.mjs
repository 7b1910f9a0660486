// A thread does not inherit that Node reads TypeScript here.
import { register } from 'tsx/esm/api'

register()
await import('./digest-worker.ts')

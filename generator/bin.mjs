#!/usr/bin/env node
// The sources are TypeScript and stay so: /init is compiled from them at run time. tsx lets Node read them.
import 'tsx/esm'

await import('./cli.ts')

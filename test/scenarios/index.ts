/** One table of boots for the simulator and for /init under each shell. */

import { cacheScenarios } from './cache.ts'
import { downloadScenarios } from './download.ts'
import { endScenarios } from './end.ts'
import { ipv6Scenarios } from './ipv6.ts'
import { networkScenarios } from './network.ts'
import { reportScenarios } from './reports.ts'
import { about, type Scenario } from './scenario.ts'
import { start } from './start.ts'
import { switchRootScenarios } from './switch-root.ts'
import { clockScenarios, trustScenarios } from './trust.ts'

export const scenarios: Scenario[] = [
  ...start,
  ...networkScenarios,
  ...about('ipv6', ipv6Scenarios),
  ...downloadScenarios,
  ...trustScenarios,
  ...clockScenarios,
  ...endScenarios,
  ...cacheScenarios,
  ...switchRootScenarios,
  ...about('reports', reportScenarios),
]

/** What is doubtful about the parameters of a line, where the stages themselves do not say it. */
import { declaredParameters } from '../simulator/boot-program.ts'
import type { PartName } from '../stages/api/parts.ts'
import type { Parameters } from '../stages/parameters/parameters.ts'
import { hostOf, isName, kindOfAddress, mayBeSwarm } from './addresses.ts'
import type { Cut, Parameter } from './cut.ts'
import { error, type Finding, warning } from './findings.ts'
import { isForeignNetwork, isOurs, misspelt } from './known-names.ts'
import { ownName } from './meaning.ts'
import type { Plan } from './plan.ts'
import { lines } from './rehearsed-files.ts'

function nameFindings({ parameters }: Cut): Finding[] {
  return parameters.flatMap(({ name, value }) => {
    const meant = misspelt(name)
    if (meant !== undefined) return [warning(`${name}: /init does not know it; ${meant} is meant?`)]
    if (value !== undefined && isForeignNetwork(name)) {
      return [
        warning(
          `${name}=${value}: dracut would set this up; /init does not, and leaves it to the next kernel`,
        ),
      ]
    }
    return []
  })
}

/** Of what does not repeat the last one counts. */
function repeatFindings({ parameters }: Cut): Finding[] {
  return declaredParameters()
    .filter(({ repeats }) => !repeats)
    .flatMap(({ name }) => {
      const given = new Set(parameters.filter(each => ownName(each.name) === name).map(({ value }) => value))
      return given.size > 1 ? [warning(`${name} is given several times: the last one counts`)] : []
    })
}

/** `next_kernel_params=root=x quiet` without quotes: the rest is this kernel's. */
function nextLineFindings({ parameters }: Cut, plan: Plan): Finding[] {
  const findings: Finding[] = []
  const index = parameters.findLastIndex(({ name }) => name === 'next_kernel_params')
  const plain = parameters[index]
  if (plain !== undefined && parameters.some(({ name }) => name === 'next_kernel_params_b64')) {
    findings.push(warning('next_kernel_params and next_kernel_params_b64 are both given: the latter counts'))
  } else if (plain !== undefined && !plain.word.includes('"')) {
    const rest: Parameter[] = []
    for (const each of parameters.slice(index + 1)) {
      if (isOurs(each.name)) break
      rest.push(each)
    }
    if (rest.length > 0) {
      findings.push(
        warning(
          `next_kernel_params is not quoted: ${rest.map(({ word }) => word).join(' ')} is for this kernel; for the next one write next_kernel_params="${plain.value?.replace(/^'/, '')} ..."`,
        ),
      )
    }
  }
  if (plan.nextLine === '')
    findings.push(warning('the next kernel gets an empty command line: next_kernel_params sets it'))
  return findings
}

function digestFindings({ kernelSha, initrdSha }: Parameters, plan: Plan): Finding[] {
  const digests = lines(initrdSha)
  const initrds = plan.files.filter(({ role }) => role === 'initrd').length
  const findings: Finding[] = []
  if (digests.length > 0 && digests.length < initrds) {
    findings.push(
      warning(`initrd_sha is given ${digests.length} times for ${initrds} initrds: they go by their order`),
    )
  }
  const isByContent = plan.files.some(({ role, kind }) => role === 'by its content' && kind !== 'file')
  if (isByContent && kernelSha !== '' && digests.length === 0) {
    findings.push(
      warning(
        'kernel_sha without initrd_sha: with an initrd among the files nothing boots; each needs a digest',
      ),
    )
  }
  return findings
}

function serverFindings({ network, files, manifest }: Plan, parameters: Parameters): Finding[] {
  const findings: Finding[] = []
  const fetched = [...files.flatMap(file => file.addresses), ...manifest]
  const addresses = [...fetched, parameters.tracker].filter(text => text !== '')
  const hosts = new Set(addresses.map(hostOf).filter(host => host !== undefined && host !== ''))
  const names = [...hosts].filter(host => host !== undefined && isName(host))
  if (names.length > 0 && network !== undefined) {
    const text = `${names.join(', ')}: a name server has to know this; an address needs none`
    findings.push(
      network.nameServers.length > 0
        ? warning(text)
        : error(`${names.join(', ')}: there is no name server to ask; add nameserver= or give an address`),
    )
  }
  if (addresses.some(address => address.startsWith('https://'))) {
    findings.push(
      warning('https fails on a machine whose clock is wrong by more than the certificate allows'),
    )
  }
  return findings
}

function swarmFindings(
  { parameters: given }: Cut,
  { files }: Plan,
  { seedTime, seedRatio }: Parameters,
): Finding[] {
  const findings: Finding[] = []
  const isGiven = (name: string) => given.some(each => each.name === name)
  if (!files.some(({ kind }) => mayBeSwarm(kind))) {
    const idle = ['seed_time', 'seed_ratio', 'tracker', 'rack'].filter(isGiven)
    if (idle.length > 0) {
      findings.push(warning(`${idle.join(', ')}: nothing is fetched by BitTorrent, so this does nothing`))
    }
  } else if (isGiven('seed_time') && seedTime === 0) {
    findings.push(warning('seed_time=0: a node gives nothing to others once it has all'))
  } else if (seedTime > 600 && Number(seedRatio) === 0) {
    findings.push(warning(`seed_time=${seedTime}: the next kernel may wait as many seconds`))
  }
  return findings
}

function roleFindings({ kernelUrl, initrdUrl, urls }: Parameters, { files }: Plan): Finding[] {
  const findings: Finding[] = []
  if (kernelUrl !== '' && initrdUrl === '') {
    findings.push(warning('there is no initrd_url: the next kernel starts without an initrd'))
  }
  if (kernelUrl === '' && initrdUrl !== '') {
    findings.push(warning('initrd_url without kernel_url: the files get their roles by what is in them'))
  }
  const kernels = files.filter(({ role }) => role === 'kernel')
  if (kernels.some(({ addresses }) => kindOfAddress(addresses[0] ?? '') !== 'file') && urls === '') {
    findings.push(
      warning('kernel_url names a torrent, a Metalink or a magnet link: it must hold one file only'),
    )
  }
  return findings
}

/** What a cache could not know again at the next boot. */
function cacheFindings({ cachePartition }: Parameters, { files, manifest }: Plan): Finding[] {
  if (cachePartition === '') return []
  const isKept = ({ check, checked, kind }: Plan['files'][number]) =>
    manifest.length > 0 || kind === 'torrent' || (check !== 'none' && checked !== 'kernel')
  return files
    .filter(file => !isKept(file))
    .map(({ addresses: [first = ''] }) => warning(`${first}: without a digest cache= does not keep it`))
}

function endFindings({ retries, onFailure, failureDelay }: Parameters): Finding[] {
  if (retries === 0) return [warning('retries=0: a wrong address is tried for ever')]
  if (onFailure === 'reboot' && failureDelay === 0) {
    return [
      warning('failure_delay=0: a machine that fails leaves no time to read why, and asks again at once'),
    ]
  }
  return []
}

export function parameterFindings(
  parts: Cut,
  parameters: Parameters,
  plan: Plan,
  without: readonly PartName[],
): Finding[] {
  return [
    ...nameFindings(parts),
    ...repeatFindings(parts),
    ...roleFindings(parameters, plan),
    ...digestFindings(parameters, plan),
    ...serverFindings(plan, parameters),
    ...(without.includes('bittorrent') ? [] : swarmFindings(parts, plan, parameters)),
    ...cacheFindings(parameters, plan),
    ...nextLineFindings(parts, plan),
    ...endFindings(parameters),
  ]
}

/** Others are told what happens. */
import { both, failed, type Scenario, scenario, served } from './scenario.ts'

const flush = { command: 'reporter', with: 'flush' }

export const reportScenarios: Scenario[] = [
  scenario('a syslog server and a collector', 'kexec', `${both} syslog=10.0.0.9 report=http://s:8000/report`),
  ...(
    [
      ['7', 'N', 'has the events'],
      ['10', 'N', 'is all on the console: debug'],
      ['7', 'Y', 'is all on the console: ignore_loglevel'],
    ] as const
  ).map(([level, showsAll, what]) =>
    scenario(`the kernel's log ${what}`, 'kexec', both, {
      files: {
        '/proc/sys/kernel/printk': `${level}\t4\t1\t7\n`,
        '/sys/module/printk/parameters/ignore_loglevel': `${showsAll}\n`,
      },
    }),
  ),
  scenario('a syslog server by IPv6, and its port', 'kexec', `${both} syslog=[fd00::1]:5514`),
  scenario('a collector by IPv6, without a path', 'kexec', `${both} report=http://[fd00::1]`),
  scenario('reports by HTTPS', failed, `${both} report=https://s/report`),
  scenario('reports with a password', failed, `${both} report=http://u:p@s/report`),
  scenario('reports by another way', failed, `${both} report=ftp://s/report`),
  scenario('a header in the path of reports', failed, `${both} "report=http://s/a b"`),
  scenario('a host of reports that would be an option', failed, `${both} report=http://-e/report`),
  scenario('a port of syslog that is none', failed, `${both} syslog=s:x`),
  scenario('an IPv6 address without brackets', failed, `${both} syslog=fd00::1`),
  scenario('the timeline goes on', 'kexec', `${both} next_timeline`),
  scenario(
    'the timeline goes on behind an image',
    'kexec',
    'url=http://s/k,http://s/i,http://s/x.squashfs next_timeline',
    {
      serve: { ...served, 'http://s/x.squashfs': 'hsqs' },
    },
  ),
  scenario('the timeline, and no initrd', 'kexec', 'kernel_url=http://s/k next_timeline'),
  scenario('nobody can be told', 'kexec', `${both} syslog=s`, {
    broken: [{ command: 'reporter', with: 'start', status: 126 }],
  }),
  scenario('whoever is told hangs', 'kexec', `${both} report=http://s/r`, {
    broken: [{ ...flush, hangs: true }],
  }),
  scenario('the end of a boot that fails is told', failed, `${both} retries=1 report=http://s/r`, {
    serve: { ...served, 'http://s/k': { status: 3 } },
  }),
  scenario('the end of a boot without a kernel is told', 'halt', 'url=http://s/i on_complete=halt syslog=s'),
]

/** Mounts, command line, drivers. */
import { both, failed, scenario } from './scenario.ts'

const mountFails = (target: string) =>
  scenario(`mount of ${target} fails`, failed, both, {
    broken: [
      { command: 'mount', with: target, status: 255, stderr: `mount: mounting x on ${target} failed` },
    ],
  })

export const start = [
  scenario('a boot that goes well', 'kexec', both),
  scenario('an empty command line', failed, ''),
  scenario('words of others only', failed, 'quiet ro root=/dev/sda1 console=ttyS0,115200'),
  mountFails('/proc'),
  mountFails('/sys'),
  mountFails('/dev'),
  mountFails('/run'),
  scenario(
    'quoted parameters for the next kernel',
    'kexec',
    `${both} next_kernel_params="root=x a='b c' $(canary) \`canary\` \\n * ; & |"`,
  ),
  scenario(
    'all of the parameter in quotes',
    'kexec',
    `${both} "next_kernel_params=a b" "on_failure=halt" "debug2"`,
  ),
  scenario(
    'parameters in base64url',
    'kexec',
    `${both} next_kernel_params_b64=${Buffer.from('a "b c" d=é', 'latin1').toString('base64url')}`,
  ),
  scenario('blanks and a newline for the next kernel', 'kexec', `${both} next_kernel_params=" a  b\n c "`),
  scenario('base64url with a strange character', failed, `${both} next_kernel_params_b64=ab+c`),
  scenario(
    'a fault of the command line ends by the policy',
    'shell',
    `${both} on_failure=shell next_kernel_params_b64=ab+c`,
  ),
  scenario(
    'a folder with files in it, and a policy',
    'poweroff after 2 s',
    `${both} output_dir=/etc on_failure=poweroff failure_delay=2`,
    { files: { '/etc/passwd': 'root' } },
  ),
  scenario('base64url without its end', failed, `${both} next_kernel_params_b64=abcde`),
  scenario('base64url of nothing', 'kexec', `${both} next_kernel_params_b64==`),
  scenario('a bare -- ends what is ours', 'kexec', `${both} -- kernel_url=nonsense`),
  scenario('blanks of all kinds', 'kexec', `  \t${both.replace(' ', '\t\v\f ')}  failure_delay=1\t `),
  scenario(
    'bad numbers and choices are left as they were',
    'kexec',
    `${both} retries=08 seed_time=-1 on_failure=x rd.peerdns=2 debug=1 url break=mounts failure_delay=9999999999`,
  ),
  scenario(
    'variables of /init as words of the command line',
    'kexec',
    `${both} IFS=k PATH=/x stage=x newline=x interface=x boot_interface=x ENV=/x http_proxy=http://x HTTPS_PROXY=x`,
  ),
  scenario('debug shows each command', 'kexec', `${both} debug`),
  scenario('debug with a prompt that holds a command', 'kexec', `${both} debug PS4=$(canary)`),
  scenario('bytes outside of ASCII', 'kexec', `${both} next_kernel_params="gr\xf6\xdfe \xc3\xa9 \xff"`),
  scenario('a value of 1,900 characters', 'kexec', `${both} next_kernel_params="${'x y '.repeat(475)}"`),
  scenario('drivers in three steps', 'kexec', both, {
    network: [{ name: 'eth0', aliases: ['pci:a', 'bus:b', 'net:c'] }],
  }),
  scenario('drivers built in', 'kexec', both, { network: [{ name: 'eth0', aliases: [] }] }),
  scenario('odd modaliases', 'kexec', both, {
    files: {
      '/sys/bus/pci/devices/a/modalias': '-r *\n',
      '/sys/bus/usb/devices/b/modalias': '$(canary)\n\nx y\n',
    },
  }),
]

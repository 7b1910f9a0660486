// The kernel's command line, cut and taken as the kernel does it.
import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { declaredParameters } from '../../../generator/simulator/boot-program.ts'
import { defaultValues } from '../../../generator/simulator/kernel-parameters.ts'
import { callStage } from '../../../generator/simulator/simulate.ts'
import { SimulatedMachine } from '../../../generator/simulator/simulated-machine.ts'
import type { Parameters } from '../../../generator/stages/parameters/parameters.ts'
import { boot, both } from '../../support/boots.ts'

interface Vector {
  line: string
  params: [string, string | null][]
}

const { vectors } = JSON.parse(readFileSync(new URL('cmdline-vectors.json', import.meta.url), 'utf8')) as {
  vectors: Vector[]
}

/** All parameters of a line, ours or not, as the stage hands them on. */
function cut(line: string): [string, string | null][] {
  const taken: [string, string | null][] = []
  class Listener extends SimulatedMachine {
    override setParameter = (_: Parameters, name: string, value: string): void => {
      taken.push([name, value])
    }
    override setFlag = (_: Parameters, name: string): void => {
      taken.push([name, null])
    }
  }
  callStage(
    'readCommandLine',
    [defaultValues(declaredParameters())],
    { cmdline: line },
    withCommandLine,
    Listener,
  )
  return taken
}

/** A machine that has /proc. */
const withCommandLine = (machine: SimulatedMachine): void => machine.mount('-t', 'proc', 'proc', '/proc')

function read(line: string): Parameters {
  const parameters = defaultValues(declaredParameters())
  callStage('readCommandLine', [parameters], { cmdline: line }, withCommandLine)
  return parameters
}

for (const { line, params } of vectors) {
  test(`the kernel's own cut: ${line}`, () => assert.equal(cut(line), params))
}

test('the defaults are there when the command line is empty', () => {
  const parameters = read('')
  assert.is(parameters.outputDir, '/tmp')
  assert.is(parameters.retries, 10)
  assert.is(parameters.onFailure, 'reboot')
  assert.is(parameters.debug, '')
})

test('a quoted next_kernel_params arrives byte for byte', () => {
  assert.is(
    read('next_kernel_params="root=live:http://h/$(x) a=\'b c\' `y` \\n *" quiet').nextKernelParams,
    "root=live:http://h/$(x) a='b c' `y` \\n *",
  )
})

test('base64url wins over the plain form', () => {
  const params = 'root=x "a b" é\xe9'.replace('é', '')
  const b64 = Buffer.from(params, 'latin1').toString('base64url')
  for (const given of [`${b64} next_kernel_params=other`, `${b64}==`])
    assert.is(boot(`${both} next_kernel_params_b64=${given}`).loaded?.commandLine, params)
})

test('what is no base64url ends the boot as on_failure says', () => {
  for (const bad of ['a+b', 'a/b', 'abc$(x)', 'abcde']) {
    const ended = boot(`${both} next_kernel_params_b64=${bad} on_failure=halt`)
    assert.match(ended.console, 'aria2-initrd: command-line: not valid base64url')
    assert.is(ended.end, 'halt after 30 s')
    assert.not.ok(ended.ran('kexec'))
  }
})

test('the last value of a name wins; a repeated one counts each time', () => {
  assert.is(read('url=a url=b').urls, 'b')
  assert.is(read('initrd_url=a ramdisk_url=b').initrdUrl, 'a\nb\n')
  assert.is(read('ip=dhcp ip=eth1:dhcp').ip, 'dhcp\neth1:dhcp\n')
})

test('a bare -- ends what is ours, quoted or not', () => {
  assert.is(read('url=a -- url=b').urls, 'a')
  assert.is(read('url=a "--" url=b').urls, 'a')
  assert.is(read('url=a --url=b').urls, 'a')
})

test('a bad number is reported and the default stays', () => {
  for (const bad of ['08', '-1', '', '1e3', ' 1', '1 ', '9999999999', 'x', '$(y)', '0x10', '+1']) {
    const parameters = defaultValues(declaredParameters())
    const { console } = callStage(
      'readCommandLine',
      [parameters],
      { cmdline: `retries="${bad}"` },
      withCommandLine,
    )
    assert.is(parameters.retries, 10, bad)
    assert.is(
      console,
      `aria2-initrd: start: retries=${bad}: ignored; expected a whole number of at most 9 digits\n`,
    )
  }
  assert.is(read('retries=0').retries, 0)
  assert.is(read('retries=999999999').retries, 999999999)
})

test('a bad choice is reported with what there is to choose from', () => {
  const ended = boot(`${both} on_failure=explode`)
  assert.match(ended.console, 'on_failure=explode: ignored; expected one of reboot, shell, poweroff, halt\n')
  assert.is(ended.end, 'kexec')
})

test('a flag takes no value, a value no flag', () => {
  assert.match(boot(`${both} debug=1`).console, 'debug=1: ignored; expected no value')
  assert.match(boot(`${both} url`).console, 'url=: ignored; expected a value')
  assert.ok(boot(`${both} debug`).isTracing)
  assert.not.ok(boot(both).isTracing)
})

test('without /proc/cmdline the boot ends, and says so', () => {
  const ended = boot(both, { broken: [] })
  assert.is(ended.end, 'kexec')
  const { status, console } = callStage('readCommandLine', [defaultValues(declaredParameters())], {
    cmdline: '',
  })
  assert.is(status, 1)
  assert.match(console, "cat: can't open '/proc/cmdline': No such file or directory")
})

test.run()

/** The call of a site's stage in `boot`: what it is given, and what it hands to later stages. */

import {
  type FunctionDeclaration,
  type InterfaceDeclaration,
  Node,
  type ParameterDeclaration,
  type SourceFile,
  SyntaxKind,
  type Type,
} from 'ts-morph'
import { type Said, says } from './diagnostics/catalogue.ts'
import type { Diagnostic } from './diagnostics.ts'
import { opener } from './opened-stages.ts'
import { type Addition, diagnosticAt } from './places.ts'
import { type SiteStage, siteStageName } from './site-order.ts'

function interfaceOf(type: Type): InterfaceDeclaration | undefined {
  const declaration = type.getSymbol()?.getDeclarations()[0]
  return Node.isInterfaceDeclaration(declaration) ? declaration : undefined
}

/** The interfaces of a stage's file that declare kernel parameters of its own. */
export const ownParameters = (source: SourceFile): InterfaceDeclaration[] =>
  source.getInterfaces().filter(each => each.isExported() && /.Parameters$/.test(each.getName()))

/** What `boot` has at a place, by the interface that it is of: a variable, or undefined once a later stage provides it. */
interface Provided {
  variable: string
  /** Where it is there from, in main.ts; 0 is from the beginning. */
  from: number
}

/** The calls of a site's stages, as they come into `boot` one after the other. */
export class Wiring {
  readonly faults: Diagnostic[] = []
  readonly calls: Addition[] = []
  readonly called: FunctionDeclaration[] = []
  readonly #provided = new Map<InterfaceDeclaration, Provided>()
  /** Records of the site's own, and the function that makes each; those that a later stage takes leave the list. */
  readonly #unread = new Map<InterfaceDeclaration, FunctionDeclaration>()
  readonly #names: Set<string>

  constructor(
    boot: FunctionDeclaration,
    readonly parameters: InterfaceDeclaration | undefined,
  ) {
    const variables = boot.getDescendantsOfKind(SyntaxKind.VariableDeclaration)
    for (const each of [...boot.getParameters(), ...variables]) {
      const record = interfaceOf(each.getType())
      const from = Node.isParameterDeclaration(each) ? 0 : each.getEnd()
      if (record !== undefined) this.#provided.set(record, { variable: each.getName(), from })
    }
    this.#names = new Set([...boot.getParameters(), ...variables].map(each => each.getName()))
  }

  #fault(node: Node, said: Said): undefined {
    this.faults.push(diagnosticAt(node, said))
  }

  /** The variable that `boot` gives for a parameter of a stage; undefined, and a fault, where it has none. */
  #argument(parameter: ParameterDeclaration, at: number): string | undefined {
    const record = interfaceOf(parameter.getType())
    const type = record?.getName() ?? parameter.getType().getText(parameter)
    if (record === undefined) {
      return this.#fault(parameter, says['site-stage'].takes(parameter.getName(), type))
    }
    const isParameters =
      record === this.parameters || ownParameters(parameter.getSourceFile()).includes(record)
    const found = this.#provided.get(isParameters && this.parameters ? this.parameters : record)
    this.#unread.delete(record)
    if (found !== undefined && found.from <= at) return found.variable
    const twin = [...this.#provided.keys()].find(each => each !== record && each.getName() === type)
    return this.#fault(
      parameter,
      (twin === undefined ? says['not-provided'].missing : says['not-provided'].twin)(type),
    )
  }

  /** A name for a record in `boot`; it is no name in shell, where its fields are. */
  #variableFor(record: InterfaceDeclaration): string {
    const base = record.getName().replace(/^./, first => first.toLowerCase())
    let name = base
    while (this.#names.has(name)) name += 'Record'
    this.#names.add(name)
    return name
  }

  /** Puts a stage's call into `boot`, at an offset of main.ts. */
  call(stage: SiteStage, declared: FunctionDeclaration, at: number): void {
    const name = declared.getNameNode() ?? declared
    const given = declared.getParameters().map(each => this.#argument(each, at))
    const result = declared.getReturnType()
    const record = interfaceOf(result)
    if (record === undefined && !result.isVoid() && !result.isNever()) {
      this.#fault(declared.getReturnTypeNode() ?? name, says['site-stage'].returns())
      return
    }
    if (given.includes(undefined)) return
    const call = `${declared.getName()}(${given.join(', ')})`
    this.called.push(declared)
    const opening = `${opener}('${siteStageName(stage)}', parameters); `
    if (record === undefined) {
      this.calls.push({ at, text: `${opening}${call}; `, standsFor: name })
      return
    }
    const variable = this.#variableFor(record)
    this.calls.push({ at, text: `${opening}const ${variable} = ${call}; `, standsFor: name })
    this.#provided.set(record, { variable, from: at })
    this.#unread.set(record, declared)
  }

  /** A record that no later stage takes. */
  end(): void {
    for (const [record, maker] of this.#unread) {
      this.#fault(maker.getReturnTypeNode() ?? maker, says.unread.record(record.getName()))
    }
  }
}

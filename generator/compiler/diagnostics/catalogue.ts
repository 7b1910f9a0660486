/**
 * All that the compiler can say against a stage: for each code what it means, why it is so, and the sentences, each with
 * what to write instead. The table in ../README.md is made from it.
 */

/** A sentence, and what to write instead. */
type Words = [sentence: string, help: string]

interface Entry {
  /** What is refused, for the table. */
  means: string
  /** Why the shell, or /init, cannot have it. */
  why: string
  says: Record<string, (...names: string[]) => Words>
}

/** Keeps the exact names of the sentences for TypeScript. */
const entries = <All extends Record<string, Entry>>(all: All): All => all

export const catalogue = entries({
  arithmetic: {
    means: 'something other than `+ - * %` and `Math.trunc(a / b)` on number variables and literals',
    why: 'the shell counts in whole numbers, and reads text in `$(( ))` as code',
    says: {
      noInteger: text => [
        `'${text}' is no integer arithmetic`,
        'use + - * % and Math.trunc(a / b) on numbers: variables, literals, calls that cannot fail',
      ],
    },
  },
  assignment: {
    means: 'to something other than a variable of this function',
    why: 'a function that changes what others read cannot be understood by itself',
    says: {
      target: text => [`'${text}' cannot be assigned`, 'assign to a variable of this function'],
      operator: () => ['this operator has no shell', 'use =, +=, -= or *='],
    },
  },
  'captured-change': {
    means: 'a captured function changes the machine or its files',
    why: 'nobody who reads /init looks for a change inside of `$( )`',
    says: {
      changed: (name, command) => [
        `'${name}' returns a value, and '${command}' changes the machine`,
        'a reader looks for changes outside of $( ): let a function that returns nothing make it',
      ],
    },
  },
  'captured-output': {
    means: 'a captured function calls what prints to the console',
    why: '`$( )` takes all that is printed for the value',
    says: {
      printed: (command, name) => [
        `what '${command}' prints would become part of the value of '${name}'`,
        'let a function that returns nothing do it',
      ],
    },
  },
  characters: {
    means:
      'not ASCII, or not visible; marks of `consistsOf` and `beforeAny` that a pattern would read differently',
    why: 'some shells read a script as bytes, some as characters; a reviewer has to see what is there',
    says: {
      notAscii: piece => [
        `'${piece}' is not ASCII`,
        'some shells read a script as bytes, some as characters: write it in ASCII, comments too',
      ],
      invisible: () => [
        'a character that a reader of /init would not see',
        'blanks like \\t belong into a constant of the module',
      ],
      consistsOf: () => [
        'consistsOf() takes literal characters and ranges',
        "letters, digits, 0-9, a-z, A-Z, a-f, A-F, one of _./:,@%+= and a - at the end, like '0-9.'",
      ],
      beforeAny: () => [
        'beforeAny() takes its characters from a constant of a module, none of them ] [ ! ^ - or a backslash',
        'declare it at the top: const marks = …',
      ],
    },
  },
  choice: {
    means: 'two in one statement, after a call, or where no statement can be written twice',
    why: 'the shell chooses between whole statements: the statement is written once for each side',
    says: {
      noPlace: () => ['no place for a choice', 'give it a name in a statement of its own: const x = …'],
      second: () => ['a second choice in one statement', 'give one of them a name first: const x = …'],
      afterCall: name => [
        `shell would choose before it calls '${name}'`,
        'give the choice a name first: const x = …',
      ],
    },
  },
  'command-name': {
    means: 'a function that would hide a command, a helper or a word of the shell',
    why: 'the shell looks for functions first',
    says: {
      machine: name => [`'${name}' is a function of the machine`, 'name it after what it does for the boot'],
      command: name => [
        `a function '${name}' would hide the command of that name`,
        'name it after what it does for the boot',
      ],
    },
  },
  constant: {
    means: 'made of more than literals and constants above it; ends in a newline',
    why: '/init sets constants in the order of its modules, before anything runs',
    says: {
      otherModule: () => [
        'a constant of another module may not be set yet when /init comes to this line',
        'put both constants into one module',
      ],
      newline: () => ['a constant cannot end in a newline', 'put the newline elsewhere in it'],
      noValue: () => ['a constant has a value', 'give it one'],
    },
  },
  directive: {
    means: 'a comment that ShellCheck would take for one',
    why: 'it would switch off a check of /init',
    says: {
      comment: () => [
        'a comment that ShellCheck would take for a directive',
        'begin the comment with another word: what a stage becomes passes all checks',
      ],
    },
  },
  division: {
    means: 'by something other than a literal that is not 0',
    why: 'a division by 0 ends the shell, and with PID 1 the machine',
    says: {
      byZero: () => ['the divisor may be 0, which ends a shell', 'divide by a literal that is not 0'],
    },
  },
  'duplicate-name': {
    means: 'two functions, constants, fields or kernel parameters of one name',
    why: '/init is one script, and its functions and records belong to all of it',
    says: {
      module: name => [
        `there is a module ${name} already`,
        'each has a part of /init under its name: rename the file',
      ],
      function: (name, file) => [
        `there is a function '${name}' in ${file} already`,
        'all functions end up in one /init: give each a name of its own',
      ],
      variable: (name, owner) => [
        `'${name}' belongs to ${owner} already`,
        'constants and fields are variables of the whole script: give each a name of its own',
      ],
      parameter: name => [
        `there is a kernel parameter '${name}' already`,
        'take Parameters of aria2-initrd/parameters for ours, and give your own another name',
      ],
    },
  },
  'failing-predicate': {
    means: 'a predicate that calls what can fail',
    why: 'its status is its answer: a failure would be taken for no',
    says: {
      fails: (command, name) => [
        `'${command}' can fail, which '${name}' could only answer with false`,
        'ask succeeds(() => …), or return a string',
      ],
    },
  },
  'fall-through': {
    means: 'a clause of a switch that runs into the next one',
    why: 'a `case` of the shell has no such thing',
    says: {
      clause: () => ['this clause runs into the next one', 'end it with break, return, continue or fail()'],
    },
  },
  fields: {
    means: 'of something other than `const [a, b] = fields(x, mark)`',
    why: 'what is cut into fields stands in the positional parameters only until each has its name',
    says: {
      other: () => ['this is not cut into fields', "write const [first, second] = fields(x, ':')"],
    },
  },
  'for-of': {
    means: 'with a variable from outside',
    why: 'after the loop it would hold the last word in the shell alone',
    says: {
      variable: () => ['a loop declares its variable', 'write for (const x of …)'],
    },
  },
  integer: {
    means: 'a number with a fraction, or above 2^53',
    why: 'the shell has none, and TypeScript would round it',
    says: {
      literal: text => [`${text} is no integer`, 'shell counts in integers below 2^53'],
    },
  },
  'left-out': {
    means: 'a kernel parameter that is read without its part',
    why: 'an image that does without the part does not know it either',
    says: {
      parameter: (name, part, field) => [
        `'${name}' belongs to the part ${part}, which this image does without`,
        `read it behind if (parts.${field}) alone`,
      ],
    },
  },
  'lost-state': {
    means: 'a captured or started function changes what the whole script shares',
    why: 'it runs in a subshell, whose variables end with it',
    says: {
      subshell: (name, command) => [
        `'${name}' returns a value, so it runs in a subshell: what '${command}' sets is lost`,
        'let a function that returns nothing do it',
      ],
      started: name => [
        `'${name}' runs beside the boot, in a shell of its own: what it sets there is lost`,
        'let it write a file, or announce(…) what it came to',
      ],
    },
  },
  main: {
    means: 'takes or returns something',
    why: 'nobody calls PID 1',
    says: {
      signature: () => ['main takes nothing and returns nothing', 'export function main(): void'],
    },
  },
  name: {
    means: 'no name in shell',
    why: 'names go to /init as they are, in snake case',
    says: {
      odd: text => [
        `'${text}' is no name in shell`,
        'a name begins with a letter, and holds letters of ASCII, digits and _',
      ],
    },
  },
  'name-clash': {
    means:
      'a variable that a callee would change while its caller still reads it; a name of the whole script',
    why: 'strict POSIX has no `local`: variables live as long as the boot',
    says: {
      changed: name => [
        `'${name}' would be changed while its caller still reads it`,
        'these are two things: name them apart, or read the value before the call',
      ],
      owned: (name, owner) => [
        `'${name}' belongs to ${owner}`,
        'shell variables live as long as the boot; give this one another name',
      ],
    },
  },
  'nested-call': {
    means: 'one that can fail, or prints no value, inside of another expression',
    why: 'its status would be lost, and a failure with it',
    says: {
      status: name => [
        `'${name}' gives its exit status, which shell has right after it`,
        'give its result a name first: const x = …',
      ],
      predicate: name => [`'${name}' is asked, it prints no value`, `write ${name}(…) ? a : b`],
      noValue: name => [`'${name}' prints no value`, 'give its result a name first: const x = …'],
      canFail: (name, when = '') => [
        `'${name}' can fail${when}, which nobody would see here`,
        'give its result a name first: const x = …',
      ],
      returned: () => ['the status would be lost', 'give it a name first'],
    },
  },
  'nested-text': {
    means: 'a text function of something other than a variable',
    why: 'parameter expansion takes the name of a variable, and one at a time',
    says: {
      variable: name => [`${name}() takes a variable`, 'give the inner value a name first: const x = …'],
      beforeAny: () => ['beforeAny() takes its characters from a constant', 'declare it: const marks = …'],
      consistsOf: () => [
        'consistsOf() takes a variable and literal characters',
        'give the text a name first',
      ],
    },
  },
  'no-condition': {
    means: 'something that is neither a comparison nor a call that can be asked',
    why: 'a condition is a command, and its status the answer; text is neither true nor false',
    says: {
      other: text => [
        `'${text}' is no condition`,
        'a condition compares, calls a function that returns boolean, or asks succeeds(() => …)',
      ],
    },
  },
  'no-statement': {
    means: 'does nothing in shell',
    why: 'a line of /init that does nothing would only be read',
    says: { idle: () => ['this does nothing in shell', 'assign it, or call a function'] },
  },
  'no-value': {
    means: 'a variable without a value',
    why: 'to read it is fatal under `set -u`',
    says: {
      missing: name => [
        `'${name}' has no value yet`,
        'give it one: a shell variable without a value is fatal',
      ],
    },
  },
  'no-word': {
    means: 'something that is no text and no number',
    why: 'the shell has nothing else',
    says: {
      other: text => [
        `'${text}' is no value that shell has`,
        'a value is a string, an integer, a template of those, or a text function of a variable',
      ],
    },
  },
  'no-words': {
    means: 'something that cannot be walked over',
    why: '`for` walks over the words of one text, split at one kind of mark',
    says: {
      other: text => [
        `'${text}' is nothing to walk over`,
        'walk over lines(x), words(x), split(x, separator) of a variable or a call, a list of literals, or the word list',
      ],
    },
  },
  'not-called': {
    means: 'a function that the boot never comes to',
    why: 'an admin reads only what runs',
    says: { never: name => [`the boot never calls '${name}'`, 'call it or delete it'] },
  },
  'not-in-subset': {
    means: 'syntax that is not on this page',
    why: 'nothing is compiled to something merely similar',
    says: {
      syntax: (called, instead) => [`${called} has no shell`, instead],
      besideFunctions: () => [
        'a statement outside of a function never runs in /init',
        'a module holds imports, constants, records and functions; main() is where it begins',
      ],
      overload: () => ['an overloaded function', 'give each a name of its own'],
      innerFunction: () => ['a function inside of a function', 'move it to the top of the module'],
      noReturnType: name => [
        `'${name}' does not say what it returns`,
        'write the return type: void, string, number, boolean or a record',
      ],
      async: () => ['shell functions are plain functions', 'leave async and * out'],
      import: name => [
        `'${name}' does not exist in /init`,
        'a stage imports the machine, the parameters and other stages',
      ],
      nodeModule: name => [
        `'${name}' is a module of Node, and /init has no Node`,
        'what the machine can do stands in aria2-initrd/machine',
      ],
      renamedImport: () => ['an import under another name', 'names stay the same from TypeScript to shell'],
      optionalParameter: () => ['an optional or rest parameter', 'pass every argument'],
      declaration: kind => [kind, 'use const or let'],
      moduleVariable: () => [
        'a variable of the whole module',
        'use const here; what changes is passed from function to function',
      ],
      functionValue: () => [
        'a function as a value',
        'only succeeds(() => …) and start(() => …) take one; declare a function and call it',
      ],
      sign: text => [
        `'${text}': of signs before a value there is ! alone`,
        'write 0 - x for -x, and x += 1 for ++x',
      ],
      fieldName: () => ['a field with more than its name', "write const [first, second] = fields(x, ':')"],
      gap: () => ['a list with a gap', "write '' for an empty word"],
      breakInClause: () => [
        'break in the middle of a clause: in shell it would end the loop around',
        'turn the condition round, so that the clause ends by itself',
      ],
    },
  },
  'not-provided': {
    means: "a site's stage asks for a record that no stage before it makes",
    why: 'a field that is not set yet is fatal under `set -u`',
    says: {
      missing: type => [
        `no stage before this one provides '${type}'`,
        'take what earlier stages provide, or put the stage further back with --after',
      ],
      twin: type => [
        `this '${type}' is another one than the boot has`,
        'import the type instead of declaring it again: import type { … } from …',
      ],
    },
  },
  'order-of-text': {
    means: '`<` on texts',
    why: 'POSIX `[ ]` orders numbers alone',
    says: { comparison: () => ['shell does not order text', 'compare numbers, or test for equality'] },
  },
  parameter: {
    means: 'where kernel parameters are declared: a type, default or name that /init cannot check',
    why: 'what stands there becomes the parser in /init, its checks and the reference',
    says: {
      type: text => [`a parameter of type ${text}`, 'use string, number, a union of texts, or Flag'],
      number: wanted => ['a number without a default that is one', `write @default and ${wanted}`],
      choice: (value, choices) => [
        `'${value}' is none of its choices`,
        `write @default and one of ${choices}`,
      ],
      flag: () => ['a flag with a default', 'leave @default out'],
      part: (name, parts) => [`'${name}' is no part of the boot`, `write @part and one of ${parts}`],
      partOfChoice: choice => [
        `'${choice}' is none of its choices`,
        'write @part, the part, and one of its choices',
      ],
      repeats: () => ['what repeats is held as lines of text', 'make it a string'],
      name: text => [`'${text}' is no name on a kernel command line`, 'use letters, digits, dots, - and _'],
      twice: name => [`'${name}' is the name of two parameters`, 'rename one'],
      extends: name => [
        `'${name}' is built on another interface`,
        'declare your own parameters alone; a stage takes Parameters of aria2-initrd/parameters beside them',
      ],
    },
  },
  pattern: {
    means: 'a text test among other conditions on a variable, which may be empty; a computed pattern',
    why: 'only a `case` compares with patterns, and a `case` stands alone',
    says: {
      computed: () => ['this cannot be part of a pattern', 'give the value a name first: const x = …'],
      amongOthers: () => [
        'among other conditions a text can only be compared with a literal: an empty variable would not be seen',
        'make this test an if of its own',
      ],
    },
  },
  program: {
    means: 'one that the image will not hold, or whose name is no literal',
    why: 'what is missing would be found out on the machine that does not boot',
    says: {
      literal: name => [
        'a program is called by its name, a literal without a path',
        `write ${name}('ethtool', …): /init looks for it in /usr/sbin, /usr/bin, /sbin and /bin`,
      ],
      function: program => [
        `'${program}' is a function of /init`,
        'call the function, or pack the program under another name',
      ],
      notPacked: program => [
        `the image will hold no program '${program}'`,
        `pack it with its libraries: --add "$(command -v ${program})", to generate as well as to build`,
      ],
    },
  },
  record: {
    means: 'made twice, made in two places, or not field by field',
    why: 'its fields are variables of the whole script',
    says: {
      twice: name => [
        `'${name}' would make its record more than once`,
        'its fields are variables of the whole script: make it once and pass it on',
      ],
      secondMaker: (name, record) => [
        `'${name}' makes a ${record} already`,
        'its fields are variables of the whole script: one function makes it',
      ],
      inner: () => ['a record inside of a function', 'move it to the top of the module'],
      fromFunction: () => ['a record comes from a function', 'call the stage that provides it'],
      fieldByField: () => ['a record is returned field by field', 'write return { name, other: value }'],
      plainFields: () => ['a record holds plain fields', 'write { name: value }'],
      readsOther: () => [
        'this reads what another field of the record is about to be',
        'fields are variables of the whole script: give the value another name first',
      ],
    },
  },
  recursion: {
    means: 'a function that calls itself, or is called by what it calls',
    why: 'shell functions have no variables of their own',
    says: {
      circle: names => [`recursion: ${names}`, 'shell functions have no variables of their own: use a loop'],
    },
  },
  return: {
    means: 'of a call, from a function that returns nothing',
    why: 'in shell it would hand on the status, and read as if it were a value',
    says: {
      nothing: () => ['nothing is returned here', 'call it, then return in a line of its own'],
    },
  },
  separator: {
    means: '`split` or `fields` on something other than one literal punctuation mark',
    why: 'IFS is a set of characters, and blanks in it have rules of their own',
    says: {
      mark: callee => [
        `${callee}() takes one literal punctuation mark`,
        'blanks separate words(), newlines lines(); for more than a character use before() and after()',
      ],
    },
  },
  shadowed: {
    means: 'a variable of a name that the function has already',
    why: 'the shell has one scope for a function',
    says: {
      variable: name => [
        `this function has a variable '${name}' already`,
        'shell has one scope for a function: give this one another name',
      ],
    },
  },
  'site-stage': {
    means: "a site's stage takes or returns what no stage can",
    why: '`boot` has kernel parameters and records, and nothing else to hand on',
    says: {
      takes: (name, type) => [
        `a stage cannot take '${name}' of type ${type}`,
        'boot hands kernel parameters and records of earlier stages to a stage; a value of the site is a kernel parameter or a constant',
      ],
      returns: () => [
        'a stage returns nothing, or a record for later stages',
        'declare an interface for what later stages read, or write void',
      ],
    },
  },
  spread: {
    means: 'of something other than lists; of a text outside of a statement of its own',
    why: 'the shell has the list `"$@"`, and cuts a text where IFS says, which is set before the statement',
    says: {
      other: () => [
        'only a word list can be spread, or lines(x), words(x), split(x, separator) of a variable or a call',
        'give the text a name first: const x = …',
      ],
      noStatement: () => [
        'a text is cut into words in a statement of its own',
        'make a word list of it first: const list: string[] = [...]',
      ],
      twoMarks: () => ['two texts are cut at different marks', 'push the second to a list first'],
    },
  },
  succeeds: {
    means: 'of something other than one call of a command',
    why: 'it asks for the status of one command',
    says: {
      arrow: () => ['succeeds() takes an arrow function around one call', 'write succeeds(() => mount(…))'],
      predicate: name => [`'${name}' is no command that succeeds or fails`, 'ask it without succeeds()'],
      value: name => [
        `'${name}' is no command that succeeds or fails`,
        'ask a function that returns nothing',
      ],
    },
  },
  switch: {
    means: 'a label that is no literal or is there twice, `default` not last, a variable in a clause',
    why: 'a `case` of the shell takes the first pattern that fits',
    says: {
      variable: () => [
        'a variable of the whole switch, set in one clause alone',
        'declare it before the switch',
      ],
      default: () => ['default is not the last clause', 'move it to the end'],
      label: () => ['a label that is no literal', 'compare with if and else if'],
      twice: () => ['this label was there before', 'leave one of them out'],
    },
  },
  'too-wide': {
    means: 'a line of /init over 100 columns that cannot be broken',
    why: 'people read it on a console, and in a review',
    says: {
      line: (width, most) => [
        `this would be a line of ${width} columns, more than ${most}`,
        'shorten the text, give a part of it a name: const x = ..., or make two of one if',
      ],
    },
  },
  type: {
    means: 'a value that is no text, number, record or word list',
    why: 'the shell has text, and numbers in it',
    says: {
      boolean: what => [
        `${what} of type boolean`,
        'shell has no booleans: ask in the if itself, or keep a text like yes',
      ],
      other: (what, type) => [
        `${what} of type ${type}`,
        'a value is a string, an integer or a record; a word list stays in its function',
      ],
    },
  },
  'unknown-call': {
    means: "a function that is neither a stage's nor the machine's",
    why: '/init has nothing else to call',
    says: {
      function: name => [`'${name}' does not exist in /init`, 'call the machine, or a function of a stage'],
      computed: () => ['a call of something computed', 'call the machine, or a function of a stage'],
      position: method => [
        `${method}() at a position`,
        'cut the text first: before(), after(), withoutFirst()',
      ],
      method: (name, known) => [
        `'${name}' does not exist in /init`,
        `of methods there are ${known} and push`,
      ],
      noValue: name => [`'${name}' gives no value in shell`, 'call the machine, or a function of a stage'],
    },
  },
  'unknown-name': {
    means: 'an identifier that is no variable of a stage',
    why: '/init has the variables of its stages and no others',
    says: {
      other: name => [
        `'${name}' is no variable of a stage`,
        'a value is a variable, a constant or a field; a function can only be called',
      ],
      platform: (name, instead) => [`there is no ${name} in /init`, instead],
    },
  },
  unread: {
    means: 'a field, a record or a kernel parameter that no stage reads',
    why: 'whoever sets it would believe that it does something',
    says: {
      field: name => [`no stage reads '${name}'`, 'read it, or leave it out'],
      record: name => [
        `no later stage takes '${name}'`,
        'let a stage after this one take it, or return nothing',
      ],
    },
  },
  'unused-value': {
    means: 'a call whose value goes nowhere',
    why: 'the shell would print it on the console',
    says: {
      value: name => [
        `the value of '${name}' goes nowhere`,
        'give it a name, or call a function that returns nothing',
      ],
      predicate: name => [`the value of '${name}' goes nowhere`, 'ask it in an if'],
      record: name => [`the value of '${name}' goes nowhere`, 'give the record a name: const x = …'],
    },
  },
  'word-list': {
    means: 'a second one in a function, or one beside fields; one that grows while it is walked over',
    why: 'the positional parameters are the one list of a function',
    says: {
      second: () => [
        'a second word list in one function',
        'a function has one, its positional parameters: let another function make the other',
      ],
      fields: () => [
        'fields in a function with a word list',
        'both are the positional parameters of the function: let another function make one of them',
      ],
      grows: () => [
        'the list grows while it is walked over',
        'the shell would not come to the new words: walk first, push after',
      ],
    },
  },
})

export type Code = keyof typeof catalogue

/** What is said against a piece of a stage. */
export interface Said {
  code: string
  message: string
  help: string
}

type Says = {
  [C in Code]: {
    [S in keyof (typeof catalogue)[C]['says']]: (typeof catalogue)[C]['says'][S] extends (
      ...names: infer Names
    ) => Words
      ? (...names: Names) => Said
      : never
  }
}

/** The sentences by code and name: `says.division.byZero()`. */
export const says = Object.fromEntries(
  Object.entries(catalogue).map(([code, entry]) => [
    code,
    Object.fromEntries(
      Object.entries<(...names: string[]) => Words>(entry.says).map(([name, words]) => [
        name,
        (...names: string[]): Said => {
          const [message, help] = words(...names)
          return { code, message, help }
        },
      ]),
    ),
  ]),
) as Says

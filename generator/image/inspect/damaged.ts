import { CommandError } from '../../host/console/command-error.ts'

export function damaged(what: string): CommandError {
  return new CommandError(`the image is damaged: ${what}`, 'build or copy it again')
}

export const cannotDecompress = (kind: string): CommandError =>
  damaged(`its ${kind} part cannot be decompressed`)

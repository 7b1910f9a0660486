/**
 * The fleet's page as a browser gets it: page/index.html, and one script and one style sheet that esbuild makes of the
 * modules in page/ and of uPlot. It does so at the first request, in a checkout of the TypeScript, in the package of
 * the JavaScript in dist/: neither keeps a bundle that could be older than its sources.
 */
import { readFile } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, stop } from 'esbuild'
import { fleetPaths } from './fleet-view.ts'

export interface PageFile {
  type: string
  content: Buffer
}

const types: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
}

async function makeFiles(): Promise<Map<string, PageFile>> {
  const beside = (name: string) => fileURLToPath(new URL(`page/${name}`, import.meta.url))
  const { outputFiles } = await build({
    entryPoints: [beside(`fleet-page${extname(import.meta.url)}`)],
    outdir: '/',
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    charset: 'utf8',
    banner: { js: '/* With uPlot, Copyright (c) Leon Sorokin, MIT licence. */' },
    logLevel: 'silent',
  })
  // It is not needed again, and would stay for as long as the server does.
  await stop()
  const page = { type: 'text/html; charset=utf-8', content: await readFile(beside('index.html')) }
  return new Map([
    [fleetPaths.page, page],
    ...outputFiles.map(({ path, contents }): [string, PageFile] => [
      `${fleetPaths.page}/${basename(path)}`,
      { type: types[extname(path)] ?? '', content: Buffer.from(contents) },
    ]),
  ])
}

let made: Promise<Map<string, PageFile>> | undefined

/** The file that a path asks for; undefined where there is none. @throws Error where esbuild cannot make them */
export async function pageFile(path: string): Promise<PageFile | undefined> {
  made ??= makeFiles()
  return (await made).get(path)
}

// Style sheets and scripts of well-known frameworks, from their packages, as a site serves them.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { compile } from 'tailwindcss'

const resolve = createRequire(import.meta.url).resolve

/** A file of a package. */
export const packaged = (path: string): Promise<string> => readFile(resolve(path), 'utf8')

/** Compiles a sheet that imports Tailwind, for a page with these classes. */
export const tailwind = async (sheet: string, classes: string[] = []): Promise<string> => {
    const { build } = await compile(sheet, {
        base: '/',
        loadStylesheet: async path => ({ path, base: '/', content: await packaged(path === 'tailwindcss' ? 'tailwindcss/index.css' : path) })
    })
    return build(classes)
}

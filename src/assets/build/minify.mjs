// Minifies JavaScript for the build script: `node minify.mjs FOLDER (script|module) SOURCE TARGET …`,
// where the node_modules of FOLDER contain the minifier. Must not depend on what the scripts do.
// Called by scripts.rs.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [folder, ...jobs] = process.argv.slice(2)
// The packages are installed below target/, because the build writes nothing into the source tree.
const require = createRequire(pathToFileURL(join(folder, 'package.json')))
const { minify } = require('terser')

for (let index = 0; index < jobs.length; index += 3) {
    const [kind, source, target] = jobs.slice(index, index + 3)
    const { code } = await minify({ [source]: readFileSync(source, 'utf8') }, { ecma: 2020, module: kind === 'module' })
    // The minifier has checked that no constant is assigned to; `let` has fewer bytes.
    writeFileSync(target, kind === 'script' ? code.replace(/\bconst\b/g, 'let') : code)
}

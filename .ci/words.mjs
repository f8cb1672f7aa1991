// Fails where a word stands that the project replaced by the field's term: see words.txt. Run by .ci/check.
// The changelog's older entries and this folder's list keep their words.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const ALLOWED = new Set(['.ci/words.txt', 'CHANGELOG.md', 'src/app/sdk/jwt/tests.rs'])
const TEXT = /\.(rs|ts|js|mjs|css|md|toml|py|sh)$|^Makefile$|^\.ci\/[a-z-]+$/

const words = readFileSync(new URL('words.txt', import.meta.url), 'utf8')
    .split('\n')
    .filter(line => line && !line.startsWith('#'))
    .map(line => line.split(' -> '))
    .map(([pattern, instead]) => ({ pattern: new RegExp(pattern), instead }))
if (words.length === 0) throw new Error('words.txt lists no words')

const files = execFileSync('git', ['ls-files'], { encoding: 'utf8' }).split('\n').filter(file => TEXT.test(file) && !ALLOWED.has(file))
let faults = 0
for (const file of files) {
    for (const [index, line] of readFileSync(file, 'utf8').split('\n').entries()) {
        for (const { pattern, instead } of words) {
            const found = line.match(pattern)?.[0]
            if (!found) continue
            console.error(`${file}:${index + 1}: "${found}": say ${instead}`)
            faults++
        }
    }
}
if (files.length < 100) throw new Error(`only ${files.length} files were read`)
process.exit(faults ? 1 : 0)

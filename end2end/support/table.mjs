// Tables of cases, in the format of src/theme/tests/table.rs. Plain JavaScript, because
// .ci/corpus.mjs reads them without a compiler.
import { readdirSync, readFileSync } from 'node:fs'

/** Decodes a table's backslash escapes into bytes. */
const unescaped = text => Buffer.from(text.replace(/\\x([0-9a-f]{2})|\\\\/g, (_, digits) => (digits ? String.fromCharCode(parseInt(digits, 16)) : '\\')), 'latin1')

/** The inverse. */
export const escaped = bytes =>
    [...bytes].map(byte => (byte === 92 ? '\\\\' : byte === 10 || (byte >= 32 && byte < 127) ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`)).join('')

/** Name and input of every case of a table. */
export const cases = text =>
    text
        .split('\n=== ')
        .slice(1)
        .map(piece => {
            const [, name, kind, rest] = /^(.*)\n[\s\S]*?^--- input(.*)\n([\s\S]*)$/m.exec(piece)
            const output = `\n${rest}`.indexOf('\n--- output\n')
            const input = output < 0 ? rest.replace(/\n$/, '') : `\n${rest}`.slice(1, output)
            return { name, bytes: kind === ' escaped' ? unescaped(input) : Buffer.from(input) }
        })

/** The cases of all tables of a folder with this prefix. */
export const tables = (folder, begin) =>
    readdirSync(folder)
        .filter(name => name === `${begin}.txt` || (name.startsWith(`${begin}-in-`) && name.endsWith('.txt')))
        .sort()
        .flatMap(name => cases(readFileSync(`${folder}/${name}`, 'utf8')))

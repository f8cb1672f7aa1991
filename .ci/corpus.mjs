#!/usr/bin/env node
// The corpora of the theme compiler for the fuzzer: `.ci/corpus.mjs seeds FOLDER` writes every case
// to a file of its own, and `.ci/corpus.mjs add TARGET FILE` adds a failing input to the corpus, so
// that every later run tests it.
import { createHash } from 'node:crypto'
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { cases, escaped, tables } from '../end2end/support/table.mjs'

const corpus = fileURLToPath(new URL('../src/theme/corpus', import.meta.url))
const found = `${corpus}/found/inputs.txt`
const [verb, one, other] = process.argv.slice(2)

const seeds = folder => {
    const write = (target, name, ...pieces) => {
        mkdirSync(`${folder}/${target}`, { recursive: true })
        writeFileSync(`${folder}/${target}/${name}`, Buffer.concat(pieces.map(piece => (typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece))))
    }
    const real = readdirSync(`${corpus}/svg/benign`).map(name => ({ name, bytes: readFileSync(`${corpus}/svg/benign/${name}`) }))
    for (const { name, bytes } of [...tables(`${corpus}/svg`, 'hostile'), ...tables(`${corpus}/svg`, 'left-out'), ...real]) {
        write('svg', `bell-${name}`, bytes)
        // `1` before a drawing means a card.
        write('svg', `card-${name}`, '1', bytes)
        write('theme', `drawing-${name}`, bytes, '\xff', bytes, '\xff1color:red')
    }
    // `4` before rules means rules inside a drawing.
    for (const family of ['hostile', 'benign']) {
        for (const { name, bytes } of tables(`${corpus}/drawing-css`, family)) write('svg', `rules-${family}-${name}`, '4', bytes)
        for (const { name, bytes } of tables(`${corpus}/css`, family)) {
            write('css', `${family}-${name}`, bytes)
            write('theme', `sheet-${family}-${name}`, '\xff\xff', bytes)
        }
    }
    for (const { name, bytes } of cases(readFileSync(found, 'utf8'))) write(name.split('-')[0], `found-${name}`, bytes)
}

const add = (target, file) => {
    const bytes = readFileSync(file)
    const name = `${target}-${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}`
    if (cases(readFileSync(found, 'utf8')).some(known => known.name === name)) return
    appendFileSync(found, `\n=== ${name}\n--- input escaped\n${escaped(bytes)}\n`)
    console.log(`${name} was added to src/theme/corpus/found/inputs.txt`)
}

if (verb === 'seeds' && one) seeds(one)
else if (verb === 'add' && one && other) add(one, other)
else {
    console.error('.ci/corpus.mjs seeds FOLDER, or .ci/corpus.mjs add TARGET FILE')
    process.exit(2)
}

// Starts the binary on a database of its own, fetches what a reader's browser fetches, and prints the bytes as sent.
// Ends with 1 when a budget is exceeded.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const binary = process.argv[2]
const folder = mkdtempSync(join(tmpdir(), 'belfry-sizes-'))
const database = ['--database-url', `sqlite://${join(folder, 'belfry.db')}`]
const created = execFileSync(binary, ['site', 'create', '--name', 'Sizes', '--origin', 'https://shop.example', ...database])
const { site } = JSON.parse(created)
const server = spawn(binary, ['serve', '--listen', '127.0.0.1:0', ...database], { stdio: ['ignore', 'pipe', 'ignore'] })

const address = () => new Promise((resolve, reject) => {
    let said = ''
    server.stdout.on('data', part => {
        said += part
        if (said.includes('\n')) resolve(JSON.parse(said).url)
    })
    server.on('exit', code => reject(new Error(`the server ended with ${code}`)))
})

const bytes = url => new Promise((resolve, reject) => {
    request(url, { headers: { 'accept-encoding': 'br' } }, answer => {
        let length = 0
        answer.on('data', part => { length += part.length })
        answer.on('end', () => answer.statusCode === 200 ? resolve(length) : reject(new Error(`${url}: ${answer.statusCode}`)))
    }).on('error', reject).end()
})

let over = 0
const row = (what, size, budget) => {
    const verdict = size <= budget ? 'ok' : 'OVER'
    if (size > budget) over += 1
    console.log(`${what.padEnd(34)}${String(size).padStart(10)}${String(budget).padStart(10)}  ${verdict}`)
}

try {
    const base = await address()
    console.log(`${'bytes as sent (brotli)'.padEnd(34)}${'size'.padStart(10)}${'budget'.padStart(10)}`)
    row('loader', await bytes(`${base}/scripts/${site}.js`), 3000)
    // The names are in the binary, since it serves them.
    const names = [...new Set(readFileSync(binary).toString('latin1').match(/\/pkg\/belfry-[0-9a-f]{16}\.(?:js|wasm)/g) ?? [])]
    if (names.length === 2) {
        let sum = 0
        for (const name of names) sum += await bytes(base + name)
        row('WebAssembly and its JavaScript', sum, 60000)
    } else {
        console.log('WebAssembly and its JavaScript: not in this binary; run: make build')
        over += 1
    }
} finally {
    server.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
}
process.exit(over === 0 ? 0 : 1)

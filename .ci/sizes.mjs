// Starts the binary with its own database, downloads what a reader's browser downloads, and prints
// the bytes as sent. Exits with 1 if a budget is exceeded.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createHmac } from 'node:crypto'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'

const binary = process.argv[2]
const folder = mkdtempSync(join(tmpdir(), 'belfry-sizes-'))
const database = ['--database-url', `sqlite://${join(folder, 'belfry.db')}`]
const created = execFileSync(binary, ['site', 'create', '--name', 'Sizes', '--origin', 'https://shop.example', ...database])
const { site, api_key } = JSON.parse(created)
const server = spawn(binary, ['serve', '--listen', '127.0.0.1:0', ...database], { stdio: ['ignore', 'pipe', 'ignore'] })

const address = () => new Promise((resolve, reject) => {
    let said = ''
    server.stdout.on('data', part => {
        said += part
        // The first line; a second one explains how to set up the console.
        if (said.includes('\n')) resolve(JSON.parse(said.split('\n', 1)[0]).url)
    })
    server.on('exit', code => reject(new Error(`the server ended with ${code}`)))
})

const send = (url, { method = 'GET', body, ...headers } = {}) => new Promise((resolve, reject) => {
    request(url, { method, headers: { 'accept-encoding': 'br', ...headers } }, answer => {
        const parts = []
        answer.on('data', part => parts.push(part))
        answer.on('end', () => answer.statusCode < 300 ? resolve(Buffer.concat(parts)) : reject(new Error(`${url}: ${answer.statusCode}`)))
    }).on('error', reject).end(body)
})

/** With the tab "Messages", and its files, which load when it is opened. */
const withTab = async (base, loader) => {
    const inbox = JSON.parse(execFileSync(binary, ['inbox', 'create', site, '--name', 'Sizes', ...database]))
    const settings = { method: 'PUT', body: JSON.stringify({ messagesInbox: inbox.inbox_id }), 'accept-encoding': 'identity', 'content-type': 'application/json', authorization: `Bearer ${api_key}` }
    await send(`${base}/v1/site/settings`, settings)
    row('the same with the tab "Messages"', loader + await document(base), 12000)
    const files = String(await document(base, 'identity', true)).match(/data-tab="([^"]*)"/)?.[1].split(' ') ?? []
    if (files.length !== 2) throw new Error('the tab has no files')
    let sum = 0
    for (const file of files) sum += await bytes(base + file)
    row('the tab, when opened', sum, 6000)
}

/** The reader's inbox, as sent. */
const document = async (base, encoding = 'br', whole = false) => {
    const headers = { 'accept-encoding': 'identity', 'content-type': 'application/json', authorization: `Bearer ${api_key}` }
    const { token } = JSON.parse(await send(`${base}/v1/auth/contact/token`, { method: 'POST', body: JSON.stringify({ externalCustomerId: '1' }), ...headers }))
    const form = { method: 'POST', body: `token=${token}`, origin: 'https://shop.example', 'content-type': 'application/x-www-form-urlencoded', 'accept-encoding': encoding }
    const answer = await send(`${base}/embed/${site}`, form)
    return whole ? answer : answer.length
}

const bytes = async url => (await send(url)).length

/** The path of the file of texts that the inbox references. */
let texts

/** The reader's inbox, with twenty messages of different words. */
const inbox = async base => {
    const call = (path, body) => send(base + path, { method: 'POST', body: JSON.stringify(body), 'accept-encoding': 'identity', 'content-type': 'application/json', authorization: `Bearer ${api_key}` })
    const words = 'order parcel lamp garden table chair mug colour price offer week address courier window street house number friend letter paper'.split(' ')
    let last = 1
    const some = count => Array.from({ length: count }, () => words[(last = (last * 48271) % 2147483647) % words.length]).join(' ')
    await call('/v1/contact', { externalCustomerId: '1' })
    for (let number = 0; number < 20; number++) {
        await call('/v1/messages', { audience: 'everyone', content: { en: { title: some(4), body: some(14), link: `https://shop.example/${number}` } } })
    }
    const { token } = JSON.parse(await call('/v1/auth/contact/token', { externalCustomerId: '1' }))
    const form = { method: 'POST', body: `token=${token}`, origin: 'https://shop.example', 'content-type': 'application/x-www-form-urlencoded' }
    texts = /\/pkg\/texts-[^"]*/.exec(String(await send(`${base}/embed/${site}`, { ...form, 'accept-encoding': 'identity' })))?.[0]
    return (await send(`${base}/embed/${site}`, form)).length
}

/**
 * The window of a conversation with twenty messages, as an agent's browser loads it: the document,
 * its style and its script.
 */
const agentWindow = async base => {
    const belfry = (...values) => JSON.parse(execFileSync(binary, [...values, ...database]))
    const { account_id, inbox_id } = belfry('inbox', 'create', site, '--name', 'Shop chat')
    const { api_access_token } = belfry('agent', 'create', site, '--name', 'Bridge', '--email', 'bridge@shop.example', '--role', 'administrator')
    const { bot_id, key } = belfry('sdk-key', 'create', site, '--inbox', String(inbox_id))
    const plain = { 'accept-encoding': 'identity', 'content-type': 'application/json' }
    const call = async (method, path, body) => JSON.parse(await send(`${base}/api/v1/accounts/${account_id}${path}`, { method, ...(body && { body: JSON.stringify(body) }), ...plain, api_access_token }))
    const { id: contact } = await call('POST', '/contacts', { inbox_id, name: 'Ann Lee', email: 'ann@shop.example' })
    const { id } = await call('POST', '/conversations', { inbox_id, contact_id: contact })
    const words = 'order parcel lamp garden table chair mug colour price offer week address courier window street house number friend letter paper'.split(' ')
    for (let number = 0; number < 20; number++) {
        const content = Array.from({ length: 14 }, (_, place) => words[(number * 7 + place * (number + 3)) % words.length]).join(' ')
        await call('POST', `/conversations/${id}/messages`, { content, message_type: number % 3 ? 'incoming' : 'outgoing' })
    }
    const { uuid } = await call('GET', `/conversations/${id}`)

    const part = value => Buffer.from(JSON.stringify(value)).toString('base64url')
    const now = Math.floor(Date.now() / 1000)
    const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ iss: 'shop', iat: now, exp: now + 200, id: '1', name: 'Ada Byron', email: '', bot_id })}`
    const jwt = `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`
    // The socket over long polling: posts a frame, and polls for its reply.
    const poll = async (query, options) => JSON.parse(await send(`${base}/socket/longpoll?vsn=2.0.0${query}`, { 'accept-encoding': 'identity', ...options }))
    let { token } = await poll('', { 'x-phoenix-authtoken': jwt })
    const push = async (ref, event, payload) => {
        await poll(`&token=${encodeURIComponent(token)}`, { method: 'POST', body: JSON.stringify(['1', ref, `inbox:bot:${bot_id}`, event, payload]), 'content-type': 'application/x-ndjson' })
        for (;;) {
            const answer = await poll(`&token=${encodeURIComponent(token)}`, {})
            token = answer.token ?? token
            const reply = (answer.messages ?? []).map(message => JSON.parse(message)).find(([, answered]) => answered === ref)
            if (reply) return reply[4].response
        }
    }
    await push('1', 'phx_join', {})
    const { url } = await push('2', 'open', { conversation_id: uuid })
    const { pathname, search, hash } = new URL(url, base)
    const code = new URLSearchParams(hash.slice(1)).get('t')
    const document = await send(base + pathname + search, { method: 'POST', body: `t=${code}`, 'content-type': 'application/x-www-form-urlencoded' })
    const files = new Set(String(brotliDecompressSync(document)).match(/\/pkg\/window-[0-9a-f]{16}\.(?:js|css)/g))
    let sum = document.length
    for (const file of files) sum += await bytes(base + file)
    return files.size === 2 ? sum : Infinity
}

let over = 0
const row = (what, size, budget) => {
    const verdict = size <= budget ? 'ok' : 'OVER'
    if (size > budget) over += 1
    console.log(`${what.padEnd(34)}${String(size).padStart(10)}${String(budget).padStart(10)}  ${verdict}`)
}

try {
    const base = await address()
    console.log(`${'bytes as sent (brotli)'.padEnd(34)}${'size'.padStart(10)}${'budget'.padStart(10)}`)
    const loader = await bytes(`${base}/scripts/${site}.js`)
    row('loader', loader, 3000)
    row('before bell and 20 messages appear', loader + await inbox(base), 12000)
    row('Inbox SDK', await bytes(`${base}/assets/sdk.js`), 8000)
    row('window with 20 messages', await agentWindow(base), 12000)
    // The binary contains the names of the files that it serves.
    const names = [...new Set(readFileSync(binary).toString('latin1').match(/\/pkg\/(?:belfry|panel|page)-[0-9a-f]{16}\.(?:js|wasm)/g) ?? [])]
    if (names.length === 4) {
        let sum = 0
        for (const name of [...names, texts]) sum += await bytes(base + name)
        row('WebAssembly and all JavaScript', sum, 60000)
        await withTab(base, loader)
    } else {
        console.log('WebAssembly and its JavaScript: not in this binary; run: make build')
        over += 1
    }
} finally {
    server.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
}
process.exit(over === 0 ? 0 : 1)

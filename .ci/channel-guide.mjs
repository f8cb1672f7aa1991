// Runs the examples of docs/conversations.md, and those of an inbox's page "Connect", verbatim.
// Called by .ci/channel-clients. Only addresses, ids from responses, and placeholders for the
// reader's own objects are replaced.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'

const [url, folder] = process.argv.slice(2)
const made = name => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'))
const [inbox, agent] = [made('inbox'), made('agent')]
const text = readFileSync(new URL('../docs/conversations.md', import.meta.url), 'utf8')
const blocks = [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, code]) => ({ language, code, used: false }))

/** The only block in this language with these words in it. */
const block = (language, words) => {
    const found = blocks.filter(one => one.language === language && one.code.includes(words))
    assert.equal(found.length, 1, `blocks of ${language} with ${words}`)
    found[0].used = true
    return found[0].code
}
/** The addresses and numbers of this server for those of the text. */
const here = code =>
    code
        .replaceAll('https://inbox.example', url)
        .replaceAll('wss://inbox.example', url.replace('http', 'ws'))
        .replaceAll('accounts/1', `accounts/${inbox.account_id}`)
        .replaceAll('"inbox_id":1', `"inbox_id":${inbox.inbox_id}`)
        .replaceAll('\\"inbox_id\\":1', `\\"inbox_id\\":${inbox.inbox_id}`)
        .replaceAll('INBOX_IDENTIFIER', inbox.inbox_identifier)
const env = { ...process.env, BELFRY_AGENT: agent.api_access_token, no_proxy: '*', NO_PROXY: '*' }
const run = (program, args, input) => execFileSync(program, args, { env, input, encoding: 'utf8', timeout: 30_000, stdio: ['pipe', 'pipe', 'pipe'] })
const present = program => {
    try {
        return Boolean(run('sh', ['-c', `command -v ${program}`]))
    } catch {
        return false
    }
}
const script = (name, code) => {
    writeFileSync(`${folder}/${name}`, code)
    return `${folder}/${name}`
}
const api = async (path, body, method = body ? 'POST' : 'GET') => {
    const headers = { api_access_token: agent.api_access_token, 'Content-Type': 'application/json' }
    const answer = await fetch(`${url}/api/v1/accounts/${inbox.account_id}${path}`, { method, headers, body: body && JSON.stringify(body) })
    const said = await answer.text()
    assert.ok(answer.ok, `${path}: ${answer.status} ${said}`)
    return said && JSON.parse(said)
}
/** Every member that `shown` has is in `real`, with a value of the same type. */
const shows = (shown, real, place = '') => {
    for (const [name, value] of Object.entries(shown)) {
        assert.ok(name in real, `${place}.${name} is not in the answer`)
        assert.equal(typeof real[name], typeof value, `${place}.${name}`)
        if (typeof value === 'object' && value) shows(value, real[name], `${place}.${name}`)
    }
}
const until = async (what, look) => {
    for (let left = 600; left > 0; left--) {
        const found = await look()
        if (found) return found
        await new Promise(resolve => setTimeout(resolve, 50))
    }
    assert.fail(`${what} did not come`)
}

/** Calls of curl, paragraph by paragraph: what an answer shows is in it, and where its id is to be put into a variable it is. */
const shell = code => {
    const assigned = []
    const answers = []
    for (const paragraph of code.trim().split('\n\n')) {
        const lines = paragraph.split('\n')
        if (!paragraph.includes('curl ')) {
            assigned.push(...lines)
            continue
        }
        const wanted = lines.filter(line => /^[A-Z]+=/.test(line)).map(line => line.split('=')[0])
        const calls = lines.filter(line => !/^[A-Z]+=/.test(line)).join('\n').replaceAll('curl ', 'curl -fsS -w "\\n" ')
        const said = run('sh', ['-euc', `${assigned.join('\n')}\n${calls}`]).trim().split('\n').map(line => JSON.parse(line))
        const shown = lines.findLast(line => line.startsWith('# {'))
        if (shown) shows(JSON.parse(shown.slice(2)), said[0])
        for (const name of wanted) assigned.push(`${name}=${name === 'SOURCE' ? said[0].source_id : said[0].id}`)
        answers.push(...said)
    }
    return answers
}

/** Where an inbox's deliveries are received, and what the receiver prints. */
const received = async (program, name, code) => {
    const probe = createServer().listen(0, '127.0.0.1')
    await once(probe, 'listening')
    const { port } = probe.address()
    probe.close()
    const own = await api('/inboxes', { name, channel: { type: 'api', webhook_url: `http://127.0.0.1:${port}/` } })
    let said = ''
    const child = spawn(program, [script(name, code.replaceAll('8080', port))], { env: { ...env, BELFRY_SECRET: own.secret } })
    child.stdout.on('data', part => (said += part))
    child.stderr.on('data', part => (said += part))
    try {
        const forged = async signature => {
            const headers = { 'X-Belfry-Timestamp': String(Math.floor(Date.now() / 1000)), 'X-Belfry-Delivery': 'forged', ...(signature && { 'X-Belfry-Signature': signature }) }
            return (await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body: '{}' })).status
        }
        await until('the receiver', async () => (await forged().catch(() => 0)) === 401)
        for (const signature of ['sha256=', `sha256=${'0'.repeat(64)}`, `sha256=${'\u00fc'.repeat(64)}`]) assert.equal(await forged(signature), 401, signature)
        const contact = await api('/contacts', { inbox_id: own.id, name: 'Anna' })
        const { id } = await api('/conversations', { inbox_id: own.id, contact_id: contact.id })
        for (const message of [{ content: 'Where is it?', message_type: 'incoming' }, { content: 'A note', private: true }, { content: 'It leaves today.' }])
            await api(`/conversations/${id}/messages`, message)
        const expected = `${contact.payload.contact_inbox.source_id} It leaves today.\n`
        await until(`${name}: ${expected}`, () => said.includes(expected))
        const printed = said.split('\n').filter(line => /It leaves|A note|Where is it/.test(line))
        assert.equal(printed.length, 1, said)
        // A repeated delivery counts once.
        const body = JSON.stringify({ event: 'message_created', message_type: 'outgoing', private: false, content: 'Twice', conversation: { contact_inbox: { source_id: 's' } } })
        const timestamp = String(Math.floor(Date.now() / 1000))
        const signature = `sha256=${createHmac('sha256', own.secret).update(`${timestamp}.${body}`).digest('hex')}`
        const headers = { 'X-Belfry-Timestamp': timestamp, 'X-Belfry-Delivery': 'once', 'X-Belfry-Signature': signature }
        for (let count = 0; count < 2; count++) assert.equal((await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body })).status, 200)
        await until('Twice', () => said.includes('s Twice'))
        assert.equal(said.split('s Twice').length, 2, said)
        const old = { ...headers, 'X-Belfry-Timestamp': String(Number(timestamp) - 3600) }
        assert.equal((await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers: old, body })).status, 401)
    } finally {
        child.kill()
    }
}

// The output of the command line.
const commands = block('sh', 'belfry inbox create')
const printed = [...commands.matchAll(/^# (\{.*?\})/gm)].map(([, json]) => JSON.parse(json))
assert.deepEqual(printed.map(Object.keys), [inbox, agent].map(Object.keys))

// The four calls.
const answers = shell(here(block('sh', '# 4. What an agent answers')))
assert.deepEqual(answers.slice(2).map(message => [message.content, message.message_type]), [['Where is my order?', 0], ['It leaves today.', 1]])
const taken = JSON.parse(run('sh', ['-c', here(`curl -sS "https://inbox.example/api/v1/accounts/1/contacts/search?q=42" -H "api_access_token: $BELFRY_AGENT"`)]))
assert.ok(taken.payload.some(contact => contact.id === answers[0].id))

// Canned responses, in the shell of the four calls.
const before = 'API=https://inbox.example/api/v1/accounts/1\nauth="api_access_token: $BELFRY_AGENT"\n\n'
const [canned, found] = shell(here(before + block('sh', 'canned_responses')))
assert.deepEqual(found.map(response => response.id), [canned.id])

// The callback URL: its payload, and both receivers.
const hook = createServer()
let posted = ''
hook.on('connection', socket => {
    socket.on('data', part => ((posted += part), posted.includes('"event":"message_created"') && socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')))
    socket.on('error', () => {})
})
hook.listen(0, '127.0.0.1')
await once(hook, 'listening')
await api(`/inboxes/${inbox.inbox_id}`, { channel: { webhook_url: `http://127.0.0.1:${hook.address().port}/` } }, 'PATCH')
await api(`/conversations/${answers[1].id}/messages`, { content: 'It leaves today.' })
const delivered = await until('the delivery', () => posted.match(/\r\n\r\n(\{"event":"message_created".*)$/s)?.[1])
const example = JSON.parse(block('json', 'message_created').replaceAll('…', ''))
shows(example, JSON.parse(delivered))
await api(`/inboxes/${inbox.inbox_id}`, { channel: { webhook_url: '' } }, 'PATCH')
hook.close()
await received('node', 'receiver.mjs', block('js', 'createServer'))
await received('python3', 'receiver.py', block('python', 'BaseHTTPRequestHandler'))

// A custom interface, and its events on /cable.
const hash = createHmac('sha256', inbox.hmac_token).update('42').digest('hex')
const page = `
import { createRequire } from 'node:module'
globalThis.WebSocket ??= createRequire(${JSON.stringify(new URL('../end2end/package.json', import.meta.url).href)})('ws')
const hashFromYourBackend = '${hash}'
${here(block('js', 'hashFromYourBackend'))}
console.log(JSON.stringify({ conversation: conversation.id, messages: messages.map(message => message.content) }))
const show = message => { console.log(JSON.stringify({ shown: message.content })); socket.close() }
${here(block('js', 'new WebSocket'))}
`
const heard = async (name, code) => {
    let said = ''
    const child = spawn('node', [script(name, code)], { env })
    child.stdout.on('data', part => (said += part))
    child.stderr.on('data', part => (said += part))
    const ended = once(child, 'exit')
    try {
        const { conversation, messages } = await until(`${name} began: ${said}`, () => said.includes('\n') && JSON.parse(said.split('\n')[0]))
        assert.deepEqual(messages, ['Where is my order?'])
        // Repeated until the socket is subscribed, which nothing reports.
        await until(`${name} heard something: ${said}`, async () => {
            await api(`/conversations/${conversation}/messages`, { content: 'It leaves today.' })
            return said.includes('It leaves today.')
        })
    } finally {
        child.kill()
        await ended
    }
}
await heard('page.mjs', page)

// The HMAC in each language, verified by the server.
const identify = async (identifier, identifier_hash) => {
    const body = JSON.stringify({ identifier, identifier_hash })
    return (await fetch(`${url}/public/api/v1/inboxes/${inbox.inbox_identifier}/contacts`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })).status
}
const go = code => {
    const [last, ...rest] = code.trim().split('\n').slice(1).reverse()
    const body = [...rest.reverse(), `fmt.Println(${last})`].join('\n')
    return `package main\nimport ("crypto/hmac"; "crypto/sha256"; "encoding/hex"; "fmt")\nfunc main() {\nhmacToken, identifier := "TOKEN", "NAME"\n${body}\n}`
}
const languages = [
    ['js', 'createHmac(\'sha256\', hmacToken)', 'node', 'hash.mjs', code => `import crypto from 'node:crypto'\nconst hmacToken = 'TOKEN', identifier = 'NAME'\nconst hash = ${code.replace('// Node\n', '')}\nconsole.log(hash)`],
    ['python', 'hmac_token.encode()', 'python3', 'hash.py', code => `import hashlib, hmac\nhmac_token, identifier = "TOKEN", "NAME"\nprint(${code.replace('# Python\n', '').trim()})`],
    ['ruby', 'OpenSSL', 'ruby', 'hash.rb', code => `require 'openssl'\nhmac_token, identifier = 'TOKEN', 'NAME'\nputs(${code.replace('# Ruby\n', '').trim()})`],
    ['php', 'hash_hmac', 'php', 'hash.php', code => `<?php $hmacToken = 'TOKEN'; $identifier = 'NAME'; echo ${code.replace('// PHP\n', '').trim()};`],
    ['go', 'hmac.New', 'go', 'hash.go', go]
]
const skipped = []
for (const [language, words, program, name, whole] of languages) {
    const code = whole(block(language, words)).replace('TOKEN', inbox.hmac_token).replace('NAME', `crm-${language}-é`)
    if (!present(program)) {
        skipped.push(program)
        continue
    }
    const computed = run(program, program === 'go' ? ['run', script(name, code)] : [script(name, code)]).trim()
    assert.equal(await identify(`crm-${language}-é`, computed), 200, `${language}: ${computed}`)
    assert.equal(await identify(`crm-${language}-e`, computed), 401)
}

// The page "Connect" of the inbox, in each language.
let cookies = ''
const visit = async (path, form) => {
    const body = form && new URLSearchParams(form)
    const headers = { cookie: cookies, ...(form && { origin: url, 'sec-fetch-site': 'same-origin' }) }
    const answer = await fetch(url + path, { method: form ? 'POST' : 'GET', headers, body, redirect: 'manual' })
    for (const cookie of answer.headers.getSetCookie()) cookies = cookie.split(';')[0]
    return { status: answer.status, text: await answer.text() }
}
const tokenOf = page => page.text.match(/name="token" value="([^"]*)"/)[1]
const readable = html => html.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#x27;', "'").replaceAll('&amp;', '&')
const area = (page, name) => readable(page.text.match(new RegExp(`<textarea id="${name}"[^>]*>\n?(.*?)</textarea>`, 's'))[1])
const code = new URL(readFileSync(`${folder}/said`, 'utf8').match(/"set_up":"([^"]*)"/)[1]).hash.slice(1)
const person = { name: 'Olha', email: 'olha@shop.example', password: 'correct horse battery' }
assert.equal((await visit('/console/setup', { token: tokenOf(await visit('/console/setup')), code, ...person })).status, 303)
const connect = `/console/sites/${made('site').site}/inboxes/${inbox.inbox_id}/connect`
const owner = (await visit(`${connect}/token`, { token: tokenOf(await visit(connect)) })).text.match(/id="access-token"[^>]*value="([^"]*)"/)[1]
env.BELFRY_AGENT = owner
for (const language of ['curl', 'javascript', 'python']) {
    const shown = await visit(`${connect}?in=${language}`)
    const [backend, client] = [area(shown, 'backend'), area(shown, 'client')]
    // Each uses the contact 42, which can exist once per inbox.
    const renamed = text => text.replaceAll(/(['"])42\1/g, `$1${language}$1`)
    if (language === 'curl') {
        assert.equal(shell(renamed(backend)).at(-1).content, 'It leaves today.')
        assert.deepEqual(shell(client).at(-1).map(message => message.content), ['Where is my order?'])
    } else if (language === 'python') {
        run('python3', ['-'], renamed(backend))
        assert.equal(run('python3', ['-'], `${client}\nprint(messages[0]["content"])`), 'Where is my order?\n')
    } else {
        run('node', [script('backend.mjs', renamed(backend))])
        const began = `${client.split('// Live')[0]}\nconsole.log(JSON.stringify({ conversation: conversation.id, messages: messages.map(message => message.content) }))`
        const socket = `globalThis.WebSocket ??= (await import('node:module')).createRequire(${JSON.stringify(new URL('../end2end/package.json', import.meta.url).href)})('ws')\n`
        await heard('client.mjs', `${socket}${began}\n${client.split('// Live')[1]}`)
    }
    if (language !== 'curl') {
        const { payload } = await api(`/contacts/search?q=${language}`)
        assert.equal((await api(`/contacts/${payload[0].id}/conversations`)).payload.length, 1, language)
    }
}

// The tab of the App Inbox, and a message with a reply button.
const { api_key } = made('site')
const own = { env: { ...env, BELFRY: url, KEY: api_key }, encoding: 'utf8' }
const tab = block('sh', 'messagesInbox').replace('"messagesInbox": 1', `"messagesInbox": ${inbox.inbox_id}`).replace('curl ', 'curl -fsS ')
assert.equal(JSON.parse(execFileSync('sh', ['-euc', tab], own)).messagesInbox, inbox.inbox_id)
const body = JSON.stringify({ audience: 'everyone', content: { en: JSON.parse(block('json', '"type": "reply"')) } })
const sent = await fetch(`${url}/v1/messages`, { method: 'POST', headers: { authorization: `Bearer ${api_key}`, 'content-type': 'application/json' }, body })
assert.equal(sent.status, 201, await sent.text())

// Automatic messages come last, because they stay enabled.
const automatic = here(before.trim() + '\n' + block('sh', 'greeting_enabled')).replaceAll('inboxes/1 ', `inboxes/${inbox.inbox_id} `).replaceAll('curl ', 'curl -fsS ')
run('sh', ['-euc', automatic])
const answering = await api(`/inboxes/${inbox.inbox_id}`)
assert.deepEqual([answering.greeting_enabled, answering.working_hours_enabled, answering.timezone], [true, true, 'Europe/Kyiv'])

assert.deepEqual(blocks.filter(one => !one.used).map(one => one.code), [], 'examples that nobody runs')
console.log(`${blocks.length} examples of docs/conversations.md and 6 of the page "Connect"${skipped.length ? `; no ${skipped.join(', ')} here` : ''}`)

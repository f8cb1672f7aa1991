// Measures agents' sockets subscribed to the list "new". Called by .ci/sdk-bench.
import { execFileSync, spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const WebSocket = createRequire(fileURLToPath(new URL('../end2end/package.json', import.meta.url)))('ws')
const [sockets = 1000, arrivals = 100] = process.argv.slice(2).map(Number)
const MAX_SOCKET_KB = 12
const MAX_ARRIVAL_MS = 150
/** Opened first, so that one-time allocations of the server aren't counted. */
const WARM = 20

const folder = mkdtempSync(join(tmpdir(), 'belfry-sdk-bench-'))
const database = ['--database-url', `sqlite://${folder}/belfry.db`]
const command = (...args) => JSON.parse(execFileSync(process.env.BELFRY_BIN, [...args, ...database], { encoding: 'utf8' }))
const { site } = command('site', 'create', '--name', 'Office', '--origin', 'https://office.example')
const inbox = command('inbox', 'create', site, '--name', 'Shop')
const agent = command('agent', 'create', site, '--name', 'Nora', '--email', 'nora@office.example', '--role', 'administrator')
const key = command('sdk-key', 'create', site)
const limits = ['--max-connections', '20000', '--max-connections-per-address', '20000']
const server = spawn(process.env.BELFRY_BIN, ['serve', '--listen', '127.0.0.1:0', ...limits, ...database], { stdio: ['ignore', 'pipe', 'ignore'] })
const [said] = await Promise.race([createInterface(server.stdout)[Symbol.asyncIterator]().next().then(({ value }) => [value]), pause(20_000, [''])])
const { url } = JSON.parse(said)
const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1])

const post = async (path, body) => {
    const answer = await fetch(`${url}/api/v1/accounts/${inbox.account_id}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', api_access_token: agent.api_access_token },
        body: JSON.stringify(body)
    })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return answer.json()
}
const base64url = value => Buffer.from(JSON.stringify(value)).toString('base64url')
const jwt = id => {
    const now = Math.floor(Date.now() / 1000)
    const claims = { iss: 'bench', iat: now, exp: now + 3600, id, name: id, email: '', environment_id: key.environment_id }
    const signed = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url(claims)}`
    return `${signed}.${createHmac('sha256', key.key).update(signed).digest('base64url')}`
}

const topic = `inbox:environment:${key.environment_id}`
let onArrival = () => {}
/** An agent's socket that is subscribed to the list. */
const open = id =>
    new Promise((resolve, reject) => {
        const credential = `base64url.bearer.phx.${Buffer.from(jwt(id)).toString('base64url')}`
        const socket = new WebSocket(`${url.replace('http', 'ws')}/socket/websocket?vsn=2.0.0`, ['phoenix', credential])
        const push = (ref, event, payload) => socket.send(JSON.stringify(['1', ref, topic, event, payload]))
        socket.on('open', () => push('1', 'phx_join', {}))
        socket.on('error', reject)
        socket.on('message', message => {
            const [, ref, , event, payload] = JSON.parse(message)
            if (event === 'inbox_new') onArrival()
            else if (event === 'phx_reply' && payload.status !== 'ok') reject(new Error(String(message)))
            else if (event === 'phx_reply' && ref === '1') push('2', 'subscribe', { inbox: 'new' })
            else if (event === 'phx_reply' && ref === '2') resolve(socket)
        })
        setInterval(() => socket.send('[null,"h","phoenix","heartbeat",{}]'), 25_000).unref()
    })

let isOver = false
const row = (what, measured, unit, budget) => {
    const verdict = measured <= budget ? 'within' : 'over'
    isOver ||= verdict === 'over'
    console.log(`${what.padEnd(52)}${`${measured.toFixed(1)} ${unit}`.padStart(12)}${`≤ ${budget} ${unit}`.padStart(12)}  ${verdict}`)
}
try {
    for (let number = 0; number < WARM; number++) await open(`warm-${number}`)
    const before = memory()
    for (let number = 0; number < sockets; number += WARM) {
        await Promise.all(Array.from({ length: Math.min(WARM, sockets - number) }, (_, more) => open(`agent-${number + more}`)))
    }
    await pause(3_000)
    row(`memory of each of ${sockets} sockets`, (memory() - before) / sockets, 'kB', MAX_SOCKET_KB)

    const times = []
    for (let number = 0; number < arrivals; number++) {
        const { payload } = await post('/contacts', { name: `Customer ${number}`, inbox_id: inbox.inbox_id })
        let left = sockets + WARM
        const last = new Promise(resolve => (onArrival = () => --left || resolve(performance.now())))
        const began = performance.now()
        await post('/conversations', { inbox_id: inbox.inbox_id, contact_id: payload.contact.id })
        times.push((await last) - began)
        await pause(50)
    }
    times.sort((one, other) => one - other)
    console.log(`the median of ${arrivals} conversations reaches the last of ${sockets + WARM} agents in ${times[Math.floor(arrivals / 2)].toFixed(1)} ms`)
    row('the 99th percentile', times[Math.ceil(arrivals * 0.99) - 1], 'ms', MAX_ARRIVAL_MS)
} finally {
    server.kill()
    rmSync(folder, { recursive: true, force: true })
}
process.exit(isOver ? 1 : 0)

// A server of frames that says what a test wants, also what the real one never would.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'

const { WebSocket, WebSocketServer } = createRequire(new URL('../../../end2end/package.json', import.meta.url))('ws')
// Node.js 20 has none of its own.
globalThis.WebSocket ??= WebSocket

/** `answer(event, payload, client)` gives `['ok' | 'error', response]`, or nothing where there is no answer. */
export const serve = async answer => {
    const clients = []
    const requests = []
    const http = createServer((request, response) => {
        requests.push(request)
        response.setHeader('access-control-allow-origin', '*')
        if (!server.poll) return response.writeHead(404).end('{}')
        let body = ''
        request.on('data', part => (body += part)).on('end', () => server.poll(request, body, outcome => response.end(JSON.stringify(outcome))))
    })
    const sockets = new WebSocketServer({ noServer: true, handleProtocols: offered => (offered.has('phoenix') ? 'phoenix' : false) })
    const reply = (frame, client) => {
        const [joinRef, ref, topic, event, payload] = JSON.parse(frame)
        client.frames.push([topic, event, payload])
        if (event === 'phx_join') Object.assign(client, { joinRef, topic })
        const outcome = topic === 'phoenix' ? ['ok', {}] : answer(event, payload, client)
        if (outcome) client.send([joinRef, ref, topic, 'phx_reply', { status: outcome[0], response: outcome[1] }])
    }
    http.on('upgrade', (request, socket, head) => {
        requests.push(request)
        if (server.refusesWebSockets) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
        sockets.handleUpgrade(request, socket, head, socket => {
            const protocols = request.headers['sec-websocket-protocol']
            const client = {
                frames: [],
                credential: Buffer.from(protocols.split('base64url.bearer.phx.')[1], 'base64url').toString(),
                send: frame => socket.send(JSON.stringify(frame)),
                push: (event, payload, joinRef = client.joinRef) => client.send([joinRef, null, client.topic, event, payload]),
                drop: () => socket.terminate(),
                events: () => client.frames.map(([, event]) => event)
            }
            clients.push(client)
            socket.on('message', frame => reply(String(frame), client))
        })
    })
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    const server = {
        host: `http://127.0.0.1:${http.address().port}`,
        clients,
        requests,
        reply,
        poll: undefined,
        refusesWebSockets: false,
        close() {
            for (const client of sockets.clients) client.terminate()
            http.closeAllConnections()
            http.close()
        }
    }
    return server
}

export const jwt = (claims = {}) => ['{"alg":"HS256"}', JSON.stringify({ bot_id: 'b1', ...claims }), 'signature'].map(part => Buffer.from(part).toString('base64url')).join('.')

export const until = async look => {
    for (let left = 400; left > 0; left--) {
        const result = look()
        if (result) return result
        await new Promise(resolve => setTimeout(resolve, 25))
    }
    throw new Error(`it did not come: ${look}`)
}

// A web server for static content: prepared responses with the best compression, and a socket that
// sends nothing.
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync } from 'node:zlib'
import { bodyOf } from '../support/listen.ts'

export type Prepared = { body: Buffer; headers: Record<string, string> }
export type Web = { origin: string; stop: () => void }

const kinds = { html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8', json: 'application/json', text: 'text/plain; charset=utf-8' }

/** A response with Brotli's best compression, as a careful site sends it. */
export const prepare = (kind: keyof typeof kinds, text: string, headers: Record<string, string> = {}): Prepared => ({
    body: brotliCompressSync(Buffer.from(text)),
    headers: { 'content-type': kinds[kind], 'content-encoding': 'br', vary: 'accept-encoding', 'cache-control': 'no-store', ...headers }
})

export const respond = (response: ServerResponse, { body, headers }: Prepared) => void response.writeHead(200, { ...headers, 'content-length': body.length }).end(body)

export const web = async (name: 'localhost' | '127.0.0.1', answer: (request: IncomingMessage, response: ServerResponse, body: string) => void | Promise<void>): Promise<Web> => {
    const server = createServer((request, response) => void bodyOf(request).then(body => answer(request, response, body)))
    server.on('upgrade', (request, socket) => {
        const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
        socket.on('error', () => socket.destroy()).resume()
        socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`)
    })
    await new Promise<void>(resolve => server.listen(0, name, resolve))
    return {
        origin: `http://${name}:${(server.address() as AddressInfo).port}`,
        stop: () => {
            server.close()
            server.closeAllConnections()
        }
    }
}

// A small web server on a free port; its host name decides which site it belongs to.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Listening = { origin: string; stop: () => Promise<void> }
export type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

export const listen = async (name: 'localhost' | '127.0.0.1', handler: Handler): Promise<Listening> => {
    const server = createServer((request, response) => void handler(request, response))
    await new Promise<void>(resolve => server.listen(0, name, resolve))
    const { port } = server.address() as AddressInfo
    return {
        origin: `http://${name}:${port}`,
        stop: () => {
            server.closeAllConnections()
            return new Promise(resolve => server.close(() => resolve()))
        }
    }
}

export const bodyOf = async (request: IncomingMessage): Promise<string> => {
    let text = ''
    for await (const chunk of request) text += String(chunk)
    return text
}

// A simulated network between the browser and every server: it counts all transferred bytes, and
// can be as slow as a phone's. It must not depend on the servers, nor on HTTP beyond the start of a
// request.
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** Round trip time in milliseconds, and bytes per millisecond towards the browser. */
export type NetworkSpeed = { roundTrip: number; rate: number }
export type Request = { at: number; path: string }
type Receipt = { at: number; bytes: number; of: Request }

/** The same clock as `performance.timeOrigin + performance.now()` in the browser. */
export const now = () => performance.timeOrigin + performance.now()

// Small enough for two concurrent responses to share the bandwidth.
const PIECE = 4_096

export class Network {
    private readonly servers: Server[] = []
    private readonly sockets = new Set<Socket>()
    private free = 0
    private pace: NetworkSpeed | undefined
    private receipts: Receipt[] = []
    private last = 0
    requests: Request[] = []

    /** An address for a server that may be started later. */
    async front(name: 'localhost' | '127.0.0.1', target: () => string): Promise<string> {
        const server = createServer(socket => this.join(socket, new URL(target())))
        await new Promise<void>(resolve => server.listen(0, name, resolve))
        this.servers.push(server)
        return `http://${name}:${(server.address() as AddressInfo).port}`
    }

    /** Resets the counters. */
    reset(pace: NetworkSpeed | undefined) {
        this.receipts = []
        this.requests = []
        this.free = 0
        this.last = now()
        this.pace = pace
    }

    /** Bytes received for these requests, including headers. */
    bytes(wanted: (request: Request) => boolean, until = Infinity) {
        return this.receipts.reduce((sum, { at, bytes, of }) => (at <= until && wanted(of) ? sum + bytes : sum), 0)
    }

    /** Milliseconds since the last transfer. */
    get still() {
        return now() - this.last
    }

    stop() {
        for (const server of this.servers) server.close()
        for (const socket of this.sockets) socket.destroy()
    }

    private join(browser: Socket, { hostname, port }: URL) {
        const server = connect(Number(port), hostname)
        // A connection takes one round trip to open; data takes half of one each way.
        const joined = now() + (this.pace?.roundTrip ?? 0)
        let asked: Request | undefined
        let upgraded = false
        const up = this.lane(server, () => Math.max(joined, now()) + (this.pace?.roundTrip ?? 0) / 2)
        const down = this.lane(browser, bytes => {
            if (!this.pace) return 0
            this.free = Math.max(this.free, now()) + bytes / this.pace.rate
            return this.free + this.pace.roundTrip / 2
        })
        browser.on('data', chunk => {
            this.last = now()
            const text = upgraded ? '' : chunk.toString('latin1')
            const [, path] = /^[A-Z]{3,7} (\S+) HTTP\/1\.1\r\n/.exec(text) ?? []
            if (path) {
                this.requests.push((asked = { at: this.last, path }))
                upgraded = /\r\nupgrade: websocket\r\n/i.test(text)
            }
            up(chunk)
        })
        server.on('data', chunk => {
            const of = asked
            const written = (bytes: number) => {
                this.last = now()
                if (of) this.receipts.push({ at: this.last, bytes, of })
            }
            for (let start = 0; start < chunk.length; start += PIECE) down(chunk.subarray(start, start + PIECE), written)
        })
        for (const [one, other, end] of [[browser, server, up], [server, browser, down]] as const) {
            this.sockets.add(one)
            one.setNoDelay(true)
            one.on('end', () => end())
            one.on('error', () => other.destroy())
            one.on('close', () => this.sockets.delete(one))
        }
    }

    /** One direction of a connection: data is forwarded in order, each chunk when it is due. */
    private lane(to: Socket, due: (bytes: number) => number) {
        let chain = Promise.resolve()
        return (piece?: Buffer, written?: (bytes: number) => void) => {
            const at = due(piece?.length ?? 0)
            chain = chain.then(async () => {
                const delay = at - now()
                if (delay > 0) await new Promise(resolve => setTimeout(resolve, delay))
                if (to.destroyed) return
                if (!piece) return void to.end()
                to.write(piece)
                written?.(piece.length)
            })
        }
    }
}

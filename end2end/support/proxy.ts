// A network proxy that can cut connections, silence them, buffer streams, or be down.
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

type Pair = { near: Socket; far: Socket; stream: boolean; silent: boolean }

export class Proxy {
    private readonly pairs = new Set<Pair>()
    /** The port of the server behind it. */
    private target = 0
    /** Whether it refuses connections. */
    away = false
    /** Whether it buffers streams without end. */
    buffers = false

    private constructor(private readonly server: Server) {}

    static async start(): Promise<Proxy> {
        const server = createServer()
        const proxy: Proxy = new Proxy(server)
        server.on('connection', near => proxy.join(near))
        await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
        return proxy
    }

    get origin() {
        return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
    }

    lead(origin: string) {
        this.target = Number(new URL(origin).port)
    }

    private join(near: Socket) {
        if (this.away) return void near.destroy()
        const far = connect(this.target, '127.0.0.1')
        const pair: Pair = { near, far, stream: false, silent: false }
        this.pairs.add(pair)
        near.on('data', data => pair.silent || far.write(data))
        far.on('data', (data: Buffer) => {
            const head = data.indexOf('text/event-stream') < 0 ? -1 : data.indexOf('\r\n\r\n') + 4
            pair.stream ||= head >= 0
            if (pair.silent) return
            if (!this.buffers || !pair.stream) near.write(data)
            else if (head >= 0) near.write(data.subarray(0, head))
        })
        for (const socket of [near, far]) {
            socket.on('error', () => {})
            socket.on('close', () => {
                if (pair.silent && socket === far) return
                near.destroy()
                far.destroy()
                this.pairs.delete(pair)
            })
        }
    }

    /** Cuts connections: all of them, or streams only, as proxies do after an idle timeout. */
    cut(which: 'all' | 'streams') {
        for (const { near, stream } of [...this.pairs]) if (stream || which === 'all') near.destroy()
    }

    /** Silences existing connections without closing them. New connections work. */
    swallow(which: 'all' | 'streams') {
        for (const pair of this.pairs) pair.silent ||= pair.stream || which === 'all'
    }

    stop(): Promise<void> {
        this.cut('all')
        return new Promise(resolve => this.server.close(() => resolve()))
    }
}

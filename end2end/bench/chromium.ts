// Drives Chromium by its own protocol over a pipe: Playwright gives no session to an out-of-process
// frame before its first request.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

type Values = Record<string, unknown>
type Answer = { id?: number; method?: string; sessionId?: string; params?: Values; result?: Values; error?: { message: string } }
type Hear = (params: Values) => void

/** Timeout for a silent browser. */
const PATIENCE = 60_000

export class Chromium {
    private readonly waiting = new Map<number, { resolve: (result: Values) => void; reject: (error: Error) => void; what: string; late: NodeJS.Timeout }>()
    private readonly sessions = new Map<string, Session>()
    private text = ''
    private turn = 0

    private constructor(private readonly child: ChildProcess, private readonly folder: string) {
        const answers = child.stdio[4] as Readable
        answers.setEncoding('utf8').on('data', (part: string) => {
            const whole = (this.text + part).split('\0')
            this.text = whole.pop() ?? ''
            for (const one of whole) this.hear(JSON.parse(one) as Answer)
        })
        const lost = () => [...this.waiting.keys()].forEach(id => this.hear({ id, error: { message: 'Chromium has ended' } }))
        child.on('exit', lost)
        child.stdio[3]?.on('error', lost)
    }

    static async start(): Promise<Chromium> {
        const folder = mkdtempSync(join(tmpdir(), 'belfry-bench-'))
        const flags = ['--headless=new', '--remote-debugging-pipe', `--user-data-dir=${folder}`, '--no-first-run', '--no-default-browser-check',
            '--disable-background-networking', '--disable-component-update', '--disable-default-apps', '--disable-sync', '--disable-extensions', '--mute-audio',
            '--window-size=1000,760', ...(userInfo().uid === 0 ? ['--no-sandbox'] : []), 'about:blank']
        const child = spawn(process.env.CHROMIUM ?? 'chromium', flags, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] })
        const chromium: Chromium = new Chromium(child, folder)
        await chromium.send('Browser.getVersion')
        return chromium
    }

    send(method: string, params: Values = {}, sessionId?: string): Promise<Values> {
        const id = ++this.turn
        ;(this.child.stdio[3] as Writable).write(JSON.stringify({ id, method, params, sessionId }) + '\0')
        return new Promise((resolve, reject) => {
            const late = setTimeout(() => this.hear({ id, error: { message: 'no answer' } }), PATIENCE)
            this.waiting.set(id, { resolve, reject, what: method, late })
        })
    }

    session(id: string): Session {
        const session = new Session(this, id)
        this.sessions.set(id, session)
        return session
    }

    async stop() {
        const ended = once(this.child, 'exit')
        await this.send('Browser.close')
        await ended
        // Its child processes exit a little later.
        await rm(this.folder, { recursive: true, force: true, maxRetries: 20 })
    }

    private hear({ id, method, sessionId, params, result, error }: Answer) {
        if (method) return this.sessions.get(sessionId ?? '')?.tell(method, params ?? {})
        const waiting = this.waiting.get(id ?? 0)
        this.waiting.delete(id ?? 0)
        clearTimeout(waiting?.late)
        if (error) waiting?.reject(new Error(`${waiting.what}: ${error.message}`))
        else waiting?.resolve(result ?? {})
    }
}

/** A page, or an out-of-process frame. */
export class Session {
    private readonly heard = new Map<string, Hear>()

    constructor(private readonly chromium: Chromium, private readonly id: string) {}

    on(method: string, hear: Hear) {
        this.heard.set(method, hear)
    }

    tell(method: string, params: Values) {
        this.heard.get(method)?.(params)
    }

    send(method: string, params: Values = {}) {
        return this.chromium.send(method, params, this.id)
    }

    /** Evaluates an expression, and awaits its promise. */
    async evaluate<T>(expression: string): Promise<T> {
        const answer = await this.send('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true })
        if (answer.exceptionDetails) throw new Error(JSON.stringify(answer.exceptionDetails))
        return (answer.result as { value: T }).value
    }
}

// The real server on a free port with its own database, and a site on it, as its backend uses them.
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const binary = () => {
    const path = process.env.BELFRY_BIN
    if (!path) throw new Error('BELFRY_BIN must be the path of the belfry binary; .ci/end2end sets it')
    return path
}

const folder = () => mkdtempSync(join(tmpdir(), 'belfry-end2end-'))

/** Starts a program, and reads the lines of its standard output until one of them matches. */
const launch = async <T>(values: string[], heard: (line: string) => T | undefined): Promise<{ child: ChildProcess; said: T }> => {
    const child = spawn(binary(), values, { stdio: ['ignore', 'pipe', process.env.BELFRY_LOG ? 'inherit' : 'ignore'] })
    const lines = createInterface({ input: child.stdout })
    const said = await new Promise<T>((resolve, reject) => {
        lines.on('line', line => {
            const found = heard(line)
            if (found !== undefined) resolve(found)
        })
        child.once('exit', code => reject(new Error(`belfry ${values[0]} ended with ${code}`)))
    })
    return { child, said }
}

const end = async (child: ChildProcess, signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
}

export type Text = { title: string; body?: string; link?: string; newTab?: boolean; image?: string; actions?: { label: string; link: string; newTab?: boolean }[] }
export type Message = { content: Record<string, Text>; pinned?: boolean; category?: string; audience?: unknown }

export class Belfry {
    private readonly folder = folder()
    private child: ChildProcess | undefined
    origin = ''
    /**
     * The link to create the first account; printed when the server listens and there is no
     * account.
     */
    setUp = new Promise<string>(() => {})

    private constructor(private readonly behind?: string) {}

    /** Starts it; `front` is the address for browsers, if it differs from the listen address. */
    static async start(front?: string): Promise<Belfry> {
        const belfry = new Belfry(front)
        await belfry.restart()
        return belfry
    }

    /** The address for browsers. */
    get front() {
        return this.behind ?? this.origin
    }

    private get database() {
        return ['--database-url', `sqlite://${join(this.folder, 'belfry.db')}`]
    }

    /** Starts it again, on the same address and data. */
    async restart() {
        const listen = this.origin ? new URL(this.origin).host : '127.0.0.1:0'
        const front = this.behind ? ['--public-url', this.behind] : []
        let offer = (_link: string) => {}
        this.setUp = new Promise(resolve => (offer = resolve))
        const { child, said } = await launch(['serve', '--listen', listen, ...front, ...this.database], line => {
            const { listening, set_up: link } = JSON.parse(line) as { listening?: string; set_up?: string }
            if (link) offer(link)
            return listening
        })
        this.child = child
        this.origin = `http://${said}`
    }

    async stop(signal: NodeJS.Signals = 'SIGTERM') {
        if (this.child) await end(this.child, signal)
    }

    /** Stops it and deletes its data. */
    async end() {
        await this.stop('SIGKILL')
        rmSync(this.folder, { recursive: true, force: true })
    }

    /** Runs a command on the same data, beside the server. */
    async command<T>(...values: string[]): Promise<T> {
        return new Promise((resolve, reject) =>
            execFile(binary(), [...values, ...this.database], (error, out, problem) => (error ? reject(new Error(problem)) : resolve(JSON.parse(out) as T)))
        )
    }

    async site(origins: string[], options: string[] = []): Promise<Site> {
        const listed = origins.flatMap(origin => ['--origin', origin])
        const selector = options.includes('--selector') ? [] : ['--selector', '#target']
        const made = await this.command<{ site: string; api_key: string }>('site', 'create', '--name', 'Shop', ...selector, ...listed, ...options)
        return new Site(this, made.site, made.api_key)
    }
}

/** A site as its backend sees it: an address and a key. */
export class Site {
    constructor(readonly belfry: Belfry, readonly id: string, public key: string) {}

    async call<T>(method: string, path: string, body?: unknown): Promise<T> {
        const answer = await fetch(`${this.belfry.origin}/v1${path}`, {
            method,
            headers: { authorization: `Bearer ${this.key}`, 'content-type': 'application/json' },
            ...(body === undefined ? {} : { body: JSON.stringify(body) })
        })
        const text = await answer.text()
        if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
        return (answer.headers.get('content-type')?.includes('json') ? JSON.parse(text) : undefined) as T
    }

    /** Switches to a new key, whose rate limits are unused. */
    async newKey() {
        this.key = (await this.belfry.command<{ api_key: string }>('key', 'create', this.id)).api_key
    }

    /**
     * Requests a token for a contact by external id, with optional further fields; empty for an
     * unknown contact.
     */
    async token(contact: string, more: object = {}) {
        const answer = await fetch(`${this.belfry.origin}/v1/auth/contact/token`, {
            method: 'POST',
            headers: { authorization: `Basic ${Buffer.from(`shop:${this.key}`).toString('base64')}`, 'content-type': 'application/json' },
            body: JSON.stringify({ externalCustomerId: contact, ...more })
        })
        return answer.ok ? ((await answer.json()) as { token: string }).token : ''
    }

    contact(id: string, more: object = {}) {
        return this.call<{ id: number }>('POST', '/contact', { externalCustomerId: id, ...more })
    }

    /** Publishes a message, to everyone by default; returns its id. */
    async publish(title: string, text: Partial<Text> = {}, more: Partial<Message> = {}) {
        return (await this.call<{ id: string }>('POST', '/messages', { audience: 'everyone', content: { en: { title, ...text } }, ...more })).id
    }

    /** Publishes `Message 1`, `Message 2` and so on, the newest last; returns their ids. */
    async fill(count: number) {
        const ids: string[] = []
        for (let number = 1; number <= count; number++) ids.push(await this.publish(`Message ${number}`, { body: `The body of message ${number}.` }))
        return ids
    }

    edit(message: string, change: object) {
        return this.call('PATCH', `/messages/${message}`, change)
    }

    recall(message: string) {
        return this.call('DELETE', `/messages/${message}`)
    }
}

/** The contents of the banner of `belfry demo`. */
type Banner = {
    shop: string
    /** Address of the agents' inbox. */
    backOffice: string
    belfry: string
    key: string
    /** Credentials for the console. */
    signIn: { email: string; password: string }
    api: string
    accessToken: string
}

/** `belfry demo`: Belfry, and its shop on another site. */
export class Demo {
    private constructor(private readonly folder: string, private child: ChildProcess, private banner: Banner) {}

    private static async launch(folder: string, listen: string, shopListen: string, officeListen: string) {
        let [shop, backOffice, key, email, password] = ['', '', '', '', '']
        const { child, said } = await launch(
            ['demo', '--listen', listen, '--shop-listen', shopListen, '--back-office-listen', officeListen, '--database-url', `sqlite://${join(folder, 'belfry.db')}`],
            line => {
                shop = /is open: +(\S+)/.exec(line)?.[1] ?? shop
                backOffice = /back office at (\S+?),/.exec(line)?.[1] ?? backOffice
                key = /\/v1\/messages -u acme-shop:(\S+)/.exec(line)?.[1] ?? key
                const person = /as (\S+) with the password (\w+)/.exec(line)
                if (person) [, email = '', password = ''] = person
                return /curl ((\S+?)\/api\/v1\/accounts\/\d+)\S+ -H 'api_access_token: (\w+)'/.exec(line) ?? undefined
            }
        )
        const [, api = '', belfry = '', accessToken = ''] = said
        return { child, banner: { shop, backOffice, belfry, key, signIn: { email, password }, api, accessToken } }
    }

    static async start(): Promise<Demo> {
        const place = folder()
        const { child, banner } = await Demo.launch(place, '127.0.0.1:0', '127.0.0.1:0', '127.0.0.1:0')
        return new Demo(place, child, banner)
    }

    /** Restarts it on the same addresses and data; it is down meanwhile. */
    async restart(meanwhile = async () => {}) {
        await end(this.child, 'SIGTERM')
        await meanwhile()
        const [listen, shopListen, officeListen] = [this.belfry, this.shop, this.backOffice].map(url => `127.0.0.1:${new URL(url).port}`)
        Object.assign(this, await Demo.launch(this.folder, listen ?? '', shopListen ?? '', officeListen ?? ''))
    }

    get shop() {
        return this.banner.shop
    }

    get backOffice() {
        return this.banner.backOffice
    }

    get belfry() {
        return this.banner.belfry
    }

    get signIn() {
        return this.banner.signIn
    }

    /** Publishes from a terminal, as the banner explains. */
    async publish(message: Message) {
        const answer = await fetch(`${this.belfry}/v1/messages`, {
            method: 'POST',
            headers: { authorization: `Basic ${Buffer.from(`acme-shop:${this.banner.key}`).toString('base64')}`, 'content-type': 'application/json' },
            body: JSON.stringify({ audience: 'everyone', ...message })
        })
        if (!answer.ok) throw new Error(await answer.text())
    }

    /** Calls the API as the agent whose token the banner shows. */
    async asAgent<T>(path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST'): Promise<T> {
        const form = body instanceof FormData
        const answer = await fetch(this.banner.api + path, {
            method,
            headers: { api_access_token: this.banner.accessToken, ...(form ? {} : { 'content-type': 'application/json' }) },
            ...(body === undefined ? {} : { body: form ? body : JSON.stringify(body) })
        })
        const text = await answer.text()
        if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`)
        return (text ? JSON.parse(text) : undefined) as T
    }

    async end() {
        await end(this.child, 'SIGKILL')
        rmSync(this.folder, { recursive: true, force: true })
    }
}

/** The fixture of a test that needs a demo of its own: `base.extend<{ demo: Demo }>(demoFixture)`. */
export const demoFixture = {
    demo: async ({}, use: (demo: Demo) => Promise<void>) => {
        const demo = await Demo.start()
        await use(demo)
        await demo.end()
    }
}

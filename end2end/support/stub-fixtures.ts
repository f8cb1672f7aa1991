// Fixtures with the stub: two servers shared by a worker, and a site for each test.
import { test as base, type Page } from '@playwright/test'
import { BellPage } from './bell.ts'
import { Pages, snippet, type PageOptions } from './pages.ts'
import { Stub, type Site } from './stub.ts'

export { expect } from '@playwright/test'

type Servers = { stub: Stub; pages: Pages }

/** What the page's script recorded: calls of the callback, events of the loader, errors. */
export type Notes = { calls: number; events: { type: string; detail: unknown }[]; errors: string[] }

const observer = `window.notes = { calls: 0, events: [], errors: [] };
window.token = () => Promise.resolve('bft_alice');
for (const type of ['unread', 'open', 'close', 'click']) addEventListener('belfry:' + type, e => { const { site, ...detail } = e.detail; notes.events.push({ type, detail }) });
addEventListener('error', e => notes.errors.push(String(e.message))); addEventListener('unhandledrejection', e => notes.errors.push(String(e.reason)));`

export const init = `eS('init', {getAuthTokenCallback: () => { notes.calls++; return window.token(); }, language: 'en'});`

export class ShopPage extends BellPage {
    readonly warnings: string[] = []

    constructor(page: Page, readonly site: Site, private readonly pages: Pages) {
        super(page)
        page.on('console', message => message.type() === 'warning' && this.warnings.push(message.text()))
    }

    /** Writes a page with this body, the snippet and an init call, and returns its address. */
    write(body: string, options: PageOptions = {}): string {
        const script = (text: string) => `<script nonce=page>${text}</script>`
        const loading = options.snippet ?? snippet(this.site.belfry.origin, this.site.id)
        return this.pages.add(
            `<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content="width=device-width"><title>Shop</title>
            ${script(observer)}${options.head ?? ''}<body>${script(loading)}${script(options.init ?? init)}${body}`,
            options.headers
        )
    }

    async open(body = '<header id=target></header><main>Shop</main>', options: PageOptions = {}) {
        await this.page.goto(this.write(body, options))
    }

    /** Calls `eS` as the page would. */
    run(...values: unknown[]) {
        return this.page.evaluate(values => (window as unknown as { eS: (...values: unknown[]) => void }).eS(...values), values)
    }

    /** Sends the loader a message from inside the frame, as an island does. */
    sendFromFrame(message: object) {
        return this.frame.locator('html').evaluate((_, detail) => void document.dispatchEvent(new CustomEvent('belfry:say', { detail })), message)
    }

    /** Number of calls of the page's callback. */
    async callbackCalls() {
        return (await this.notes()).calls
    }

    /** Waits for two animation frames, so that deferred work of the page has run. */
    async settle() {
        await this.page.evaluate(() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve))))
    }

    /** The reader whose token the page returns from now on; nobody for an empty name. */
    async setReader(name: string) {
        await this.page.evaluate(token => void Object.assign(window, { token: () => Promise.resolve(token) }), name && `bft_${name}`)
    }

    notes(): Promise<Notes> {
        return this.page.evaluate(() => (window as unknown as { notes: Notes }).notes)
    }

    async events(): Promise<string[]> {
        return (await this.notes()).events.map(event => event.type)
    }
}

export const test = base.extend<{ shop: ShopPage }, { servers: Servers }>({
    servers: [
        async ({}, use) => {
            const servers = { stub: await Stub.start(), pages: await Pages.start() }
            await use(servers)
            await Promise.all([servers.stub.server.stop(), servers.pages.server.stop()])
        },
        { scope: 'worker' }
    ],
    shop: async ({ page, servers: { stub, pages } }, use) => {
        const shop = new ShopPage(page, stub.site(pages.origin), pages)
        await use(shop)
    }
})

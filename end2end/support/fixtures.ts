// Fixtures with the real server: a site with one contact, and a page of that site on another site.
import { test as base, type BrowserContext, type Locator, type Page, type Request } from '@playwright/test'
import { Belfry, type Site } from './belfry.ts'
import { BellPage } from './bell.ts'
import { listen, type Listening } from './listen.ts'
import { Pages, snippet, type PageOptions } from './pages.ts'

export { expect } from '@playwright/test'

export type Notes = { calls: number; events: { type: string; detail: unknown }[]; errors: string[] }

/**
 * The site's backend: returns a token for the signed-in contact to its pages, and counts the
 * requests.
 */
export class Backend {
    private readonly sites = new Map<string, Site>()
    readonly requests = new Map<string, number>()

    private constructor(readonly pages: Pages, private readonly tokens: Listening) {}

    static async start(): Promise<Backend> {
        const pages = await Pages.start()
        const tokens = await listen('localhost', async (request, response) => {
            const [, site = '', contact = ''] = (request.url ?? '').split('/')
            backend.requests.set(site, (backend.requests.get(site) ?? 0) + 1)
            const token = await backend.sites.get(site)?.token(contact).catch(() => undefined)
            response.writeHead(token === undefined ? 502 : 200, { 'access-control-allow-origin': '*', 'content-type': 'text/plain' }).end(token)
        })
        const backend: Backend = new Backend(pages, tokens)
        return backend
    }

    serve(site: Site) {
        this.sites.set(site.id, site)
    }

    get origin() {
        return this.tokens.origin
    }

    async stop() {
        await Promise.all([this.pages.server.stop(), this.tokens.stop()])
    }
}

export const notes = (address: string) => `window.notes = { calls: 0, events: [], errors: [] };
window.reader = 'anna';
window.token = () => { notes.calls++; return fetch('${address}/' + reader).then(r => { if (!r.ok) throw 'no token'; return r.text(); }); };
for (const type of ['unread', 'open', 'close', 'click']) addEventListener('belfry:' + type, e => { const { site, ...detail } = e.detail; notes.events.push({ type, detail }) });
addEventListener('error', e => notes.errors.push(String(e.message))); addEventListener('unhandledrejection', e => notes.errors.push(String(e.reason)));`

export type Options = PageOptions & { language?: string; body?: string }

/** A page of the site with the bell, as a reader uses it. */
export class ReaderPage extends BellPage {
    constructor(page: Page, public site: Site, readonly backend: Backend) {
        super(page)
    }

    write({ language = 'en', body = '<header id=target></header><main><h1>Shop</h1></main>', head = '', headers, init }: Options = {}): string {
        const script = (text: string) => `<script nonce=page>${text}</script>`
        init ??= `eS('init', {getAuthTokenCallback: () => token(), language: '${language}'});`
        return this.backend.pages.add(
            `<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content="width=device-width"><title>Shop</title><link rel=icon href="data:,">
            <style nonce=page>:root { color-scheme: light dark } body { margin: 20px; font: 16px system-ui } #target { display: flex; justify-content: flex-end; height: 40px }</style>
            ${script(notes(`${this.backend.origin}/${this.site.id}`))}${head}<body>${script(snippet(this.site.belfry.front, this.site.id))}${script(init)}${body}`,
            headers
        )
    }

    async go(options: Options = {}) {
        await this.page.goto(this.write(options))
    }

    /** Loads a page and waits until the inbox is interactive and its stream is open. */
    async arrive(options: Options = {}) {
        await this.go(options)
        await this.ready()
    }

    async ready() {
        await base.expect(this.frame.locator('html[data-awake][data-stream=open]')).toBeAttached({ timeout: 15_000 })
    }

    async open() {
        await this.bell.click()
        await base.expect(this.panel).toBeVisible()
    }

    get badge(): Locator {
        return this.frame.locator('.badge')
    }

    get items(): Locator {
        return this.frame.locator('.item')
    }

    get unread(): Locator {
        return this.frame.locator('.item.unread')
    }

    get titles(): Locator {
        return this.frame.locator('.item .title')
    }

    /** The offline notice. */
    get offline(): Locator {
        return this.frame.locator('#offline')
    }

    get notice(): Locator {
        return this.frame.locator('#notice')
    }

    get scroll(): Locator {
        return this.frame.locator('.scroll')
    }

    /** The undo notice. */
    get undo(): Locator {
        return this.frame.locator('#undo')
    }

    /** The button for new messages above the visible ones. */
    get newMessages(): Locator {
        return this.frame.locator('#arrived')
    }

    get announcement(): Locator {
        return this.frame.locator('#announcement')
    }

    get empty(): Locator {
        return this.frame.locator('#empty .empty-title:visible')
    }

    get older(): Locator {
        return this.frame.getByRole('link', { name: 'Show older' })
    }

    get shortcuts(): Locator {
        return this.frame.getByRole('dialog', { name: 'Keyboard shortcuts' })
    }

    get allRead(): Locator {
        return this.frame.getByRole('button', { name: 'Mark all as read' })
    }

    /** A message by its title. */
    item(title: string): Locator {
        return this.items.filter({ has: this.page.locator('.title', { hasText: new RegExp(`^\\s*(Unread)?\\s*${title}\\s*$`) }) })
    }

    /** The displayed titles; unread ones start with a star. */
    list(): Promise<string[]> {
        return this.items.evaluateAll(items => items.map(item => (item.classList.contains('unread') ? '*' : '') + item.querySelector('.title')?.lastChild?.textContent))
    }

    /** Asserts the displayed titles, and the unread count. */
    async expectList(titles: string[], unread?: number) {
        await base.expect.poll(() => this.list()).toEqual(titles)
        if (unread !== undefined) await this.expectUnread(unread)
    }

    /** Asserts the bell's state while the panel is open: this unread count, and no badge. */
    async expectUnread(unread: number) {
        await base.expect(this.bell).toHaveAccessibleName(unread ? `Notifications, ${unread} unread` : 'Notifications')
        await base.expect(this.badge).toHaveText('')
        if (unread) await base.expect(this.allRead).toBeEnabled()
        else await base.expect(this.allRead).toBeDisabled()
    }

    filter(name: string): Locator {
        return this.frame.getByRole('navigation', { name: 'Show' }).getByRole('link', { name, exact: true })
    }

    async selectFilter(name: string) {
        await this.filter(name).click()
        await base.expect(this.filter(name)).toHaveAttribute('aria-current', 'true')
        await base.expect(this.frame.locator('#loading')).toBeHidden()
    }

    /** A button of a message, visible on hover. */
    tool(title: string, name: string): Locator {
        return this.item(title).getByRole('button', { name, exact: true })
    }

    async clickTool(title: string, name: string) {
        await this.item(title).hover()
        await this.tool(title, name).click()
    }

    async scrollTo(top: number) {
        await this.scroll.evaluate((scroll, top) => scroll.scrollTo(0, top), top)
    }

    /** Sends actions as the inbox itself does, without clicks. */
    async sendActions(body: object) {
        await this.frame.locator('html').evaluate(async ({ dataset: { base, reader = '' } }, body) => {
            const answer = await fetch(`${base}/marks`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-belfry-reader': reader }, body: JSON.stringify(body) })
            if (!answer.ok) throw new Error(await answer.text())
        }, body)
    }

    /**
     * Stops the page's clock, which must be installed; returns a function that advances it by
     * milliseconds.
     */
    async stopClock() {
        await this.page.clock.pauseAt((await this.page.evaluate(() => Date.now())) + 3_000)
        return (milliseconds: number) => this.page.clock.runFor(milliseconds)
    }

    run(...values: unknown[]) {
        return this.page.evaluate(values => (window as unknown as { eS: (...values: unknown[]) => void }).eS(...values), values)
    }

    notes(): Promise<Notes> {
        return this.page.evaluate(() => (window as unknown as { notes: Notes }).notes)
    }

    /** The same reader in another tab. */
    async newTab(context: BrowserContext = this.page.context()): Promise<ReaderPage> {
        return new ReaderPage(await context.newPage(), this.site, this.backend)
    }
}

type Worker = { belfry: Belfry; backend: Backend }
type Each = { site: Site; readerPage: ReaderPage }

/** Requests of these tabs whose path ends with `part`, from now on. */
export const requestsTo = (context: BrowserContext, part: string): Request[] => {
    const requests: Request[] = []
    context.on('request', request => new URL(request.url()).pathname.endsWith(part) && requests.push(request))
    return requests
}

export const test = base.extend<Each, Worker>({
    belfry: [
        async ({}, use) => {
            const belfry = await Belfry.start()
            await use(belfry)
            await belfry.end()
        },
        { scope: 'worker' }
    ],
    backend: [
        async ({}, use) => {
            const backend = await Backend.start()
            await use(backend)
            await backend.stop()
        },
        { scope: 'worker' }
    ],
    site: async ({ belfry, backend }, use) => {
        const site = await belfry.site([backend.pages.origin])
        backend.serve(site)
        await site.contact('anna')
        await use(site)
    },
    readerPage: async ({ page, site, backend }, use) => {
        await use(new ReaderPage(page, site, backend))
    }
})

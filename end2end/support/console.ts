// The console as a site's members use it: an instance for each test, and helpers for frequent
// steps.
import type { Browser, BrowserContextOptions, Locator, Page, Request } from '@playwright/test'
import { Belfry, Site } from './belfry.ts'
import { expect, notes, test as base, ReaderPage, type Backend } from './fixtures.ts'

export { expect }

export const person = { name: 'Olha', email: 'olha@shop.example', password: 'correct horse battery' }

/** A user of the console, with a browser context of their own. */
export class ConsolePage {
    /** The path of the current site. */
    base = ''

    /** The page's pending requests. */
    private readonly pending = new Set<Request>()

    constructor(readonly page: Page, readonly belfry: Belfry) {
        // A stream has no end.
        page.on('request', request => request.resourceType() !== 'eventsource' && this.pending.add(request))
        page.on('requestfinished', request => this.pending.delete(request))
        page.on('requestfailed', request => this.pending.delete(request))
        // Requests of a page that was left are never answered.
        page.on('framenavigated', frame => {
            for (const request of this.pending) if (request.frame() === frame && !request.isNavigationRequest()) this.pending.delete(request)
        })
    }

    /**
     * Waits until the page and its frames are loaded, and two frames were drawn without further
     * requests.
     */
    async quiet() {
        await this.page.waitForLoadState('load')
        await expect
            .poll(async () => {
                await this.page.evaluate(() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve))))
                return [...this.pending].map(request => request.url())
            })
            .toEqual([])
    }

    /** Opens the console in a browser context with these settings. */
    static async at(browser: Browser, belfry: Belfry, options: BrowserContextOptions = {}): Promise<ConsolePage> {
        const context = await browser.newContext(options)
        // A missing element fails soon, not at the end of the test.
        context.setDefaultTimeout(15_000)
        return new ConsolePage(await context.newPage(), belfry)
    }

    /** Opens a page of the site; the empty path is its overview. */
    async go(path = '') {
        await this.page.goto(`${this.belfry.origin}${this.base}${path && `/${path}`}`)
    }

    async titled(title: string | RegExp) {
        await expect(this.page.getByRole('heading', { level: 1, name: title })).toBeVisible()
    }

    get main(): Locator {
        return this.page.locator('main')
    }

    button(name: string | RegExp): Locator {
        return this.main.getByRole('button', { name, exact: true })
    }

    link(name: string | RegExp): Locator {
        return this.main.getByRole('link', { name, exact: true })
    }

    field(label: string | RegExp): Locator {
        return this.main.getByLabel(label, { exact: true }).and(this.page.locator('input, textarea, select'))
    }

    async fill(fields: Record<string, string>) {
        for (const [label, text] of Object.entries(fields)) await this.field(label).fill(text)
    }

    /**
     * Creates the first account by the link that the server printed; without scripts the code is
     * typed.
     */
    async setUp() {
        const link = await this.belfry.setUp
        await this.page.goto(link)
        await this.titled('Set up Belfry')
        const code = this.field('Set-up code')
        if (!(await code.inputValue())) await code.fill(new URL(link).hash.slice(1))
        await this.fill({ 'Your name': person.name, 'E-mail': person.email, Password: person.password })
        await this.button('Create account').click()
        await expect(this.page.getByText('Welcome to Belfry.')).toBeVisible()
    }

    /** Sets the account's language. */
    async speak(language: string) {
        await this.page.goto(`${this.belfry.origin}/console/account`)
        await this.page.locator('main select[name=language]').selectOption(language)
        await this.page.locator('main form', { has: this.page.locator('select[name=language]') }).locator('button').click()
        await expect(this.page.locator('html')).toHaveAttribute('lang', language)
    }

    /** Creates a site, and stays on its overview. */
    async create(origin: string, name = 'Lamp shop'): Promise<Site> {
        await this.page.goto(`${this.belfry.origin}/console`)
        await this.link('New site').click()
        await this.fill({ Name: name, Address: origin })
        await this.button('Create site').click()
        await this.titled(`${name} is ready`)
        const site = new Site(this.belfry, await this.field('Site ID').inputValue(), await this.field('API key').inputValue())
        await this.link('Go to the site').click()
        await this.titled('Overview')
        this.base = new URL(this.page.url()).pathname
        return site
    }

    /** One of the setup steps. */
    step(text: string): Locator {
        return this.page.locator('.steps li', { hasText: text })
    }

    /** A count in the report of the displayed message. */
    count(step: string): Locator {
        return this.page.locator('.funnel li', { has: this.page.getByText(step, { exact: true }) }).locator('.count')
    }

    /** A count in the summary of an import. */
    stat(label: string): Locator {
        return this.page.locator('.stats > div', { has: this.page.getByText(label, { exact: true }) }).locator('dd')
    }
}

/**
 * A page of the shop with the snippet as the console shows it, and the shop's own token function.
 */
export const shopPage = (backend: Backend, site: Site, snippet: string): string =>
    backend.pages.add(`<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content="width=device-width"><title>Shop</title><link rel=icon href="data:,">
        <style>:root { color-scheme: light dark } body { margin: 20px; font: 16px system-ui }</style>
        <script>${notes(`${backend.origin}/${site.id}`)}</script><main><h1>Shop</h1></main>
        ${snippet.replace('yourImplementationOfAuthCallback()', 'token()')}`)

type Each = { consolePage: ConsolePage; reader: Page }

export const test = base.extend<Each & { instance: Belfry }>({
    instance: async ({}, use) => {
        const belfry = await Belfry.start()
        await use(belfry)
        await belfry.end()
    },
    consolePage: async ({ browser, instance }, use) => {
        const consolePage = await ConsolePage.at(browser, instance)
        await use(consolePage)
        await consolePage.page.context().close()
    },
    // A browser context separate from the console's, always with scripts.
    reader: async ({ browser }, use) => {
        const context = await browser.newContext({ javaScriptEnabled: true })
        await use(await context.newPage())
        await context.close()
    }
})

/** The reader's page of a site, with its backend. */
export const readerPageOf = (page: Page, site: Site, backend: Backend): ReaderPage => {
    backend.serve(site)
    return new ReaderPage(page, site, backend)
}

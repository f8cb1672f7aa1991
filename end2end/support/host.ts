// Host pages of every kind with the bell, and what must hold on each: the bell opens, displays the
// messages, shifts nothing on the page, and logs nothing in its console.
import { test as base, ReaderPage, type Backend } from './fixtures.ts'
import { snippet } from './pages.ts'
import type { Site } from './belfry.ts'
import type { Page } from '@playwright/test'

export const { expect } = base

export type HostPage = {
    body?: string
    /** Style rules of the page. */
    style?: string
    head?: string
    /** Attributes of the root element. */
    root?: string
    headers?: Record<string, string>
    /** Replaces the snippet and its init call. */
    scripts?: string
    /** Further options of init, as JavaScript. */
    options?: string
}

type Shift = { value: number; recent: boolean; nodes: string[] }
type Box = { x: number; y: number; width: number; height: number }

export const script = (text: string) => `<script nonce=page>${text}</script>`

/** The queue only, for pages whose policy forbids scripts to name other origins. */
export const queue = 'window.eS = function () { eS.c(arguments) }; eS.q = []; eS.c = function () { eS.q.push(arguments) };'

const observeShifts = () => {
    const shifts: Shift[] = []
    Object.assign(window, { shifts })
    new PerformanceObserver(list => {
        for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean; sources: { node?: Node; previousRect: DOMRect; currentRect: DOMRect }[] })[]) {
            const named = (node?: Node) => (node instanceof Element ? `${node.localName}#${node.id}` : String(node?.nodeName))
            const box = ({ x, y, width, height }: DOMRect) => [x, y, width, height].join(' ')
            shifts.push({
                value: entry.value,
                recent: entry.hadRecentInput,
                nodes: entry.sources.map(({ node, previousRect, currentRect }) => `${named(node)}: ${box(previousRect)} -> ${box(currentRect)}`)
            })
        }
    }).observe({ type: 'layout-shift', buffered: true })
}

export class Host extends ReaderPage {
    /** Console messages of the browser for the page's developer. */
    readonly lines: string[] = []
    /** The browser's own messages about failed requests; no script can prevent them. */
    unavoidable = /^$/

    static async of(page: Page, site: Site, backend: Backend): Promise<Host> {
        const host = new Host(page, site, backend)
        page.on('console', message => {
            if (/error|warning/.test(message.type()) && !host.unavoidable.test(message.text())) host.lines.push(`${message.text()} (${message.location().url})`)
        })
        page.on('pageerror', error => host.lines.push(String(error)))
        await page.addInitScript(observeShifts)
        return host
    }

    /** Switches to a page of this site, with the same messages. */
    async moves(site: Site) {
        this.site = site
        this.backend.serve(site)
        await site.contact('anna')
        await site.fill(3)
    }

    get callback() {
        return `() => fetch('${this.backend.origin}/${this.site.id}/anna').then(answer => answer.text())`
    }

    init(options = '') {
        return `eS('init', { getAuthTokenCallback: ${this.callback}, language: 'en', ${options} })`
    }

    address({ body = '<header><b id=target></b></header>', style = '', head = '', root = 'lang=en', headers = {}, options = '', scripts }: HostPage = {}): string {
        const { belfry, id } = this.site
        scripts ??= script(snippet(belfry.origin, id)) + script(this.init(options))
        return this.backend.pages.add(
            `<!doctype html><html ${root}><meta charset=utf-8><meta name=viewport content="width=device-width"><title>Shop</title><link rel=icon href="data:,">
            <style nonce=page>body { margin: 0; font: 16px/1.5 system-ui } #target { display: inline-block; width: 40px; height: 40px; vertical-align: middle } ${style}</style>${head}
            <body>${scripts}${body}`,
            headers
        )
    }

    async show(page: HostPage = {}) {
        await this.page.goto(this.address(page))
    }

    /** Loads the page and asserts everything that a page may expect. */
    async expectWorks(page: HostPage = {}) {
        await this.show(page)
        await this.works()
    }

    async works({ unread = 3 } = {}) {
        await this.rests(unread)
        await this.picture('closed')
        const before = await this.wrapper.boundingBox()
        await this.bell.click()
        await expect(this.panel).toBeVisible()
        await expect(this.items).toHaveCount(3)
        await expect(this.items.first()).toBeVisible()
        await this.covers()
        await this.picture('open')
        await this.page.keyboard.press('Escape')
        await expect(this.panel).toBeHidden()
        await expect(this.iframe).toHaveCSS('width', '40px')
        expect(await this.wrapper.boundingBox()).toEqual(before)
        await this.quiet()
    }

    /** Asserts that the bell is displayed with its count and size. */
    async rests(unread = 3) {
        await expect(this.bell).toHaveAccessibleName(`Notifications, ${unread} unread`, { timeout: 15_000 })
        await expect(this.iframe).toBeVisible()
        expect(await this.wrapper.boundingBox()).toMatchObject({ width: 40, height: 40 })
        // A panel that is closing keeps its size until the end of its animation.
        await expect.poll(async () => this.iframe.boundingBox()).toEqual(await this.wrapper.boundingBox())
    }

    /**
     * Asserts that the panel is inside the window, on top of everything, and the bell didn't move.
     */
    async covers() {
        const { width, height } = await this.page.evaluate(() => ({ width: innerWidth, height: innerHeight }))
        const panel: Box = await this.still()
        expect(panel.x).toBeGreaterThanOrEqual(0)
        expect(panel.y).toBeGreaterThanOrEqual(0)
        expect(panel.x + panel.width).toBeLessThanOrEqual(width)
        expect(panel.y + panel.height).toBeLessThanOrEqual(height)
        const corners = [[1, 20], [panel.width - 1, 20], [panel.width / 2, panel.height / 2], [1, panel.height - 20], [panel.width - 1, panel.height - 20]]
        const top = await this.iframe.evaluate((iframe, points) => points.map(([x = 0, y = 0]) => {
            let node = document.elementFromPoint(x, y)
            for (let inner; (inner = node?.shadowRoot?.elementFromPoint(x, y)) && inner !== node;) node = inner
            return node === iframe
        }), corners.map(([x = 0, y = 0]) => [panel.x + x, panel.y + y]))
        expect(top).toEqual([true, true, true, true, true])
    }

    /** The panel's box after its animation. */
    async still(): Promise<Box> {
        await this.panel.evaluate(panel => Promise.all(panel.getAnimations().map(animation => animation.finished)))
        const box = await this.panel.boundingBox()
        if (!box) throw new Error('no panel on the screen')
        return box
    }

    /** Asserts that nothing was logged and nothing shifted. */
    async quiet() {
        expect(this.lines).toEqual([])
        expect(await this.shifts()).toEqual([])
    }

    /** Layout shifts of the page, once everything is drawn. */
    shifts(): Promise<Shift[]> {
        return this.page.evaluate(() => new Promise(resolve => requestAnimationFrame(() => setTimeout(() => resolve((window as unknown as { shifts: Shift[] }).shifts)))))
    }

    async picture(name: string) {
        await this.page.screenshot({ path: base.info().outputPath(`${name}.png`) })
    }
}

export const test = base.extend<{ host: Host }>({
    host: async ({ page, site, backend }, use) => {
        await site.fill(3)
        await use(await Host.of(page, site, backend))
    }
})

// The compared inboxes: how each is embedded and displayed, and the page without any of them.
import { readFileSync } from 'node:fs'
import { Belfry } from '../support/belfry.ts'
import { snippet } from '../support/pages.ts'
import { Network } from './network.ts'
import { messages } from './messages.ts'
import type { Sights } from './probe.ts'
import { shop, TOKEN } from './shop.ts'
import { courier, novu } from './stubs.ts'

export type Name = 'nothing' | 'Belfry' | 'Courier' | 'Novu' | 'Belfry, callback only'

export type Contender = {
    name: Name
    /**
     * What to look for in the host page, and in the frame if there is one: `drawn` is the bell,
     * `bell` the bell with its unread badge, `early` a badge that the page draws before the frame.
     */
    host: Sights
    frame?: Sights
    /** Number of messages in the document, as an expression. */
    shown: string
    /** Text of the bell's badge; a dot has no text. */
    count: string
    /** URL of its live connection, which is the last one that it opens. */
    live?: RegExp
    /** Its script as transferred. */
    script?: RegExp
}

const within = (selector: string) => `[...document.querySelectorAll('${selector}')].map(node => node.innerText).join('\\n')`

export const contenders: Contender[] = [
    { name: 'nothing', host: {}, shown: '""', count: '' },
    {
        name: 'Belfry',
        // The page's own bell, and then the iframe: hidden until it is ready, and as small as the
        // bell until it is opened.
        host: { drawn: { selector: 'button > svg' }, early: { selector: 'button > b' }, bell: { selector: 'belfry-bell > iframe' }, panel: { selector: 'belfry-bell > iframe', least: 200 } },
        frame: { bell: { selector: '.badge' }, message: { selector: '#panel .item .title' } },
        shown: within('#panel .item'),
        count: String(messages.length),
        live: /\/events/,
        script: /^\/scripts\//
    },
    {
        name: 'Courier',
        host: { drawn: { selector: 'courier-inbox-menu-button courier-icon-button' }, bell: { selector: '#unread-badge' }, message: { selector: 'courier-inbox-list-item .title' } },
        shown: within('courier-inbox-list-item'),
        count: '',
        live: /^\/\?auth=/,
        script: /^\/courier\.js/
    },
    {
        name: 'Novu',
        host: { drawn: { selector: '.nv-bellIcon' }, bell: { selector: '.nv-bellDot' }, message: { selector: '.nv-notificationSubject' } },
        shown: within('.nv-notification'),
        count: '',
        live: /^\/\?.*token=/,
        script: /^\/novu\.js/
    }
]

/** The same for a page that doesn't embed a token. */
contenders.push(...contenders.filter(({ name }) => name === 'Belfry').map(belfry => ({ ...belfry, name: 'Belfry, callback only' as const })))

/** The path of a contender's page. */
export const path = (name: string) => `/${name.replace(/\W+/g, '-')}`

/**
 * Starts all servers behind one simulated network; returns the address of a contender's page for a
 * new reader.
 */
export class Setup {
    readonly line = new Network()
    private readonly ends: (() => unknown)[] = [() => this.line.stop()]
    private readers: string[] = []
    private origin = ''
    private turn = 0

    static async open(bundles: string, visits: number): Promise<Setup> {
        const fair = new Setup()
        try {
            await fair.build(bundles, visits)
        } catch (error) {
            await fair.stop()
            throw error
        }
        return fair
    }

    async stop() {
        for (const end of this.ends.toReversed()) await end()
    }

    private async build(bundles: string, visits: number) {
        const { line, ends } = this
        const peers = { Courier: await courier(), Novu: await novu() }
        ends.push(peers.Courier.stop, peers.Novu.stop)
        // Each must know the other's address before it can start.
        let belfryBehind = '', shopBehind = ''
        const belfryFront = await line.front('127.0.0.1', () => belfryBehind)
        const origin = (this.origin = await line.front('localhost', () => shopBehind))
        const belfry = await Belfry.start(belfryFront)
        ends.push(() => belfry.end())
        belfryBehind = belfry.origin
        const site = await belfry.site([origin])
        const readers = (this.readers = Array.from({ length: visits }, (_, index) => `reader-${index}`))
        for (const reader of readers) await site.contact(reader)
        for (const message of messages.toReversed()) await site.publish(message.title, { body: message.body })

        const script = (source: string) => `<script>${source}</script>`
        const init = (more: string) => `eS('init', {${more}getAuthTokenCallback: () => fetch('/token' + location.search).then(r => r.text()), language: 'en'});`
        const ours = (more: string) => script(snippet(belfryFront, site.id)) + script(init(more))
        const pages: Record<Name, string> = { nothing: '', Belfry: ours(`token: '${TOKEN}', `), Courier: '', Novu: '', 'Belfry, callback only': ours('') }
        const scripts: Record<string, string> = {}
        for (const [name, stub] of Object.entries(peers) as ['Courier' | 'Novu', { origin: string }][]) {
            const file = `/${name.toLowerCase()}.js`
            const api = await line.front('127.0.0.1', () => stub.origin)
            pages[name] = `${script(`window.bench = { api: '${api}' }`)}<script type=module src="${file}"></script>`
            scripts[file] = readFileSync(`${bundles}${file}`, 'utf8')
        }
        const byPath = Object.fromEntries(Object.entries(pages).map(([name, lines]) => [path(name), lines]))
        // The shop's backend calls Belfry outside the simulated network; a peer's token is as long
        // as the ones that they issue.
        const host = await shop(byPath, scripts, reader => (reader ? site.token(reader, { count: true }) : Promise.resolve('a'.repeat(300))))
        ends.push(host.stop)
        shopBehind = host.origin
    }

    /** The address of the next page view. */
    address({ name }: Contender): string {
        return this.origin + path(name) + (name.startsWith('Belfry') ? `?reader=${this.readers[this.turn++] ?? ''}` : '')
    }
}

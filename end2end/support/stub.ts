// A stub of Belfry: serves the loader and a plain frame document with the real frame script, and
// identifies readers by token, which is `bft_` and their name. It must not depend on what a test is
// about; the test sets the readers and the stub's behaviour.
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { bodyOf, listen, type Listening } from './listen.ts'
import { scripts, type Config, type Scripts } from './script.ts'

export type Reader = { name: string; unread: number; unseen: number }
export type FrameRequest = { method: string; origin: string | undefined; token: string; language: string; scheme: string; query: string }
export type Behaviour = 'works' | 'fails' | 'hangs' | 'breaks'

export class Site {
    readonly id = randomUUID()
    readonly readers = new Map<string, Reader>([['alice', { name: 'Alice', unread: 3, unseen: 2 }]])
    readonly visits: FrameRequest[] = []
    /** The field names of each posted form. */
    readonly fields: string[][] = []
    behaviour: Behaviour = 'works'
    /** Whether the browser tells the frame its ancestor origins; Firefox doesn't. */
    ancestors = true
    config: Partial<Config> = {}
    /** The origins whose messages the frame accepts; only the page's own origin may embed it. */
    origins: string[]
    body = '<div class=item data-id=m1><a id=link target=_top href="https://shop.example/sale">Sale</a></div><div class=item data-id=m2><a id=apart target=_blank href="https://shop.example/new">New</a></div>'

    constructor(readonly belfry: Stub, readonly pageOrigin: string) {
        this.origins = [pageOrigin, 'https://other.example']
    }

    get posts() {
        return this.visits.filter(visit => visit.method === 'POST')
    }
}

const style = `
body { margin: 0; font: 14px/20px system-ui, sans-serif }
#bell { position: fixed; left: 0; top: 0; width: 40px; height: 40px; color: var(--ink); background: none; border: 0; padding: 0 }
html[data-open] #bell { left: var(--bell-x); top: var(--bell-y) }
#panel { position: fixed; box-sizing: border-box; left: var(--panel-x); top: var(--panel-y); width: var(--panel-width); height: var(--panel-height);
    padding: 16px; border-radius: 12px; background: Canvas; color: CanvasText; box-shadow: 0 4px 20px #0004 }
#panel[hidden] { display: none }
html[data-standalone] #panel { left: 0; top: 48px; width: 100%; height: 300px }
a { display: block }`

export class Stub {
    private readonly sites = new Map<string, Site>()

    private constructor(readonly server: Listening, private readonly scripts: Scripts) {}

    get origin() {
        return this.server.origin
    }

    static async start(): Promise<Stub> {
        const stub: Stub = new Stub(await listen('127.0.0.1', (request, response) => stub.answer(request, response)), await scripts())
        return stub
    }

    site(pageOrigin: string): Site {
        const site = new Site(this, pageOrigin)
        this.sites.set(site.id, site)
        return site
    }

    private async answer(request: IncomingMessage, response: ServerResponse) {
        const { pathname, search, searchParams } = new URL(request.url ?? '/', this.origin)
        const [, route, name = ''] = pathname.split('/')
        if (route === 'pkg') {
            return void response.writeHead(200, { 'content-type': 'text/javascript; charset=utf-8', 'access-control-allow-origin': '*' }).end(this.scripts.page)
        }
        const site = this.sites.get(name.replace('.js', ''))
        if (!site) return void response.writeHead(404).end()
        if (route === 'scripts') {
            const config = { site: site.id, origin: this.origin, selector: '#target', position: 'beforeend', language: 'en', page: `${this.origin}/pkg/page.js`, ...site.config }
            return void response.writeHead(200, { 'content-type': 'text/javascript; charset=utf-8' }).end(this.scripts.loader(config))
        }
        const form = new URLSearchParams(await bodyOf(request))
        const field = (key: string) => form.get(key) ?? ''
        const token = field('token').replace('bft_', '')
        if (request.method === 'POST') site.fields.push([...form.keys()])
        site.visits.push({
            method: request.method ?? '',
            origin: request.headers.origin,
            token,
            language: field('language'),
            // The page's `color-scheme` is passed unchanged; the real server maps it to one of
            // three values.
            scheme: /dark/.test(field('scheme')) ? (/light/.test(field('scheme')) ? 'auto' : 'dark') : 'light',
            query: search
        })
        if (site.behaviour === 'hangs') return
        if (site.behaviour === 'breaks') return void request.socket.destroy()
        // The list page of links inside the panel; the real one identifies its reader by cookie.
        const reader = site.readers.get(token || (searchParams.get('page') ?? ''))
        const state = reader ? `data-unread=${reader.unread} data-unseen=${reader.unseen}` : request.method === 'GET' ? 'data-shell' : 'data-fault'
        const nonce = randomUUID()
        response.writeHead(site.behaviour === 'fails' ? 503 : reader || request.method === 'GET' ? 200 : 401, {
            'content-type': 'text/html; charset=utf-8',
            'cache-control': 'no-store',
            'content-security-policy': `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'self'; frame-ancestors ${site.pageOrigin} ${this.origin}`
        })
        if (site.behaviour === 'fails') return void response.end('unavailable')
        response.end(`<!doctype html><html lang=en ${state} data-origins="${site.origins.join(' ')}"><meta charset=utf-8>
<meta name=color-scheme content="light dark"><title>Notifications</title><style nonce=${nonce}>${style}</style><body>${reader ? `
<button id=bell type=button aria-label="Notifications, ${reader.unread} unread" aria-expanded=false aria-haspopup=dialog aria-controls=panel>&#128276;</button>
<section id=panel tabindex=-1 role=dialog aria-label=Inbox hidden inert><h1>Inbox of ${reader.name}</h1>${site.body}<a id=next href="?page=${[...site.readers].find(([, known]) => known === reader)?.[0]}">More</a><button data-close type=button>Close</button></section>` : ''}
<script nonce=${nonce}>${site.ancestors ? this.scripts.frame : this.scripts.frame.replaceAll('.ancestorOrigins', '.unknown')}</script>`)
    }
}

// Pages of a customer's site, on another site than Belfry's, with the exact snippet of the
// documentation.
import { randomUUID } from 'node:crypto'
import { listen, type Listening } from './listen.ts'

export type PageOptions = { headers?: Record<string, string>; head?: string; init?: string; snippet?: string }

/** The contract's snippet; only the host differs. */
export const snippet = (belfry: string, site: string) =>
    `!function (t, e, c, n) { var s = e.createElement(c); s.async = 1, s.src = '${belfry}/scripts/' + n + '.js'; var r = e.scripts[0]; r.parentNode.insertBefore(s, r); var f = function () { f.c(arguments); }; f.q = []; f.c = function () { f.q.push(arguments); }; t['eS'] = t['eS'] || f; }(window, document, 'script', '${site}');`

export class Pages {
    private readonly pages = new Map<string, { html: string; headers: Record<string, string> }>()

    private constructor(readonly server: Listening) {}

    static async start(): Promise<Pages> {
        const pages: Pages = new Pages(
            await listen('localhost', (request, response) => {
                const page = pages.pages.get(request.url ?? '')
                if (!page) return void response.writeHead(404).end()
                response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...page.headers }).end(page.html)
            })
        )
        return pages
    }

    get origin() {
        return this.server.origin
    }

    add(html: string, headers: Record<string, string> = {}): string {
        const path = `/${randomUUID()}`
        this.pages.set(path, { html, headers })
        return this.origin + path
    }
}

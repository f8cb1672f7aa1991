// The host page: a plain shop with a place for the bell in its header, the same for every inbox
// except for its own lines.
import { respond, prepare, web, type Prepared } from './web.ts'

// Its rules are scoped to its own content: a peer inside the page should look as its authors
// intended.
const style = `
:root { font: 16px/1.5 system-ui, sans-serif; color: #211f1b; background: #fbf9f5 }
body { margin: 0 }
header { display: flex; align-items: center; gap: 16px; height: 64px; padding: 0 24px; border-bottom: 1px solid #e7e1d7 }
header nav { flex: 1; display: flex; gap: 16px }
main { max-width: 900px; margin: 0 auto; padding: 24px }
main ul { display: grid; grid-template-columns: repeat(3, 1fr); gap: 24px; padding: 0; list-style: none }
main li { padding: 16px; border: 1px solid #e7e1d7; border-radius: 12px; background: #fff }`

const cards = Array.from({ length: 12 }, (_, index) => `<li><h2>Thing ${index + 1}</h2><p>Made to be repaired, by people we know by name. Every part can be ordered.</p><button>Add to cart</button></li>`)

/** Placeholder for a reader's token that the page embeds. */
export const TOKEN = '{{token}}'

const page = (lines: string) => `<!doctype html>
<html lang=en><head><meta charset=utf-8><meta name=viewport content="width=device-width"><title>Shop</title><link rel=icon href="data:,"><style>${style}</style>
<script>window.tagged = performance.timeOrigin + performance.now()</script>
${lines}</head>
<body><header><b>Shop</b><nav><a href=#>Shelves</a><a href=#>Sale</a><a href=#>Orders</a></nav><span>Anna</span><span id=target></span><a href=#>Cart</a></header>
<main><h1>Good light, warm wool, and a quiet place to sit</h1><ul>${cards.join('')}</ul></main></body></html>`

/**
 * Serves a page for each path, tokens, and the scripts that the pages load from their own origin.
 */
export const shop = (pages: Record<string, string>, scripts: Record<string, string>, token: (reader: string) => Promise<string>) => {
    const prepared = new Map<string, Prepared>()
    const personal = new Map<string, string>()
    for (const [path, lines] of Object.entries(pages)) {
        if (lines.includes(TOKEN)) personal.set(path, page(lines))
        else prepared.set(path, prepare('html', page(lines)))
    }
    // Sites name such a file by its content hash, so browsers cache it.
    for (const [path, text] of Object.entries(scripts)) prepared.set(path, prepare('js', text, { 'cache-control': 'public, max-age=31536000, immutable' }))
    return web('localhost', async (request, response) => {
        const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
        const known = prepared.get(pathname)
        if (known) return respond(response, known)
        const own = personal.get(pathname)
        if (own) return respond(response, prepare('html', own.replace(TOKEN, await token(searchParams.get('reader') ?? ''))))
        if (pathname !== '/token') return void response.writeHead(404).end()
        respond(response, prepare('text', await token(searchParams.get('reader') ?? '')))
    })
}

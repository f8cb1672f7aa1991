// Kinds of documents: how a page is written, what its elements are named, and its base URL.
import { expect, queue, script, test } from '../support/host.ts'
import { snippet } from '../support/pages.ts'

const target = '<header><b id=target></b></header><main><p>The page</p></main>'

test('written by a script while it loads', ({ host }) => {
    return host.expectWorks({ body: script(`document.write('<header><b id=target></b></header><main>Shop</main>')`) })
})

test('rewritten after it has loaded', async ({ host }) => {
    await host.show({ body: target })
    await host.rests()
    await host.page.evaluate(() => {
        document.open()
        document.write('<!doctype html><title>Shop</title><style>body { margin: 0; font: 16px/1.5 system-ui } #target { display: inline-block; width: 40px; height: 40px; vertical-align: middle }</style><header><b id=target></b></header><h1>Anew</h1>')
        document.close()
    })
    await expect(host.page.getByRole('heading', { name: 'Anew' })).toBeVisible()
    await host.rests()
    await expect(host.wrapper).toHaveCount(1)
    await host.open()
    await host.page.keyboard.press('Escape')
    await expect(host.panel).toBeHidden()
    expect(host.lines).toEqual([])
})

const pages = {
    'another base address': { head: '<base href="https://elsewhere.example/shop/">', body: target },
    'another base target': { head: '<base target=_blank>', body: target },
    'elements named after members of the document': {
        body: `${target}<form name=body></form><img name=currentScript><form name=documentElement></form><img name=prerendering><form name=head></form><img name=hidden><img name=visibilityState>`
    },
    'elements named after members of the window': { body: `${target}<div id=name></div><div id=belfry></div><iframe name=inbox hidden></iframe>` },
    'a target in a form with fields of every name': { body: '<form><b id=target></b><input name=submit><input name=append><input name=style><input name=id></form>' },
    'a target without a box': { style: 'header { height: 40px } #target { display: contents }', body: target },
    'a target in a table': { body: '<table><tr><td id=target></table>' },
    'globals of its own': { head: script('var name = 1, status = 2, open = () => 3, event = 4'), body: target },
    'two snippets': { head: '', body: target, twice: true },
    'a page that scrolls to the left': { root: 'lang=ar dir=rtl', style: 'main { width: 3000px }', body: target }
}
for (const [name, { ...page }] of Object.entries(pages)) {
    test(name, async ({ host }) => {
        const { belfry, id } = host.site
        if ('twice' in page) await host.expectWorks({ ...page, scripts: script(snippet(belfry.origin, id)).repeat(2) + script(host.init()) })
        else await host.expectWorks(page)
    })
}

test('an image named like a function that creates elements', async ({ host }) => {
    const { belfry, id } = host.site
    // Such a page couldn't write the snippet.
    await host.expectWorks({ body: `${target}<img name=createElement alt="">`, scripts: script(queue + host.init()) + `<script async src="${belfry.origin}/scripts/${id}.js"></script>` })
})

test('an element with the id eS', async ({ host }) => {
    const { belfry, id } = host.site
    await host.show({ body: `<div id=eS></div>${target}`, scripts: `<script src="${belfry.origin}/scripts/${id}.js"></script>` + script(host.init()) })
    await host.rests()
    await host.run('open')
    await expect(host.panel).toBeVisible()
    expect(host.lines).toEqual([])
})

test('without a document type', async ({ host }) => {
    const { belfry, id } = host.site
    const html = `<title>Shop</title><link rel=icon href="data:,"><style>body { margin: 0 } #target { display: inline-block; width: 40px; height: 40px; vertical-align: middle }</style><body>${script(snippet(belfry.origin, id))}${script(host.init())}${target}`
    await host.page.goto(host.backend.pages.add(html))
    expect(await host.page.evaluate(() => document.compatMode)).toBe('BackCompat')
    await host.works()
})

test('XHTML', async ({ host }) => {
    const { belfry, id } = host.site
    const own = (text: string) => `<script><![CDATA[${text}]]></script>`
    const html = `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>Shop</title><link rel="icon" href="data:,"/><style>body { margin: 0 } #target { display: inline-block; width: 40px; height: 40px; vertical-align: middle }</style></head>
        <body>${own(snippet(belfry.origin, id))}${own(host.init())}<header><b id="target"></b></header></body></html>`
    await host.page.goto(host.backend.pages.add(html, { 'content-type': 'application/xhtml+xml; charset=utf-8' }))
    // Its element names are lower case, so Playwright doesn't recognize frames.
    await expect.poll(() => host.page.frames().length).toBe(2)
    const frame = host.page.frames()[1]
    await frame?.locator('#bell').click()
    await expect(frame!.locator('#panel')).toBeVisible()
    await expect(frame!.locator('.item')).toHaveCount(3)
    await host.page.keyboard.press('Escape')
    await expect(frame!.locator('#panel')).toBeHidden()
    await host.quiet()
})

test('prerendered: the token is requested, and the frame loads when the page is activated', async ({ host, backend }) => {
    await host.page.addInitScript(() => {
        let waiting = true
        Object.defineProperty(Document.prototype, 'prerendering', { get: () => waiting, configurable: true })
        Object.assign(window, {
            activate: () => {
                waiting = false
                document.dispatchEvent(new Event('prerenderingchange'))
            }
        })
    })
    await host.show({ body: target })
    await expect.poll(() => backend.requests.get(host.site.id)).toBe(1)
    await host.shifts()
    await expect(host.wrapper).toHaveCount(0)
    await host.page.evaluate(() => (window as unknown as { activate: () => void }).activate())
    await host.works()
    expect(backend.requests.get(host.site.id)).toBe(1)
})

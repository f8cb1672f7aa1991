// Hostile themes: rejected, or harmless. And what the Content-Security-Policy blocks even without
// the checks.
import { expect, test, type ReaderPage } from '../support/fixtures.ts'
import { listen } from '../support/listen.ts'
import { corpus, upload, animationsEnd, publish, expectSheet, type Files } from '../support/theme.ts'
import type { Belfry, Site } from '../support/belfry.ts'
import type { Backend } from '../support/fixtures.ts'

type Case = { name: string; files: Files; sheet?: string }

/** Uploads every case; keys are rate limited, so each few cases use a site of their own. */
const judge = async (belfry: Belfry, cases: Case[]) => {
    const accepted: Case[] = []
    const wrong: string[] = []
    let site: Site | undefined
    for (const [index, one] of cases.entries()) {
        if (index % 20 === 0 || !site) site = await belfry.site(['https://shop.example'])
        const { status, body } = await upload(site, one.files)
        if (status === 200) accepted.push({ ...one, sheet: body.stylesheet })
        else if (status !== 422 || !body.problems?.length || body.problems.some(({ reason, what, line }) => !reason || !what || line < 1)) wrong.push(`${one.name}: ${status} ${JSON.stringify(body).slice(0, 200)}`)
    }
    expect.soft(wrong).toEqual([])
    return accepted
}

/** Everything that must not happen while a reader uses the inbox. */
const watch = (readerPage: ReaderPage, belfry: Belfry, backend: Backend) => {
    const trouble: string[] = []
    const { page } = readerPage
    page.on('dialog', dialog => (trouble.push(`dialog ${dialog.message()}`), dialog.dismiss()))
    page.on('console', message => message.type() === 'error' && trouble.push(`console ${message.text()}`))
    page.on('pageerror', error => trouble.push(String(error)))
    page.on('download', download => trouble.push(`download ${download.url()}`))
    page.context().on('page', other => trouble.push(`page ${other.url()}`))
    page.context().on('request', request => {
        if (![belfry.origin, backend.origin, backend.pages.origin].some(known => request.url().startsWith(`${known}/`)) && !request.url().startsWith('data:')) trouble.push(`request ${request.url()}`)
    })
    page.on('framenavigated', frame => trouble.push(`navigated ${frame.url()}`))
    return trouble
}

const scripted = (readerPage: ReaderPage) =>
    Promise.all([readerPage.page.evaluate(() => '__hit' in window), readerPage.frame.locator('html').evaluate(() => '__hit' in window || document.querySelector('iframe, object, embed, foreignObject, script[src^="data:"]') !== null)])

/**
 * Asserts that the essential elements are displayed inside the frame, whatever the theme contains.
 */
const usable = (readerPage: ReaderPage) =>
    readerPage.frame.locator('html').evaluate(() => {
        const missing: string[] = []
        const panel = document.querySelector('.panel')?.getBoundingClientRect()
        if (!panel || panel.left < -0.5 || panel.top < -0.5 || panel.right > innerWidth + 0.5 || panel.bottom > innerHeight + 0.5 || panel.width < 300 || panel.height < 200) missing.push(`panel ${JSON.stringify(panel)}`)
        const item = document.querySelector('.item')
        for (const [name, part] of Object.entries({
            head: document.querySelector('.head'),
            heading: document.querySelector('.head h2'),
            close: document.querySelector('[data-close]'),
            filter: document.querySelector('.filters a'),
            title: item?.querySelector('.title a'),
            tool: item?.querySelector('.tool[value=archive]'),
            item
        })) {
            if (!part) {
                missing.push(`${name} is not there`)
                continue
            }
            const box = part.getBoundingClientRect()
            if (box.width < 8 || box.height < 8) missing.push(`${name} is ${box.width} × ${box.height}`)
            if (panel && (box.left < panel.left - 1 || box.right > panel.right + 1 || (name !== 'item' && (box.top < panel.top - 1 || box.bottom > panel.bottom + 1)))) missing.push(`${name} lies outside: ${JSON.stringify(box)}`)
            let seen = 1
            for (let node: Element | null = part; node; node = node.parentElement) {
                const { visibility, opacity, display } = getComputedStyle(node)
                if (!node.matches('.tools, .tool')) seen *= Number(opacity)
                if (visibility !== 'visible' || display === 'none') missing.push(`${name} is hidden by ${node.className}: ${visibility} ${display}`)
            }
            if (seen < 0.4) missing.push(`${name} is seen by ${seen}`)
            // The browser's own hit test.
            const there = document.elementFromPoint((Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2, box.top + Math.min(box.height, 20) / 2)
            if (!['item', 'tool'].includes(name) && there && !part.contains(there) && !there.contains(part)) missing.push(`${name} is covered by ${there.className || there.localName}`)
        }
        return missing
    })

const wearing = async (readerPage: ReaderPage, site: Site, cases: Case[], more: (one: Case) => Promise<string[]>) => {
    const found: string[] = []
    // Equal style sheets look equal: most removed rules leave nothing.
    const different = [...new Map(cases.map(one => [one.sheet ?? one.name, one])).values()]
    for (const [index, one] of different.entries()) {
        // A key may upload twenty themes at once. A theme published by the command line is noticed
        // half a second later instead.
        if (index % 20 === 0) await site.newKey()
        const { stylesheet } = await publish(site, one.files)
        await expectSheet(readerPage, stylesheet)
        await animationsEnd(readerPage)
        found.push(...(await more(one)).map(text => `${one.name}: ${text}`))
    }
    return found
}

/** A drawing as a card: it needs a text for the title, legible at the width of the panel. */
const asCard = (svg: string) => {
    const width = Number(/viewBox="[-\d.]+ [-\d.]+ ([\d.]+)/.exec(svg)?.[1] ?? 24)
    return svg.replace(/<\/svg>\s*$/, `<text id="title" x="${width / 20}" y="${width / 10}" font-size="${width / 25}">Title</text></svg>`)
}

for (const kind of ['bell', 'card'] as const) {
    test(`hostile drawings as ${kind}s: rejected, or inert`, async ({ readerPage, site, belfry, backend }) => {
        test.setTimeout(240_000)
        const cases = corpus('svg/hostile').map(({ name, bytes }): Case => ({ name, files: kind === 'bell' ? { bell: bytes } : { card: asCard(bytes.toString('latin1')) } }))
        expect(cases.length).toBeGreaterThan(200)
        const accepted = await judge(belfry, cases)
        test.info().annotations.push({ type: 'accepted', description: accepted.map(({ name }) => name).join(' ') })
        // Otherwise nothing would be displayed below.
        expect(accepted.length).toBeGreaterThan(5)
        await site.publish('Order', { body: 'Its body.', link: 'https://shop.example/' })
        await site.fill(2)
        await readerPage.arrive()
        await readerPage.open()
        const top = readerPage.page.url()
        const trouble = watch(readerPage, belfry, backend)
        const found = await wearing(readerPage, site, accepted, async () => {
            // All states of the drawing are displayed, and a loaded image would be detected.
            await readerPage.items.first().hover()
            await readerPage.page.screenshot({ animations: 'allow' })
            return (await scripted(readerPage)).includes(true) ? ['a script ran, or markup came'] : []
        })
        expect(found).toEqual([])
        expect(trouble).toEqual([])
        expect(readerPage.page.url()).toBe(top)
    })
}

test('hostile style sheets: rejected, or inert and the inbox stays usable', async ({ readerPage, site, belfry, backend }) => {
    test.setTimeout(240_000)
    const cases = corpus('css/hostile').map(({ name, bytes }): Case => ({ name, files: { css: bytes } }))
    expect(cases.length).toBeGreaterThan(100)
    const accepted = await judge(belfry, cases)
    test.info().annotations.push({ type: 'accepted', description: accepted.map(({ name }) => name).join(' ') })
    await site.publish('Order', { body: 'Its body.', link: 'https://shop.example/' })
    await readerPage.arrive()
    await readerPage.open()
    const trouble = watch(readerPage, belfry, backend)
    // The panel fades in.
    await animationsEnd(readerPage)
    expect(await usable(readerPage)).toEqual([])
    expect(await wearing(readerPage, site, accepted, () => usable(readerPage))).toEqual([])
    expect(trouble).toEqual([])
})

test('style sheets inside drawings: rejected, or inert', async ({ readerPage, site, belfry, backend }) => {
    test.setTimeout(240_000)
    const drawn = ({ name, bytes }: { name: string; bytes: Buffer }): Case => ({
        name,
        files: { bell: `<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24"><style><![CDATA[${bytes.toString()}]]></style><rect id="a" class="a st0" width="20" height="20"/></svg>` }
    })
    const accepted = await judge(belfry, corpus('drawing-css/hostile').map(drawn))
    const benign = await judge(belfry, corpus('drawing-css/benign').map(drawn))
    await site.publish('Order', { link: 'https://shop.example/' })
    await readerPage.arrive()
    await readerPage.open()
    const trouble = watch(readerPage, belfry, backend)
    const found = await wearing(readerPage, site, [...accepted, ...benign], async () => ((await scripted(readerPage)).includes(true) ? ['a script ran'] : usable(readerPage)))
    expect(found).toEqual([])
    expect(trouble).toEqual([])
})

test('valid style sheets are accepted, and the inbox stays usable', async ({ readerPage, site, belfry, backend }) => {
    test.setTimeout(120_000)
    const cases = corpus('css/benign').map(({ name, bytes }): Case => ({ name, files: { css: bytes } }))
    const accepted = await judge(belfry, cases)
    expect(accepted.map(({ name }) => name)).toEqual(cases.map(({ name }) => name))
    await site.publish('Order', { body: 'Its body.', link: 'https://shop.example/' })
    await readerPage.arrive()
    await readerPage.open()
    const trouble = watch(readerPage, belfry, backend)
    expect(await wearing(readerPage, site, accepted, () => usable(readerPage))).toEqual([])
    expect(trouble).toEqual([])
})

test('the policy alone: raw hostile style sheets and drawings cause no requests', async ({ page, site, belfry, backend }) => {
    test.setTimeout(120_000)
    const token = await site.token('anna')
    const answer = await fetch(`${belfry.origin}/embed/${site.id}`, {
        method: 'POST',
        headers: { origin: backend.pages.origin, 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-dest': 'iframe' },
        body: new URLSearchParams({ token, language: 'en', scheme: 'light' })
    })
    expect(answer.status).toBe(200)
    const policy = answer.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    const html = (await answer.text()).replace(/<script[\s\S]*?<\/script>/g, '')
    const sheets = [...corpus('css/hostile'), ...corpus('drawing-css/hostile'), ...corpus('css/benign')].map(({ bytes }) => bytes.toString())
    // Every kind of request that a style sheet can cause. Images of messages may come from anywhere
    // over https.
    const calls = (origin: string) =>
        [
            `@import "${origin}/import";`,
            `@import url(${origin}/import-url) layer(x);`,
            `@font-face { font-family: x; src: url(${origin}/font) } .item { font-family: x }`,
            `.item { background: url(${origin}/background), image-set("${origin}/image-set" 1x) }`,
            `.item::before { content: url(${origin}/content) } .item { cursor: url(${origin}/cursor), auto }`,
            `.item { mask-image: url(${origin}/mask); filter: url(${origin}/filter#f); clip-path: url(${origin}/clip#c) }`,
            `.item { list-style-image: url(${origin}/list); border-image: url(${origin}/border) 1; shape-outside: url(${origin}/shape) }`,
            `@namespace x url(${origin}/namespace); @supports (a: b) { .item { --x: url(${origin}/custom); background: var(--x) } }`,
            `.item { offset-path: url(${origin}/offset#p); fill: url(${origin}/fill#f); marker: url(${origin}/marker#m) }`
        ].join('\n')
    const asked: string[] = []
    const stranger = await listen('localhost', (request, response) => {
        asked.push(request.url ?? '')
        response.writeHead(200, { 'access-control-allow-origin': '*', 'content-type': 'image/svg+xml' }).end('<svg xmlns="http://www.w3.org/2000/svg"/>')
    })
    const drawings = new Map(corpus('svg/hostile').map(({ name, bytes }) => [`/drawing/${name}`, bytes]))
    const texts = new Map([...sheets, ...[calls(stranger.origin)]].map((text, index) => [`/sheet/${index}.css`, text]))
    const served = await listen('127.0.0.1', (request, response) => {
        const path = request.url ?? ''
        const [sheet, drawing] = [texts.get(path), drawings.get(path)]
        if (sheet !== undefined) return void response.writeHead(200, { 'content-type': 'text/css; charset=utf-8' }).end(sheet)
        if (drawing) return void response.writeHead(200, { 'content-type': 'image/svg+xml' }).end(drawing)
        // No page embeds this one, so that frame-ancestors doesn't matter.
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy }).end(html.replace('</head>', `<link rel=icon href="data:,"><link id=probe rel=stylesheet></head>`).replace('<html', '<html data-open'))
    })
    // Requests that reach the network: a request that the policy blocks never gets here.
    const foreign: string[] = []
    await page.context().route(
        address => address.origin !== served.origin && address.protocol !== 'data:',
        route => {
            foreign.push(`${route.request().resourceType()} ${route.request().url()}`)
            return route.fulfill({ status: 200, headers: { 'access-control-allow-origin': '*' }, contentType: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg"/>' })
        }
    )
    page.on('dialog', dialog => (foreign.push(`dialog ${dialog.message()}`), dialog.dismiss()))
    await page.goto(`${served.origin}/`)
    await page.evaluate(() => {
        for (const hidden of document.querySelectorAll('[hidden]')) hidden.removeAttribute('hidden')
    })
    for (const path of texts.keys()) {
        await page.locator('#probe').evaluate(
            (link, href) =>
                new Promise(resolve => {
                    link.onload = link.onerror = resolve
                    link.setAttribute('href', href)
                }),
            path
        )
        await page.evaluate(() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve))))
    }
    // Unmodified drawings, as images, which is their only use.
    await page.evaluate(
        paths =>
            Promise.all(
                paths.map(
                    path =>
                        new Promise(resolve => {
                            const picture = new Image(40, 40)
                            picture.onload = picture.onerror = resolve
                            picture.src = path
                            document.body.append(picture)
                        })
                )
            ),
        [...drawings.keys()].filter(path => !/bomb|huge/.test(path))
    )
    await page.evaluate(() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve))))
    expect(asked).toEqual([])
    // Images of messages may come from anywhere over https, so over https the policy allows images,
    // and nothing else.
    expect(foreign.filter(request => !request.startsWith('image https:'))).toEqual([])
    test.info().annotations.push({ type: 'pictures over https', description: [...new Set(foreign)].join(' ') })
    expect(await page.evaluate(() => '__hit' in window)).toBe(false)
    await Promise.all([served.stop(), stranger.stop()])
})

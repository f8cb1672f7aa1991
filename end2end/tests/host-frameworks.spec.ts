// Pages rendered by scripts: what they rebuild, remove and move, and where they hide it.
import { bundle } from '../support/bundle.ts'
import { expect, script, test } from '../support/host.ts'
import { snippet } from '../support/pages.ts'

for (const name of ['react', 'vue']) {
    for (const [way, options] of [['the selector', ''], ['an element', 'element: place']] as const) {
        test(`${name}, which renders the header repeatedly: found by ${way}`, async ({ host }) => {
            const { belfry, id } = host.site
            await host.show({
                body: '<div id=app></div>',
                style: '#count { vertical-align: middle }',
                scripts:
                    script(snippet(belfry.origin, id)) +
                    `<script src="${host.backend.pages.add(await bundle(name), { 'content-type': 'text/javascript' })}"></script>` +
                    `<script type=module>render(place => ${host.init(options)})</script>`
            })
            await host.rests()
            // In development mode a callback is started, stopped and started again; there must be
            // one bell.
            await expect(host.wrapper).toHaveCount(1)
            const frame = await host.iframe.getAttribute('name')
            for (let click = 0; click < 4; click++) await host.page.locator('#count').click()
            await expect(host.page.locator('.clicks-4')).toBeVisible()
            expect(await host.iframe.getAttribute('name'), 'the same bell through four renderings').toBe(frame)
            await host.page.locator('#count').click()
            await expect(host.iframe).not.toHaveAttribute('name', frame ?? '')
            await expect(host.wrapper).toHaveCount(1)
            await host.works()
        })
    }
}

test('Turbo, which replaces the body', async ({ host }) => {
    const { belfry, id } = host.site
    const head =
        `<script src="${host.backend.pages.add(await bundle('@hotwired/turbo'), { 'content-type': 'text/javascript' })}"></script>` +
        script(snippet(belfry.origin, id)) +
        script(host.init())
    const second = host.address({ head, scripts: '', body: '<header><b id=target></b></header><h1>Second</h1>' })
    await host.show({ head, scripts: '', body: `<header><b id=target></b> <a href="${second}">Go on</a></header><h1>First</h1>` })
    await host.rests()
    await host.open()
    await host.page.keyboard.press('Escape')
    await expect(host.panel).toBeHidden()
    await host.page.evaluate(() => Object.assign(window, { same: true }))
    await host.page.getByRole('link', { name: 'Go on' }).click()
    await expect(host.page.getByRole('heading', { name: 'Second' })).toBeVisible()
    await expect(host.wrapper).toHaveCount(1)
    // The messages are seen now, and unread as before.
    await host.works()
    await host.page.goBack()
    await expect(host.page.getByRole('heading', { name: 'First' })).toBeVisible()
    await host.works()
    expect(await host.page.evaluate(() => 'same' in window), 'all of it on one page').toBe(true)
})

test('restored from the browser’s back-forward cache', async ({ host }) => {
    await host.show({ head: script(`addEventListener('pageshow', event => { window.persisted = event.persisted })`) })
    await host.ready()
    await host.works()
    await host.page.goto(host.backend.pages.add('<title>Elsewhere</title><link rel=icon href="data:,">'))
    await host.page.goBack({ waitUntil: 'commit' })
    await host.works()
    expect(await host.page.evaluate(() => (window as unknown as { persisted: boolean }).persisted)).toBe(true)
    await host.ready()
    await host.site.publish('Live again')
    await expect(host.bell).toHaveAccessibleName('Notifications, 4 unread')
})

const shell = (mode: 'open' | 'closed', late = '') => script(`
customElements.define('app-bar', class extends HTMLElement {
    connectedCallback() {
        const root = this.attachShadow({ mode: 'open' })
        root.innerHTML = '<style>:host { display: block; background: #123; color: #fff } div { height: 40px; width: 40px }</style><div id=bell></div>'
        window.place = () => root.querySelector('div')
    }
})
customElements.define('app-shell', class extends HTMLElement {
    connectedCallback() {
        const build = () => {
            const root = this.attachShadow({ mode: '${mode}' })
            root.innerHTML = '<style>#box { height: 60px; overflow: auto } main { height: 900px }</style><div id=box><app-bar></app-bar><main>Shop</main></div>'
            window.root = root
        }
        ${late || 'build()'}
    }
})`)

test.describe('inside shadow roots', () => {
    const body = '<app-shell style="display: block; height: 60px"></app-shell>'
    const options = ['--selector', 'app-shell >>> app-bar >>> #bell']

    test('by a path', async ({ host, belfry, backend }) => {
        const site = await belfry.site([backend.pages.origin], options)
        await host.moves(site)
        await host.expectWorks({ body, head: shell('open') })
        await host.bell.click()
        await expect(host.panel).toBeVisible()
        // It follows the scroll position inside.
        const { y } = await host.still()
        await host.page.evaluate(() => ((window as unknown as { root: ShadowRoot }).root.querySelector('#box')!.scrollTop = 10))
        await expect.poll(async () => (await host.still()).y).toBeCloseTo(y - 10, 0)
        // And stays when the content is rebuilt.
        await host.page.evaluate(() => ((window as unknown as { root: ShadowRoot }).root.querySelector('#box')!.innerHTML = '<app-bar></app-bar>'))
        await expect(host.panel).toBeHidden()
        await host.rests()
        await expect(host.wrapper).toHaveCount(1)
        await host.works()
    })

    test('by a path that is complete only later', async ({ host, belfry, backend }) => {
        const site = await belfry.site([backend.pages.origin], options)
        await host.moves(site)
        await host.show({ body, head: shell('open', 'window.build = build') })
        await expect.poll(() => backend.requests.get(site.id)).toBe(1)
        await host.page.evaluate(() => (window as unknown as { build: () => void }).build())
        await host.rests()
        expect(host.lines).toEqual([])
    })

    for (const mode of ['open', 'closed'] as const) {
        test(`by an element that the page passes, ${mode}`, async ({ host }) => {
            await host.show({ body, head: shell(mode), options: 'element: () => place()' })
            if (mode === 'open') return host.works()
            // In a closed root only the frame itself is accessible.
            await expect.poll(() => host.page.frames().length).toBe(2)
            const frame = host.page.frames()[1]
            await frame?.locator('#bell').click()
            await expect(frame!.locator('#panel')).toBeVisible()
            await expect(frame!.locator('.item')).toHaveCount(3)
            await host.page.keyboard.press('Escape')
            await expect(frame!.locator('#panel')).toBeHidden()
            await host.quiet()
        })
    }
})

test('two sites on one page', async ({ host, belfry, backend }) => {
    const second = await belfry.site([backend.pages.origin], ['--selector', '#second'])
    backend.serve(second)
    await second.contact('anna')
    await second.publish('From the second')
    const { site } = host
    const init = (id: string) => `eS('init', { site: '${id}', language: 'en', getAuthTokenCallback: () => fetch('${backend.origin}/${id}/anna').then(answer => answer.text()) });`
    await host.show({
        style: '#second { display: inline-block; width: 40px; height: 40px; vertical-align: middle }',
        body: '<header><b id=target></b> <b id=second></b></header>',
        head: script(`window.heard = []; addEventListener('belfry:unread', ({ detail }) => heard.push(detail.site + ' ' + detail.unread))`),
        scripts: [site, second].map(({ id }) => script(snippet(belfry.origin, id)) + script(init(id))).join('')
    })
    const bells = ['#target', '#second'].map(place => host.page.frameLocator(`${place} iframe`))
    await expect(bells[0]!.locator('#bell')).toHaveAccessibleName('Notifications, 3 unread')
    await expect(bells[1]!.locator('#bell')).toHaveAccessibleName('Notifications, 1 unread')
    await expect.poll(() => host.page.evaluate(() => (window as unknown as { heard: string[] }).heard.toSorted())).toEqual([`${site.id} 3`, `${second.id} 1`].toSorted())
    await host.run('open', second.id)
    await expect(bells[1]!.getByText('From the second')).toBeVisible()
    await expect(bells[0]!.locator('#panel')).toBeHidden()
    await host.picture('open')
    // Opening one closes the other.
    await host.run('open', site.id)
    await expect(bells[0]!.locator('#panel')).toBeVisible()
    await expect(bells[1]!.locator('#panel')).toBeHidden()
    await host.run('close')
    for (const bell of bells) await expect(bell.locator('#panel')).toBeHidden()
    await host.run('logout', second.id)
    await expect(host.wrapper).toHaveCount(1)
    await host.works()
    await host.run('logout')
    await expect(host.wrapper).toHaveCount(0)
})

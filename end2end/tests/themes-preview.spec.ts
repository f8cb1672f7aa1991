// The gallery, on which a theme is previewed before readers see it, and the preview on the site's
// own page.
import type { Frame, Page, Request } from '@playwright/test'
import { expect, test, ReaderPage } from '../support/fixtures.ts'
import { pseudoStyle, draft, files, customProperty, preview, publish, type Preview } from '../support/theme.ts'
import type { Site } from '../support/belfry.ts'

const red = '#c81e3c'
const bell = (colour: string) => `<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24"><rect x="2" y="2" width="20" height="20" fill="${colour}"/></svg>`

const ready = async (site: Site): Promise<Preview> => preview(site, (await draft(site, files('midnight'))).version)

/** The gallery, and all errors while it loaded. */
const look = async (page: Page, site: Site, url: string) => {
    const trouble: string[] = []
    // The frames' sandbox blocks the test's own scripts; the documents in them have none.
    page.on('console', message => /error|warning/.test(message.type()) && !/^Blocked script execution in/.test(message.text()) && trouble.push(message.text()))
    page.on('pageerror', error => trouble.push(String(error)))
    page.on('request', request => !request.url().startsWith(`${site.belfry.origin}/`) && !request.url().startsWith('data:') && trouble.push(request.url()))
    page.on('response', response => response.status() >= 400 && !response.url().endsWith('/favicon.ico') && trouble.push(`${response.status()} ${response.url()}`))
    await page.goto(url)
    return trouble
}

const frame = (page: Page, title: string) => page.frameLocator(`iframe[title="${title}"]`)
const pick = async (page: Page, group: string, name: string) => {
    await page.getByRole('group', { name: group, exact: true }).getByRole('link', { name, exact: true }).click()
    await expect(page.getByRole('group', { name: group, exact: true }).getByRole('link', { name, exact: true })).toHaveAttribute('aria-current', 'true')
}
const everyFrame = async (page: Page): Promise<Frame[]> => {
    await page.waitForLoadState('load')
    return page.frames().filter(frame => frame !== page.mainFrame())
}

const tour = async (page: Page) => {
    const titles = () => page.locator('iframe').evaluateAll(frames => frames.map(frame => (frame as HTMLIFrameElement).title))
    expect(await titles()).toEqual([
        ...['light', 'dark'].flatMap(scheme => ['nothing new', 'three', 'many'].map(name => `Bell, ${name}, on a ${scheme} page`)),
        ...['desktop', 'phone'].flatMap(width => ['light', 'dark'].map(scheme => `Panel, ${width}, on a ${scheme} page`))
    ])
    const panel = frame(page, 'Panel, desktop, on a light page')
    await expect(panel.locator('.panel')).toBeVisible()
    await expect(panel.locator('.item')).not.toHaveCount(0)
    const count = await panel.locator('.item').count()
    const unread = await panel.locator('.item.unread').count()
    expect(unread).toBeGreaterThan(0)
    expect(unread).toBeLessThan(count)
    await expect(panel.locator('.picture').first()).toBeVisible()
    for (const name of ['desktop', 'phone']) {
        const inside = frame(page, `Panel, ${name}, on a dark page`)
        expect((await inside.locator('.panel').boundingBox())?.width).toBe(name === 'phone' ? 360 : 400)
        await expect(inside.locator('html')).toHaveAttribute('data-scheme', 'dark')
    }
    await expect(frame(page, 'Bell, nothing new, on a light page').locator('.badge')).toHaveCSS('opacity', '0')
    await expect(frame(page, 'Bell, three, on a light page').locator('.badge')).toHaveText('3')
    await expect(frame(page, 'Bell, many, on a light page').locator('.badge')).toHaveText('99+')

    await pick(page, 'Count', '0')
    await expect(panel.locator('.item')).toHaveCount(0)
    await expect(panel.locator('#empty')).toBeVisible()
    await pick(page, 'Count', '99+')
    await expect(panel.locator('.badge')).toHaveText('99+')
    await pick(page, 'Count', '3')
    await pick(page, 'Messages', 'Read')
    await expect(panel.locator('.item')).toHaveCount(count)
    await expect(panel.locator('.item.unread')).toHaveCount(0)
    await pick(page, 'Messages', 'Unread')
    await expect(panel.locator('.item.unread')).toHaveCount(count)
    const letters = () => panel.locator('#list').evaluate(list => list.textContent?.length ?? 0)
    const usual = await letters()
    await pick(page, 'Text', 'Long')
    await expect(panel.locator('.item').first()).toBeVisible()
    expect(await letters()).toBeGreaterThan(usual * 1.5)
    await pick(page, 'Pictures', 'Without')
    await expect(panel.locator('.item').first()).toBeVisible()
    await expect(panel.locator('.picture')).toHaveCount(0)
    await pick(page, 'Direction', 'Right to left')
    await expect(panel.locator('html')).toHaveAttribute('dir', 'rtl')
    await pick(page, 'Page', 'Dark')
    expect((await titles()).filter(title => title.includes('light'))).toEqual([])
    await pick(page, 'Width', 'Phone')
    expect((await titles()).filter(title => title.includes('desktop'))).toEqual([])
    // All earlier choices still apply.
    const phone = frame(page, 'Panel, phone, on a dark page')
    await expect(phone.locator('html[dir=rtl]')).toBeAttached()
    await expect(phone.locator('.picture')).toHaveCount(0)
    await expect(phone.locator('link[href^="/t/"]')).toHaveCount(1)
    await pick(page, 'Look', 'Standard')
    await expect(phone.locator('.panel')).toBeVisible()
    await expect(phone.locator('link[href^="/t/"]')).toHaveCount(0)
}

test('displays the theme in every state, and causes no third-party requests', async ({ page, site }) => {
    test.setTimeout(60_000)
    const { url } = await ready(site)
    const trouble = await look(page, site, url)
    await tour(page)
    expect(trouble).toEqual([])
})

test.describe('without JavaScript', () => {
    test.use({ javaScriptEnabled: false })

    test('the same', async ({ page, site }) => {
        test.setTimeout(60_000)
        const { url } = await ready(site)
        const trouble = await look(page, site, url)
        await tour(page)
        expect(trouble).toEqual([])
    })
})

test('none of its frames has a script', async ({ site }) => {
    const { url } = await ready(site)
    for (const address of [url, url.replace('/preview?', '/preview/widget?')]) expect(await (await fetch(address)).text()).not.toMatch(/<script|\son\w+=|javascript:/i)
})

test('clicks inside it have no effect', async ({ page, site, context }) => {
    const { url } = await ready(site)
    await page.goto(url)
    const requests: string[] = []
    const panel = frame(page, 'Panel, desktop, on a light page')
    await expect(panel.locator('.item').first()).toBeVisible()
    await everyFrame(page)
    context.on('request', request => requests.push(request.url()))
    await panel.getByRole('button', { name: 'Mark all as read' }).click()
    await panel.locator('.item .title a').first().click()
    await panel.locator('.item').first().hover()
    await panel.locator('.item').first().getByRole('button', { name: 'Archive' }).click()
    // One more round trip, after everything that could have started.
    await page.evaluate(() => new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve))))
    expect(requests.filter(address => !address.includes('/preview/pictures/'))).toEqual([])
    expect(page.url()).toBe(url)
    expect(context.pages()).toHaveLength(1)
})

test('an invalid or expired link, or one of another site, says so', async ({ page, site, belfry, backend }) => {
    const { url } = await ready(site)
    const other = await belfry.site([backend.pages.origin])
    const { version } = await draft(site, { css: '.dot { display: none }' })
    for (const address of [url.slice(0, -4) + 'aaaa', url.replace(/\?.*/, ''), url.replace(site.id, other.id), url.replace('preview?', 'preview/widget?').slice(0, -4) + 'aaaa']) {
        const answer = await page.goto(address)
        expect(answer?.status(), address).toBe(404)
        await expect(page.getByRole('alert')).toContainText('This link shows nothing any more')
    }
    const kept = await preview(site, version)
    expect((await page.goto(kept.url))?.status()).toBe(200)
    await publish(site, files('paper'))
    await publish(site, files('quiet'))
    await site.call('DELETE', `/themes/${version}`).catch(() => undefined)
    expect([200, 404]).toContain((await page.goto(kept.url))?.status())
})

test('no other page may embed it', async ({ page, site, backend }) => {
    const { url } = await ready(site)
    for (const address of [url, url.replace('/preview?', '/preview/widget?')]) {
        await page.goto(backend.pages.add(`<!doctype html><iframe src="${address}"></iframe>`))
        await expect.poll(() => page.frames().some(frame => frame.url().startsWith('chrome-error:'))).toBe(true)
    }
})

test('on the site’s own page only the link’s holder sees it, and its secret is not disclosed', async ({ readerPage, site, backend, context, browser }) => {
    await site.fill(1)
    const inForce = await publish(site, { bell: bell('#283cc8') })
    const { version } = await draft(site, { bell: bell(red), css: `:root { --belfry-accent: ${red} }` })
    const { url, sites } = await preview(site, version)
    const secret = new URL(url).searchParams.get('link') ?? 'none'
    expect(sites).toEqual([`${backend.pages.origin}/#belfry-preview=${secret}`])

    const requests: Request[] = []
    context.on('request', request => requests.push(request))
    const home = readerPage.write()
    await readerPage.page.goto(home + new URL(sites[0] ?? '').hash)
    await readerPage.ready()
    expect(await pseudoStyle(readerPage.bell, 'background-image')).toContain(encodeURIComponent(red))
    await readerPage.open()
    expect(await customProperty(readerPage.frame.locator('body'), '--belfry-accent')).toBe(red)
    await readerPage.page.keyboard.press('Escape')

    const other = new ReaderPage(await (await browser.newContext()).newPage(), site, backend)
    await other.page.goto(home)
    await other.ready()
    expect(await pseudoStyle(other.bell, 'background-image')).toContain('%23283cc8')
    expect(await other.frame.locator('link[href^="/t/"]').getAttribute('href')).toBe(inForce.stylesheet)

    // Another theme is published meanwhile; the link's holder still sees the draft.
    await publish(site, { bell: bell('#1ea03c') })
    await expect.poll(() => pseudoStyle(other.bell, 'background-image')).toContain('%231ea03c')
    await site.publish('After')
    await expect(readerPage.bell).toHaveAccessibleName('Notifications, 2 unread')
    expect(await pseudoStyle(readerPage.bell, 'background-image')).toContain(encodeURIComponent(red))
    await other.page.context().close()

    const told = await Promise.all(
        requests.map(async request => {
            const toShop = !request.url().startsWith(site.belfry.origin)
            const headers = await request.allHeaders()
            const places = { address: request.url().replace(/#.*/, ''), referrer: headers.referer ?? '', body: toShop ? (request.postData() ?? '') : '' }
            return Object.entries(places).filter(([, text]) => text.includes(secret)).map(([place]) => `${place} of ${request.url()}`)
        })
    )
    expect(told.flat()).toEqual([])
    expect(requests.some(request => request.method() === 'POST' && request.postData()?.includes(secret))).toBe(true)
})

test('the gallery’s own link to the site sends no referrer', async ({ page, site, context, backend }) => {
    const { url } = await ready(site)
    const secret = new URL(url).searchParams.get('link') ?? 'none'
    await context.route(`${backend.pages.origin}/`, route => route.fulfill({ contentType: 'text/html', body: '<!doctype html><link rel=icon href="data:,">Shop' }))
    await page.goto(url)
    const asked = context.waitForEvent('request', request => request.url().startsWith(backend.pages.origin))
    const opened = context.waitForEvent('page')
    await page.getByRole('navigation', { name: 'See it on the site' }).getByRole('link').click()
    const request = await asked
    expect((await request.allHeaders()).referer).toBeUndefined()
    const there = await opened
    await there.waitForURL(address => address.hash === `#belfry-preview=${secret}`)
    expect(await there.evaluate(() => [document.referrer, window.opener])).toEqual(['', null])
})

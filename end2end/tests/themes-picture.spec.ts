// The screenshot of the built-in themes for the README.
import { writeFileSync } from 'node:fs'
import type { Browser } from '@playwright/test'
import { toSmallPng } from '../support/picture.ts'
import { expect, test, ReaderPage, type Backend } from '../support/fixtures.ts'
import { files, animationsEnd, builtin, publish } from '../support/theme.ts'
import type { Site } from '../support/belfry.ts'

const link = 'https://shop.example/'
const drawn = {
    lamp: '<rect width="56" height="56" fill="#dfe8f7"/><path d="M20 12h16l7 18H13z" fill="#e8a33d"/><path d="M27 30h2v14h-2z" fill="#39424f"/><path d="M19 44h18v3H19z" fill="#39424f"/>',
    cup: '<rect width="56" height="56" fill="#2b3a45"/><path d="M14 22h24v12a10 10 0 0 1-10 10h-4a10 10 0 0 1-10-10z" fill="#f2c14e"/><path d="M38 25h4a5 5 0 0 1 0 10h-4" fill="none" stroke="#f2c14e" stroke-width="3"/>',
    throw: '<rect width="56" height="56" fill="#f5e9dc"/><path d="M13 16h30v24q-4 4-8 0t-8 0-8 0-6 0z" fill="#5f8b7a"/><path d="M13 22h30M13 29h30M13 36h30" stroke="#4a7162" stroke-width="2"/>'
}

const messages = (backend: Backend) => {
    const image = (name: keyof typeof drawn) =>
        backend.pages.add(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 56 56" width="112" height="112">${drawn[name]}</svg>`, { 'content-type': 'image/svg+xml', 'cross-origin-resource-policy': 'cross-origin' })
    return [
        { category: 'News', title: 'We are open on Saturdays', body: 'From 10 to 16, with coffee.', image: image('cup') },
        { category: 'Offers', title: '20 % off linen', body: 'Throws and curtains, until Sunday.', image: image('throw') },
        { category: 'Orders', title: 'Order 1042 is on its way', body: 'Your **Halo lamp** comes *tomorrow* between 9 and 12.', image: image('lamp'), actions: [{ label: 'Track it', link }, { label: 'Change the day', link }] }
    ]
}

/** The bell and the open panel of one theme, as on a page. */
const portrait = async (browser: Browser, site: Site, backend: Backend, name: (typeof builtin)[number], colorScheme: 'light' | 'dark') => {
    await site.contact('anna')
    await publish(site, files(name))
    for (const { category, title, ...text } of messages(backend)) await site.publish(title, { link, ...text }, { category } as object)
    const context = await browser.newContext({ colorScheme, viewport: { width: 484, height: 590 } })
    const readerPage = new ReaderPage(await context.newPage(), site, backend)
    const ground = colorScheme === 'light' ? '#eef0f3' : '#14161a'
    const ink = colorScheme === 'light' ? '#303640' : '#d5d9e0'
    await readerPage.arrive({
        head: `<style nonce=page>body { margin: 0; background: ${ground}; color: ${ink} } header { display: flex; align-items: center; justify-content: space-between !important; height: 40px; padding: 12px 32px 0; font: 600 17px system-ui } h1 { display: none }</style>`,
        body: `<header id=target><span>${name[0]?.toUpperCase()}${name.slice(1)}</span></header>`
    })
    // Combines states that never occur at once: the count stays, and one message is read.
    await readerPage.open()
    await readerPage.item('We are open on Saturdays').hover()
    await readerPage.clickTool('We are open on Saturdays', 'Mark as read')
    await readerPage.page.keyboard.press('Escape')
    await expect(readerPage.panel).toBeHidden()
    await readerPage.page.reload()
    await readerPage.ready()
    await readerPage.open()
    await readerPage.frame.locator('#panel-title').hover()
    await readerPage.frame.locator('.badge').evaluate(badge => {
        badge.textContent = '2'
        badge.classList.remove('none')
        document.documentElement.dataset.unseen = '2'
    })
    const drawn = () =>
        readerPage.frame.locator('.picture').evaluateAll((pictures: HTMLImageElement[]) => {
            const shown = pictures.filter(picture => picture.getClientRects().length)
            for (const picture of shown) picture.loading = 'eager'
            return shown.every(picture => picture.complete && picture.naturalWidth)
        })
    await expect.poll(drawn).toBe(true)
    await animationsEnd(readerPage)
    const shot = await readerPage.page.screenshot({ animations: 'disabled' })
    await context.close()
    return shot.toString('base64')
}

test('the screenshot of the themes', async ({ page, browser, belfry, backend }) => {
    test.skip(!process.env.BELFRY_PICTURE, 'only when it is asked for, with BELFRY_PICTURE=1')
    test.setTimeout(240_000)
    const shots: string[] = []
    for (const [index, name] of builtin.entries()) {
        const site = await belfry.site([backend.pages.origin])
        backend.serve(site)
        shots.push(await portrait(browser, site, backend, name, index % 2 ? 'dark' : 'light'))
    }
    await page.setViewportSize({ width: 1524, height: 1236 })
    await page.setContent(`<!doctype html><style>
        body { margin: 0; background: #fff; display: grid; grid-template-columns: repeat(3, 484px); gap: 20px; padding: 16px; justify-content: center }
        img { display: block; width: 484px; height: 590px; border-radius: 16px; box-shadow: 0 0 0 1px #0000001a }
    </style>${shots.map(shot => `<img src="data:image/png;base64,${shot}">`).join('')}`)
    await page.evaluate(() => Promise.all([...document.images].map(image => image.decode())))
    const whole = await page.screenshot()
    if (process.env.BELFRY_PICTURE !== '1') writeFileSync(process.env.BELFRY_PICTURE ?? '', whole)
    const shrunk = await toSmallPng(await page.context().newPage(), whole)
    expect(shrunk.length).toBeLessThanOrEqual(180_000)
    writeFileSync('../public/themes.png', shrunk)
})

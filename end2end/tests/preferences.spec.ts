// Preferences inside the inbox, without changing the browser's history.
import { browse } from '../support/browse.ts'
import { expect, test, ReaderPage } from '../support/fixtures.ts'

const categories = [
    { name: 'news', labels: { en: 'News' }, mutable: true },
    { name: 'tips', labels: { en: 'Tips' }, mutable: true }
]

test.beforeEach(async ({ site }) => {
    await site.call('PUT', '/site/settings', { categories })
    for (const [title, category] of [['A lamp', 'news'], ['How to', 'tips'], ['Your order', 'orders']] as const) await site.publish(title, {}, { category })
})

const button = (readerPage: ReaderPage) => readerPage.frame.getByRole('button', { name: 'What to show' })

test('preferences open in the panel, persist, and add nothing to the history', async ({ readerPage, site, backend }) => {
    await site.fill(25)
    await site.publish('Another lamp', {}, { category: 'news' })
    await readerPage.page.goto(backend.pages.add('<title>A</title><link rel=icon href="data:,">'))
    const length = () => readerPage.page.evaluate(() => history.length)
    await readerPage.arrive()
    const before = await length()
    await readerPage.open()
    await readerPage.selectFilter('Unread')
    await readerPage.selectFilter('All')
    await readerPage.older.dispatchEvent('click')
    await expect(readerPage.items).toHaveCount(29)
    await button(readerPage).click()
    const news = readerPage.frame.getByRole('checkbox', { name: 'News' })
    await expect(news).toBeFocused()
    await expect(readerPage.panel).toHaveAccessibleName(await readerPage.frame.locator('#preferences-title').innerText())
    await expect(readerPage.items.first()).toBeHidden()
    await news.uncheck()
    await readerPage.frame.getByRole('button', { name: 'Save' }).click()
    await expect(readerPage.items).toHaveCount(20)
    await expect(readerPage.item('Another lamp')).toHaveCount(0)
    await expect(button(readerPage)).toBeFocused()
    await expect(readerPage.panel).toHaveAccessibleName('Notifications')
    await readerPage.expectUnread(27)
    // Later events still arrive.
    await site.publish('Live')
    await expect(readerPage.item('Live')).toBeVisible()
    await button(readerPage).click()
    await expect(news).not.toBeChecked()
    await readerPage.page.keyboard.press('Escape')
    await expect(readerPage.panel).toBeHidden()
    await readerPage.open()
    await expect(readerPage.item('Live')).toBeVisible()
    await expect(news).toHaveCount(0)
    expect(await length()).toBe(before)
    await readerPage.page.goBack({ waitUntil: 'commit' })
    await expect(readerPage.page).toHaveTitle('A')
})

test('works with cookies blocked', async ({ site, backend, launchOptions }) => {
    const blocked = { [`${new URL(site.belfry.origin).host},*`]: { setting: 2 } }
    await browse(launchOptions, { profile: { content_settings: { exceptions: { cookies: blocked } } } }, async context => {
        const readerPage = new ReaderPage(await context.newPage(), site, backend)
        await readerPage.arrive()
        await readerPage.open()
        await button(readerPage).click()
        await readerPage.frame.getByRole('checkbox', { name: 'Tips' }).uncheck()
        await readerPage.frame.getByRole('button', { name: 'Save' }).click()
        await expect(readerPage.item('A lamp')).toBeVisible()
        await expect(readerPage.item('How to')).toHaveCount(0)
    })
})

test('an expired session leaves no form: a page says so, or the bell disappears', async ({ readerPage, site, belfry }) => {
    await readerPage.arrive()
    await readerPage.open()
    const [key] = await belfry.command<{ key_id: string }[]>('key', 'list', site.id)
    await belfry.command('key', 'revoke', site.id, key?.key_id ?? '')
    await button(readerPage).click()
    // Whichever comes first, the response to the form or the end of the stream, after which the
    // page has no token.
    const said = readerPage.frame.locator('.fault, html[data-fault]')
    const bell = readerPage.page.locator('belfry-bell > iframe')
    await expect.poll(async () => (await bell.count()) === 0 || (await said.count()) > 0).toBe(true)
    await expect(readerPage.frame.getByRole('checkbox')).toHaveCount(0)
})

test('without WebAssembly it is a page, and Back leads to no error', async ({ readerPage, context, backend }) => {
    await context.route('**/*.wasm', route => route.abort())
    await readerPage.page.goto(backend.pages.add('<title>A</title><link rel=icon href="data:,">'))
    await readerPage.go()
    await readerPage.open()
    await expect(readerPage.frame.locator('html[data-asleep]')).toBeAttached()
    await readerPage.filter('Unread').click()
    await expect(readerPage.filter('Unread')).toHaveAttribute('aria-current', 'true')
    await button(readerPage).click()
    await readerPage.frame.getByRole('checkbox', { name: 'News' }).uncheck()
    await readerPage.frame.getByRole('button', { name: 'Save' }).click()
    await expect(readerPage.item('How to')).toBeAttached()
    await expect(readerPage.item('A lamp')).toHaveCount(0)
    for (let back = 0; back < 6 && (await readerPage.page.title()) !== 'A'; back++) {
        const gone = readerPage.page.waitForEvent('framenavigated')
        await readerPage.page.evaluate(() => history.back())
        await gone
        if ((await readerPage.page.title()) !== 'A') await expect(readerPage.panel).toBeAttached()
    }
    await expect(readerPage.page).toHaveTitle('A')
})

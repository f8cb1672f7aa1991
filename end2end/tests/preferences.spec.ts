// Preferences inside the inbox, without changing the browser's history.
import { browse } from '../support/browse.ts'
import { expect, test, Visit } from '../support/real.ts'

const categories = [
    { name: 'news', labels: { en: 'News' }, mutable: true },
    { name: 'tips', labels: { en: 'Tips' }, mutable: true }
]

test.beforeEach(async ({ site }) => {
    await site.call('PUT', '/site/settings', { categories })
    for (const [title, category] of [['A lamp', 'news'], ['How to', 'tips'], ['Your order', 'orders']] as const) await site.publish(title, {}, { category })
})

const button = (visit: Visit) => visit.frame.getByRole('button', { name: 'What to show' })

test('preferences open in the panel, persist, and add nothing to the history', async ({ visit, site, backend }) => {
    await site.fill(25)
    await site.publish('Another lamp', {}, { category: 'news' })
    await visit.page.goto(backend.pages.add('<title>A</title><link rel=icon href="data:,">'))
    const length = () => visit.page.evaluate(() => history.length)
    await visit.arrive()
    const before = await length()
    await visit.open()
    await visit.choose('Unread')
    await visit.choose('All')
    await visit.older.dispatchEvent('click')
    await expect(visit.items).toHaveCount(29)
    await button(visit).click()
    const news = visit.frame.getByRole('checkbox', { name: 'News' })
    await expect(news).toBeFocused()
    await expect(visit.panel).toHaveAccessibleName(await visit.frame.locator('#preferences-title').innerText())
    await expect(visit.items.first()).toBeHidden()
    await news.uncheck()
    await visit.frame.getByRole('button', { name: 'Save' }).click()
    await expect(visit.items).toHaveCount(20)
    await expect(visit.item('Another lamp')).toHaveCount(0)
    await expect(button(visit)).toBeFocused()
    await expect(visit.panel).toHaveAccessibleName('Notifications')
    await visit.counts(27)
    // Later events still arrive.
    await site.publish('Live')
    await expect(visit.item('Live')).toBeVisible()
    await button(visit).click()
    await expect(news).not.toBeChecked()
    await visit.page.keyboard.press('Escape')
    await expect(visit.panel).toBeHidden()
    await visit.open()
    await expect(visit.item('Live')).toBeVisible()
    await expect(news).toHaveCount(0)
    expect(await length()).toBe(before)
    await visit.page.goBack({ waitUntil: 'commit' })
    await expect(visit.page).toHaveTitle('A')
})

test('works with cookies blocked', async ({ site, backend, launchOptions }) => {
    const blocked = { [`${new URL(site.belfry.origin).host},*`]: { setting: 2 } }
    await browse(launchOptions, { profile: { content_settings: { exceptions: { cookies: blocked } } } }, async context => {
        const visit = new Visit(await context.newPage(), site, backend)
        await visit.arrive()
        await visit.open()
        await button(visit).click()
        await visit.frame.getByRole('checkbox', { name: 'Tips' }).uncheck()
        await visit.frame.getByRole('button', { name: 'Save' }).click()
        await expect(visit.item('A lamp')).toBeVisible()
        await expect(visit.item('How to')).toHaveCount(0)
    })
})

test('an expired session leaves no form: a page says so, or the bell disappears', async ({ visit, site, belfry }) => {
    await visit.arrive()
    await visit.open()
    const [key] = await belfry.command<{ key_id: string }[]>('key', 'list', site.id)
    await belfry.command('key', 'revoke', site.id, key?.key_id ?? '')
    await button(visit).click()
    // Whichever comes first, the response to the form or the end of the stream, after which the
    // page has no token.
    const said = visit.frame.locator('.fault, html[data-fault]')
    const bell = visit.page.locator('belfry-bell > iframe')
    await expect.poll(async () => (await bell.count()) === 0 || (await said.count()) > 0).toBe(true)
    await expect(visit.frame.getByRole('checkbox')).toHaveCount(0)
})

test('without WebAssembly it is a page, and Back leads to no error', async ({ visit, context, backend }) => {
    await context.route('**/*.wasm', route => route.abort())
    await visit.page.goto(backend.pages.add('<title>A</title><link rel=icon href="data:,">'))
    await visit.go()
    await visit.open()
    await expect(visit.frame.locator('html[data-asleep]')).toBeAttached()
    await visit.filter('Unread').click()
    await expect(visit.filter('Unread')).toHaveAttribute('aria-current', 'true')
    await button(visit).click()
    await visit.frame.getByRole('checkbox', { name: 'News' }).uncheck()
    await visit.frame.getByRole('button', { name: 'Save' }).click()
    await expect(visit.item('How to')).toBeAttached()
    await expect(visit.item('A lamp')).toHaveCount(0)
    for (let back = 0; back < 6 && (await visit.page.title()) !== 'A'; back++) {
        const gone = visit.page.waitForEvent('framenavigated')
        await visit.page.evaluate(() => history.back())
        await gone
        if ((await visit.page.title()) !== 'A') await expect(visit.panel).toBeAttached()
    }
    await expect(visit.page).toHaveTitle('A')
})

// Caching: from its second page on, the document references the style and the script that the
// browser has.
import type { Response } from '@playwright/test'
import { expect, test, type ReaderPage } from '../support/fixtures.ts'

/** The inbox's document on the next page. */
const next = async (readerPage: ReaderPage): Promise<Response> => {
    const answered = readerPage.page.waitForResponse(response => response.request().method() === 'POST' && /\/embed\/[^/]+$/.test(response.url()))
    await readerPage.page.reload()
    const response = await answered
    await response.finished()
    return response
}

/** The browser has cached both files, and reports it. */
const cached = async (readerPage: ReaderPage) => {
    const origin = readerPage.site.belfry.origin
    await expect.poll(async () => (await readerPage.page.context().cookies(origin)).map(({ name, httpOnly, secure, sameSite }) => [name, httpOnly, secure, sameSite])).toContainEqual(['__Host-belfry-cached', true, true, 'None'])
}

const looks = (readerPage: ReaderPage) => readerPage.frame.locator('#bell').evaluate(bell => [getComputedStyle(bell).width, getComputedStyle(bell).position])

test('the next page’s document contains neither style nor script, looks the same and is small', async ({ readerPage, site }) => {
    for (let number = 1; number <= 20; number++) await site.publish(`Your order has shipped (${number})`, { body: 'It left our workshop this morning and should be with you by Friday.' })
    await readerPage.arrive()
    const look = await looks(readerPage)
    await cached(readerPage)
    const response = await next(readerPage)
    const html = await response.text()
    expect(html).not.toContain('@layer guard')
    expect(html).not.toContain('belfry:hello')
    expect(html).not.toMatch(/data-bearer="?[^" ]/)
    const { responseBodySize, responseHeadersSize } = await response.request().sizes()
    expect(responseBodySize + responseHeadersSize).toBeLessThanOrEqual(5_500)
    await expect(readerPage.badge).toHaveText('20')
    await readerPage.ready()
    expect(await looks(readerPage)).toEqual(look)
    await readerPage.open()
    await expect(readerPage.items).toHaveCount(20)
    await readerPage.item('Your order has shipped \\(20\\)').click()
    await site.publish('Live')
    await expect(readerPage.item('Live')).toBeVisible()
})

test('a browser that has lost the files loads them, and displays nothing without its style', async ({ readerPage, site, context }) => {
    await site.fill(3)
    await readerPage.arrive()
    const look = await looks(readerPage)
    await cached(readerPage)
    const session = await context.newCDPSession(readerPage.page)
    await session.send('Network.clearBrowserCache')
    const html = await (await next(readerPage)).text()
    expect(html).not.toContain('@layer guard')
    await expect(readerPage.badge).toHaveText('3')
    expect(await looks(readerPage)).toEqual(look)
    await readerPage.open()
    await expect(readerPage.items).toHaveCount(3)
})

test('the next reader on the same computer sees nothing of the previous one', async ({ readerPage, site }) => {
    await site.contact('bob')
    await site.publish('A secret of Anna’s', {}, { audience: { contact: { externalCustomerId: 'anna' } } })
    await site.publish('A word to Bob', {}, { audience: { contact: { externalCustomerId: 'bob' } } })
    await readerPage.arrive()
    await readerPage.open()
    await expect(readerPage.item('A secret of Anna’s')).toBeVisible()
    await cached(readerPage)
    await readerPage.page.addInitScript(() => Object.defineProperty(window, 'reader', { get: () => 'bob', set: () => {} }))
    const html = await (await next(readerPage)).text()
    expect(html).not.toContain('Anna’s')
    expect(html).toContain('A word to Bob')
    await expect(readerPage.titles).toHaveCount(1)
    await readerPage.open()
    expect(await readerPage.list()).toEqual(['*A word to Bob'])
})

test('without WebAssembly the next page works as well', async ({ readerPage, site, context }) => {
    await site.fill(3)
    await readerPage.arrive()
    await cached(readerPage)
    await context.route('**/*.wasm', route => route.abort())
    await next(readerPage)
    await expect(readerPage.badge).toHaveText('3')
    await readerPage.open()
    await expect(readerPage.frame.locator('html[data-asleep]')).toBeAttached()
    await readerPage.selectFilter('Unread').catch(() => {})
    await expect(readerPage.items).toHaveCount(3)
})

// Caching: from its second page on, the document references the style and the script that the
// browser has.
import type { Response } from '@playwright/test'
import { expect, test, type Visit } from '../support/real.ts'

/** The inbox's document on the next page. */
const next = async (visit: Visit): Promise<Response> => {
    const answered = visit.page.waitForResponse(response => response.request().method() === 'POST' && /\/embed\/[^/]+$/.test(response.url()))
    await visit.page.reload()
    const response = await answered
    await response.finished()
    return response
}

/** The browser has cached both files, and reports it. */
const cached = async (visit: Visit) => {
    const origin = visit.site.belfry.origin
    await expect.poll(async () => (await visit.page.context().cookies(origin)).map(({ name, httpOnly, secure, sameSite }) => [name, httpOnly, secure, sameSite])).toContainEqual(['__Host-belfry-cached', true, true, 'None'])
}

const looks = (visit: Visit) => visit.frame.locator('#bell').evaluate(bell => [getComputedStyle(bell).width, getComputedStyle(bell).position])

test('the next page’s document contains neither style nor script, looks the same and is small', async ({ visit, site }) => {
    for (let number = 1; number <= 20; number++) await site.publish(`Your order has shipped (${number})`, { body: 'It left our workshop this morning and should be with you by Friday.' })
    await visit.arrive()
    const look = await looks(visit)
    await cached(visit)
    const response = await next(visit)
    const html = await response.text()
    expect(html).not.toContain('@layer guard')
    expect(html).not.toContain('belfry:hello')
    expect(html).not.toMatch(/data-bearer="?[^" ]/)
    const { responseBodySize, responseHeadersSize } = await response.request().sizes()
    expect(responseBodySize + responseHeadersSize).toBeLessThanOrEqual(5_500)
    await expect(visit.badge).toHaveText('20')
    await visit.awake()
    expect(await looks(visit)).toEqual(look)
    await visit.open()
    await expect(visit.items).toHaveCount(20)
    await visit.item('Your order has shipped \\(20\\)').click()
    await site.publish('Live')
    await expect(visit.item('Live')).toBeVisible()
})

test('a browser that has lost the files loads them, and displays nothing without its style', async ({ visit, site, context }) => {
    await site.fill(3)
    await visit.arrive()
    const look = await looks(visit)
    await cached(visit)
    const session = await context.newCDPSession(visit.page)
    await session.send('Network.clearBrowserCache')
    const html = await (await next(visit)).text()
    expect(html).not.toContain('@layer guard')
    await expect(visit.badge).toHaveText('3')
    expect(await looks(visit)).toEqual(look)
    await visit.open()
    await expect(visit.items).toHaveCount(3)
})

test('the next reader on the same computer sees nothing of the previous one', async ({ visit, site }) => {
    await site.contact('bob')
    await site.publish('A secret of Anna’s', {}, { audience: { contact: { externalCustomerId: 'anna' } } })
    await site.publish('A word to Bob', {}, { audience: { contact: { externalCustomerId: 'bob' } } })
    await visit.arrive()
    await visit.open()
    await expect(visit.item('A secret of Anna’s')).toBeVisible()
    await cached(visit)
    await visit.page.addInitScript(() => Object.defineProperty(window, 'reader', { get: () => 'bob', set: () => {} }))
    const html = await (await next(visit)).text()
    expect(html).not.toContain('Anna’s')
    expect(html).toContain('A word to Bob')
    await expect(visit.titles).toHaveCount(1)
    await visit.open()
    expect(await visit.list()).toEqual(['*A word to Bob'])
})

test('without WebAssembly the next page works as well', async ({ visit, site, context }) => {
    await site.fill(3)
    await visit.arrive()
    await cached(visit)
    await context.route('**/*.wasm', route => route.abort())
    await next(visit)
    await expect(visit.badge).toHaveText('3')
    await visit.open()
    await expect(visit.frame.locator('html[data-asleep]')).toBeAttached()
    await visit.choose('Unread').catch(() => {})
    await expect(visit.items).toHaveCount(3)
})

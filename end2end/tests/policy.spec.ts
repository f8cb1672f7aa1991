// Pages with strict policies, and pages that may not embed the inbox.
import { expect, test, ReaderPage } from '../support/fixtures.ts'
import { Pages } from '../support/pages.ts'

const policy = (belfry: string, tokens: string, forms: string) =>
    `default-src 'none'; script-src 'nonce-page' ${belfry}; style-src 'nonce-page'; img-src data:; frame-src ${belfry}; connect-src ${tokens}; form-action ${forms}; base-uri 'none'`

const watch = (readerPage: ReaderPage) => {
    const requests: string[] = []
    readerPage.page.on('request', request => /\/embed\/[^/]+$/.test(request.url()) && requests.push(request.method()))
    return requests
}

test('a strict policy that names Belfry once per directive', async ({ readerPage, site, backend }) => {
    await site.fill(2)
    const refused: string[] = []
    readerPage.page.on('console', message => message.type() === 'error' && refused.push(message.text()))
    const documents = watch(readerPage)
    await readerPage.arrive({ headers: { 'content-security-policy': policy(site.belfry.origin, backend.origin, site.belfry.origin) } })
    await expect(readerPage.bell).toHaveAccessibleName('Notifications, 2 unread')
    await readerPage.open()
    await expect(readerPage.items).toHaveCount(2)
    expect(refused).toEqual([])
    expect(documents).toEqual(['POST'])
})

test('a policy that forbids the form: the token is sent by postMessage', async ({ readerPage, site, backend }) => {
    await site.fill(2)
    const documents = watch(readerPage)
    await readerPage.arrive({ headers: { 'content-security-policy': policy(site.belfry.origin, backend.origin, "'none'") } })
    await expect(readerPage.bell).toHaveAccessibleName('Notifications, 2 unread')
    expect(documents).toEqual(['GET', 'POST'])
    expect((await readerPage.notes()).calls).toBe(1)
    await readerPage.open()
    await readerPage.item('Message 1').click()
    await expect(readerPage.bell).toHaveAccessibleName('Notifications, 1 unread')
    await site.publish('Live')
    await expect(readerPage.item('Live')).toBeVisible()
})

test('a page without a referrer', async ({ readerPage, site }) => {
    await site.fill(1)
    await readerPage.arrive({ headers: { 'referrer-policy': 'no-referrer' } })
    await expect(readerPage.bell).toHaveAccessibleName('Notifications, 1 unread')
    await readerPage.open()
    await readerPage.allRead.click()
    await expect(readerPage.bell).toHaveAccessibleName('Notifications')
})

test('a page of another origin gets no inbox, even with a reader’s token', async ({ page, site, backend }) => {
    await site.fill(1)
    const stranger = await Pages.start()
    const answers: number[] = []
    page.on('response', answer => answer.url().includes('/embed/') && answers.push(answer.status()))
    const readerPage = new ReaderPage(page, site, backend)
    const html = readerPage.write()
    const text = await (await fetch(html)).text()
    await page.goto(stranger.add(text))
    await expect.poll(() => answers[0]).toBe(403)
    await expect(readerPage.iframe).not.toBeVisible()
    expect(await readerPage.iframe.evaluate(frame => (frame as HTMLIFrameElement).contentDocument)).toBeNull()
    await expect(readerPage.bell).toHaveCount(0)
    expect((await readerPage.notes()).errors).toEqual([])
    await expect(page.getByText('Shop')).toBeVisible()

    // And the browser doesn't display a document that it may load.
    await page.goto(stranger.add(`<iframe name=inbox src="${site.belfry.origin}/embed/${site.id}"></iframe><p>Stranger</p>`))
    await expect.poll(() => page.frames().some(frame => frame.url().startsWith('chrome-error:'))).toBe(true)
    await stranger.server.stop()
})

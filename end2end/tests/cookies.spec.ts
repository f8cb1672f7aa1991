// Browsers that restrict embedded sites: third-party cookies blocked, or all cookies of this site.
import { browse } from '../support/browse.ts'
import { expect, test, ReaderPage } from '../support/fixtures.ts'

const works = async (readerPage: ReaderPage) => {
    const { site } = readerPage
    await site.fill(3)
    await readerPage.arrive()
    await expect(readerPage.badge).toHaveText('3')
    await readerPage.open()
    await readerPage.item('Message 1').click()
    await expect(readerPage.bell).toHaveAccessibleName('Notifications, 2 unread')
    await site.publish('Live')
    await expect(readerPage.item('Live')).toBeVisible()
    await readerPage.allRead.click()
    await expect(readerPage.bell).toHaveAccessibleName('Notifications')
    await expect(readerPage.notice).toBeHidden()
    await readerPage.page.reload()
    await expect(readerPage.bell).toHaveAccessibleName('Notifications')
    expect((await readerPage.notes()).errors).toEqual([])
    // What the frame's script could have stored; blocked storage contains nothing either.
    const kept = await readerPage.frame.locator('html').evaluate(() => {
        const look = (count: () => number) => {
            try {
                return count()
            } catch {
                return 0
            }
        }
        return look(() => localStorage.length) + look(() => sessionStorage.length) + look(() => document.cookie.length)
    })
    expect(kept).toBe(0)
    expect(await readerPage.page.evaluate(() => localStorage.length + sessionStorage.length + document.cookie.length)).toBe(0)
}

test('with default settings, by a cookie that the script cannot read', async ({ readerPage }) => {
    const withTicket: string[] = []
    readerPage.page.on('request', request => request.url().includes('ticket') && withTicket.push(request.url()))
    await works(readerPage)
    expect(withTicket).toEqual([])
    const [cookie] = await readerPage.page.context().cookies(readerPage.site.belfry.origin)
    expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: 'None', partitionKey: expect.stringContaining('http://localhost') as unknown })
})

test('with third-party cookies blocked, by the partitioned cookie', async ({ site, backend, launchOptions }) => {
    const args = [...(launchOptions.args ?? []), '--test-third-party-cookie-phaseout']
    await browse({ ...launchOptions, args }, {}, async context => {
        const readerPage = new ReaderPage(await context.newPage(), site, backend)
        const withTicket: string[] = []
        readerPage.page.on('request', request => request.url().includes('ticket') && withTicket.push(request.url()))
        await works(readerPage)
        expect(withTicket).toEqual([])
    })
})

test('with all of Belfry’s cookies blocked, by a bearer token in memory', async ({ site, backend, launchOptions }) => {
    const blocked = { [`${new URL(site.belfry.origin).host},*`]: { setting: 2 } }
    await browse(launchOptions, { profile: { content_settings: { exceptions: { cookies: blocked } } } }, async context => {
        const readerPage = new ReaderPage(await context.newPage(), site, backend)
        const streams: string[] = []
        readerPage.page.on('request', request => request.url().includes('/events?') && streams.push(request.url()))
        await works(readerPage)
        await readerPage.ready()
        // One for each of the two documents: a request revealed that cookies are blocked.
        expect(streams.map(stream => stream.includes('&ticket=bfe_'))).toEqual([true, true])
        expect(await context.cookies()).toEqual([])
    })
})

// Where secrets may occur: in bodies and headers of Belfry's own requests. Never in a URL, which
// logs and histories store.
import { expect, test } from '../support/fixtures.ts'

const secret = /bf[tksb]_[A-Za-z0-9]/

for (const [name, forms] of [['by the form', ''], ['by message', "form-action 'none'"]] as const) {
    test(`no URL or referrer contains a secret: token passed ${name}`, async ({ readerPage, site, backend, belfry, context }) => {
        await site.fill(25)
        const requests: { url: string; referrer: string; ours: boolean }[] = []
        context.on('request', request => {
            void request.allHeaders().then(
                headers => requests.push({ url: request.url(), referrer: headers.referer ?? '', ours: request.url().startsWith(belfry.origin) }),
                () => {}
            )
        })
        const seen: string[] = []
        readerPage.page.on('framenavigated', frame => seen.push(frame.url()))
        const tokens: string[] = []
        readerPage.page.on('response', async answer => {
            if (answer.url().startsWith(backend.origin)) tokens.push(await answer.text())
        })
        await readerPage.arrive({ headers: forms ? { 'content-security-policy': forms } : {} })
        await readerPage.open()
        await readerPage.item('Message 25').click()
        await readerPage.items.last().scrollIntoViewIfNeeded()
        await expect(readerPage.items).toHaveCount(25)
        // A renewal as well.
        const { key_id } = (await belfry.command<{ key_id: string }[]>('key', 'list', site.id))[0] ?? { key_id: '' }
        site.key = (await belfry.command<{ api_key: string }>('key', 'create', site.id)).api_key
        await belfry.command('key', 'revoke', site.id, key_id)
        await readerPage.allRead.click()
        await expect(readerPage.bell).toHaveAccessibleName('Notifications')
        await expect.poll(() => tokens.length).toBe(2)
        expect(tokens.every(token => secret.test(token))).toBe(true)
        await readerPage.ready()
        expect(requests.length).toBeGreaterThan(8)
        for (const { url, referrer } of requests) expect(`${url} ${referrer}`).not.toMatch(secret)
        for (const address of [...seen, readerPage.page.url()]) expect(address).not.toMatch(secret)
        // The referrer from Belfry's document discloses nothing either.
        for (const { referrer, ours } of requests) if (!ours) expect(referrer).not.toContain('/embed/')
    })
}

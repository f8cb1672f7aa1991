import { expect, init, test } from '../support/stub-fixtures.ts'

test.describe('the identity of the reader', () => {
    test.beforeEach(({ shop }) => void shop.site.readers.set('bob', { name: 'Bob', unread: 7, unseen: 7 }))

    test('a response for the previous visitor is discarded', async ({ shop }) => {
        await shop.open(undefined, { head: `<script>window.token = () => new Promise(resolve => window.late = resolve)</script>` })
        await expect.poll(() => shop.callbackCalls()).toBe(1)
        await shop.setReader('bob')
        await shop.run('logout')
        await shop.page.evaluate(init)
        await expect(shop.bell).toHaveAccessibleName('Notifications, 7 unread')
        await shop.page.evaluate(() => (window as unknown as { late: (token: string) => void }).late('bft_alice'))
        await shop.settle()
        expect(shop.site.posts.map(visit => visit.token)).toEqual(['bob'])
        await shop.sendFromFrame({ belfry: 'embed' })
        await expect.poll(() => shop.site.posts.map(visit => visit.token)).toEqual(['bob', 'bob'])
        await expect(shop.wrapper).toHaveCount(1)
    })

    test('concurrent requests for a token share one call of the callback', async ({ shop }) => {
        await shop.page.clock.install()
        await shop.open()
        await expect(shop.bell).toBeVisible()
        await shop.setReader('bob')
        const heard = shop.frame.locator('html').evaluate(() => new Promise(resolve => document.addEventListener('belfry:token', event => resolve((event as CustomEvent).detail))))
        for (let turn = 0; turn < 5; turn++) await shop.sendFromFrame({ belfry: 'auth' })
        await shop.page.clock.runFor(3_000)
        expect(await heard).toBe('bft_bob')
        expect(await shop.callbackCalls()).toBe(2)
        await expect(shop.iframe).toBeVisible()
    })

    test('when the reader turns out to be another one, the previous frame is removed at once', async ({ shop }) => {
        await shop.open()
        await expect(shop.bell).toBeVisible()
        await shop.bell.click()
        await expect(shop.panel).toBeVisible()
        shop.site.behaviour = 'hangs'
        const former = await shop.iframe.getAttribute('name')
        await shop.sendFromFrame({ belfry: 'embed' })
        await expect(shop.iframe).not.toHaveAttribute('name', former ?? '')
        await expect(shop.iframe).not.toBeVisible()
        expect(await shop.iframe.boundingBox()).toMatchObject({ width: 40, height: 40 })
        expect(await shop.events()).toEqual(['unread', 'open', 'close'])
        await expect.poll(() => shop.site.posts.length).toBe(2)
    })

    test('a rejected token is replaced by a new one, invisibly', async ({ shop }) => {
        await shop.page.clock.install()
        await shop.open(undefined, { head: `<script>window.token = () => Promise.resolve(notes.calls > 1 ? 'bft_alice' : 'bft_stale')</script>` })
        await expect.poll(() => shop.site.posts.map(visit => visit.token)).toEqual(['stale'])
        await expect(shop.iframe).not.toBeVisible()
        await expect(shop.frame.locator('html[data-fault][data-host]')).toHaveCount(1)
        await shop.page.clock.runFor(3_000)
        await expect(shop.bell).toBeVisible()
        await expect(shop.iframe).toBeVisible()
        expect(shop.site.posts.map(visit => [visit.token, visit.language])).toEqual([['stale', 'en'], ['alice', 'en']])
    })

    test('tokens that are always rejected do not cause a request storm', async ({ shop }) => {
        await shop.page.clock.install()
        await shop.open(undefined, { head: `<script>window.token = () => Promise.resolve('bft_stale')</script>` })
        for (let second = 0; second < 55; second++) {
            await shop.page.clock.runFor(1_000)
            await shop.settle()
        }
        expect(await shop.callbackCalls()).toBeLessThanOrEqual(5)
        expect(await shop.callbackCalls()).toBeGreaterThanOrEqual(2)
        await expect(shop.iframe).not.toBeVisible()
    })

    test('a sign-out in between removes the bell', async ({ shop }) => {
        await shop.page.clock.install()
        await shop.open()
        await expect(shop.bell).toBeVisible()
        await shop.setReader('')
        await shop.sendFromFrame({ belfry: 'auth' })
        await shop.page.clock.runFor(3_000)
        await expect(shop.wrapper).toHaveCount(0)
        await shop.page.evaluate(() => document.body.append('more'))
        await shop.page.clock.runFor(3_000)
        await expect(shop.wrapper).toHaveCount(0)
    })

    test('a page from the back-forward cache requests a new token', async ({ shop }) => {
        await shop.open()
        await expect(shop.bell).toBeVisible()
        await shop.setReader('bob')
        await shop.page.goto(shop.write('<p>elsewhere</p>', { init: '' }))
        await shop.page.goBack({ waitUntil: 'commit' })
        await expect(shop.bell).toHaveAccessibleName('Notifications, 7 unread')
        await expect(shop.wrapper).toHaveCount(1)
        // Continued by the same page: it did come from the cache.
        expect(await shop.callbackCalls()).toBe(2)
    })
})

test.describe('Belfry failing', () => {
    for (const behaviour of ['breaks', 'fails', 'hangs'] as const) {
        test(`nothing is displayed while it ${behaviour}, and the bell appears once it works`, async ({ shop }) => {
            shop.site.behaviour = behaviour
            await shop.page.clock.install()
            await shop.open(undefined, { init: `${init} eS('open')` })
            await expect.poll(() => shop.site.posts.length).toBe(1)
            // The first attempt, then the one without the form, then retries with growing delays.
            await shop.page.clock.runFor(4_500)
            await expect.poll(() => shop.site.visits.length).toBe(2)
            await shop.page.clock.runFor(14_000)
            await expect.poll(() => shop.site.posts.length).toBeGreaterThanOrEqual(2)
            await expect(shop.iframe).not.toBeVisible()
            expect(await shop.iframe.boundingBox()).toMatchObject({ width: 40, height: 40 })
            await shop.page.locator('main').click()
            expect((await shop.notes()).errors).toEqual([])
            expect(await shop.events()).toEqual([])
            shop.site.behaviour = 'works'
            await expect(async () => {
                await shop.page.clock.runFor(1_000)
                await expect(shop.iframe).toBeVisible({ timeout: 300 })
            }).toPass()
            expect(await shop.callbackCalls()).toBe(1)
        })
    }

    test('a frame that dies while it is open unblocks the page', async ({ shop }) => {
        await shop.page.clock.install()
        await shop.open()
        await shop.bell.click()
        await expect(shop.panel).toBeVisible()
        shop.site.behaviour = 'fails'
        await shop.frame.locator('#next').click()
        await expect.poll(() => shop.site.visits.length).toBe(2)
        await expect(shop.frame.locator('body')).toHaveText('unavailable')
        await shop.page.clock.runFor(4_500)
        await expect(shop.iframe).not.toBeVisible()
        expect(await shop.iframe.boundingBox()).toMatchObject({ width: 40, height: 40 })
        shop.site.behaviour = 'works'
        await shop.page.clock.runFor(4_000)
        await expect(shop.iframe).toBeVisible()
    })

    test('an inner page keeps the inbox open', async ({ shop }) => {
        await shop.open()
        await shop.bell.click()
        await expect(shop.panel).toBeVisible()
        const before = await shop.iframe.boundingBox()
        await shop.frame.locator('#next').click()
        await expect.poll(() => shop.site.visits.length).toBe(2)
        await expect(shop.panel).toBeVisible()
        expect(await shop.iframe.boundingBox()).toEqual(before)
        await shop.page.keyboard.press('Escape')
        await expect(shop.panel).toBeHidden()
        expect(await shop.events()).toEqual(['unread', 'open', 'unread', 'close'])
    })
})

test.describe('messages between page and frame', () => {
    test('only valid messages of the frame itself are accepted', async ({ shop }) => {
        await shop.open()
        await expect(shop.bell).toBeVisible()
        const forged = [{ belfry: 'toggle', open: true }, { belfry: 'unread', unread: 99, unseen: 99 }, { belfry: 'click', href: 'https://evil.example/' }, { belfry: 'auth' }]
        // The page itself: another source and another origin.
        await shop.page.evaluate(messages => messages.forEach(message => postMessage(message, '*')), forged)
        // Another frame of Belfry's own origin: another source.
        const other = `${shop.site.belfry.origin}/embed/${shop.site.id}`
        await shop.page.evaluate(src => new Promise(resolve => {
            const frame = Object.assign(document.createElement('iframe'), { src, id: 'other', onload: resolve })
            document.body.append(frame)
        }), other)
        const stranger = shop.page.frames().find(frame => frame.url() === other && frame.name() === '')
        await stranger?.evaluate(messages => messages.forEach(message => parent.postMessage(message, '*')), forged)
        expect(stranger).toBeDefined()
        // The right frame, with invalid messages.
        for (const message of [{ belfry: 'unread', unread: 'many', unseen: {} }, { belfry: 'click', href: 'javascript:notes.errors.push(1)' }, { belfry: 'click' }, { belfry: 'nothing' }, { belfry: 'constructor' }]) {
            await shop.sendFromFrame(message)
        }
        await shop.frame.locator('html').evaluate(() => [null, 1, 'toggle', []].forEach(value => parent.postMessage(value, '*')))
        await shop.sendFromFrame({ belfry: 'unread', unread: 4, unseen: 0 })
        await expect.poll(async () => (await shop.notes()).events).toEqual([
            { type: 'unread', detail: { unread: 3, unseen: 2 } },
            { type: 'unread', detail: { unread: 4, unseen: 0 } }
        ])
        expect(await shop.callbackCalls()).toBe(1)
        expect((await shop.notes()).errors).toEqual([])
    })

    test('messages of frames before or after the bell exists are harmless', async ({ shop }) => {
        const other = `${shop.site.belfry.origin}/embed/${shop.site.id}`
        await shop.open(`<iframe id=other src="${other}"></iframe><header id=target></header>`, { head: `<script>window.token = () => ''</script>` })
        await expect.poll(() => shop.callbackCalls()).toBe(1)
        const stranger = shop.page.frames().find(frame => frame.url() === other)
        const heard = shop.page.evaluate(() => new Promise(resolve => addEventListener('message', ({ data }) => data === 'last' && resolve(data))))
        await stranger?.evaluate(() => [{ belfry: 'toggle', open: true }, 'words', 'last'].forEach(message => parent.postMessage(message, '*')))
        expect(await heard).toBe('last')
        expect(shop.warnings).toEqual([])
        expect((await shop.notes()).errors).toEqual([])
    })

    test('where the browser does not name the ancestor origins, no other origin is addressed', async ({ shop }) => {
        shop.site.ancestors = false
        shop.site.origins = ['https://www.shop.example', shop.site.pageOrigin, 'http://localhost:1', 'null']
        const lines: string[] = []
        shop.page.on('console', message => lines.push(message.text()))
        await shop.page.clock.install()
        // The page never finishes loading, so the frame sends the first message.
        await shop.page.route('**/never', () => {})
        await shop.page.goto(shop.write('<header id=target></header><img src=/never>'), { waitUntil: 'commit' })
        await shop.bell.click()
        await expect(shop.panel).toBeVisible()
        await shop.page.emulateMedia({ colorScheme: 'dark' })
        await shop.settle()
        await shop.page.keyboard.press('Escape')
        await expect(shop.panel).toBeHidden()
        expect(lines).toEqual([])
    })

    test('the frame responds only to the site’s origins', async ({ shop }) => {
        shop.site.origins = ['https://other.example']
        await shop.page.clock.install()
        await shop.open()
        await expect(shop.frame.locator('#bell')).toHaveCount(1)
        await shop.page.clock.runFor(1_500)
        await expect(shop.frame.locator('html[data-standalone]')).toHaveCount(1)
        await expect(shop.iframe).not.toBeVisible()
        await expect(shop.frame.locator('html[data-host]')).toHaveCount(0)
    })
})

test.describe('links', () => {
    test('the page may route by itself', async ({ shop }) => {
        await shop.open(undefined, { head: `<script>addEventListener('belfry:click', event => event.preventDefault())</script>` })
        await shop.bell.click()
        await shop.frame.locator('#link').click()
        await expect(shop.panel).toBeHidden()
        expect((await shop.notes()).events.slice(-2)).toEqual([
            { type: 'close', detail: {} },
            { type: 'click', detail: { href: 'https://shop.example/sale', id: 'm1' } }
        ])
    })

    test('otherwise the page navigates there', async ({ shop }) => {
        await shop.page.context().route('https://shop.example/**', route => route.fulfill({ body: 'on sale' }))
        await shop.open()
        await shop.bell.click()
        await shop.frame.locator('#link').click()
        await expect(shop.page).toHaveURL('https://shop.example/sale')
    })

    test('a new tab if the link requests one', async ({ shop }) => {
        await shop.page.context().route('https://shop.example/**', route => route.fulfill({ body: 'new' }))
        await shop.open()
        await shop.bell.click()
        const opened = shop.page.context().waitForEvent('page')
        await shop.frame.locator('#apart').click()
        const tab = await opened
        await expect(tab).toHaveURL('https://shop.example/new')
        expect(await tab.evaluate(() => window.opener)).toBeNull()
        await expect(shop.panel).toBeVisible()
    })
})

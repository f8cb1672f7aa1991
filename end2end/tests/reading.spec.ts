// A reader with a fully capable browser: clicks, arriving messages, and rejected actions.
import { expect, test, ReaderPage } from '../support/fixtures.ts'

test('opening clears the badge, here and in another tab, and reads nothing', async ({ readerPage, site }) => {
    await site.fill(3)
    await readerPage.arrive()
    const other = await readerPage.newTab()
    await other.arrive()
    await expect(readerPage.badge).toHaveText('3')
    await expect(other.badge).toHaveText('3')
    await readerPage.open()
    await expect(readerPage.badge).toHaveText('')
    await expect(other.badge).toHaveText('')
    await expect(readerPage.unread).toHaveCount(3)
    await expect(readerPage.bell).toHaveAccessibleName('Notifications, 3 unread')
    expect((await readerPage.notes()).events.at(-1)).toEqual({ type: 'unread', detail: { unread: 3, unseen: 0 } })
    await readerPage.page.reload()
    await expect(readerPage.bell).toHaveAccessibleName('Notifications, 3 unread')
    await expect(readerPage.badge).toHaveText('')
})

test('a click reads one message, in every tab and persistently', async ({ readerPage, site }) => {
    await site.fill(3)
    await readerPage.arrive()
    const other = await readerPage.newTab()
    await other.arrive()
    await readerPage.open()
    await readerPage.item('Message 2').click()
    await expect(readerPage.unread).toHaveCount(2)
    await expect(readerPage.bell).toHaveAccessibleName('Notifications, 2 unread')
    await expect(other.bell).toHaveAccessibleName('Notifications, 2 unread')
    await other.open()
    await expect(other.item('Message 2')).not.toHaveClass(/unread/)
    await other.item('Message 1').hover()
    await other.item('Message 1').getByRole('button', { name: 'Mark as read' }).click()
    await expect(readerPage.item('Message 1')).not.toHaveClass(/unread/)
    await readerPage.page.reload()
    await expect(readerPage.bell).toHaveAccessibleName('Notifications, 1 unread')
    await readerPage.open()
    await expect(readerPage.unread).toHaveText(/Message 3/)
})

test('all read at once', async ({ readerPage, site }) => {
    await site.fill(25)
    await readerPage.arrive()
    const other = await readerPage.newTab()
    await other.arrive()
    await readerPage.open()
    await readerPage.allRead.click()
    await expect(readerPage.unread).toHaveCount(0)
    await expect(readerPage.bell).toHaveAccessibleName('Notifications')
    await expect(readerPage.allRead).toBeDisabled()
    await expect(other.bell).toHaveAccessibleName('Notifications')
    await other.open()
    await expect(other.unread).toHaveCount(0)
    await site.publish('One more')
    await expect(readerPage.unread).toHaveText(/One more/)
    await expect(readerPage.allRead).toBeEnabled()
    await readerPage.page.reload()
    await expect(readerPage.bell).toHaveAccessibleName('Notifications, 1 unread')
})

test('older messages load by the button and by scrolling, each once', async ({ readerPage, site }) => {
    await site.fill(45)
    await readerPage.arrive()
    await readerPage.open()
    await expect(readerPage.items).toHaveCount(20)
    // Not by the mouse: on its way to the button the list would scroll.
    await readerPage.frame.getByRole('link', { name: 'Show older' }).dispatchEvent('click')
    await expect(readerPage.items).toHaveCount(40)
    await readerPage.items.last().scrollIntoViewIfNeeded()
    await expect(readerPage.items).toHaveCount(45)
    await expect(readerPage.frame.getByRole('link', { name: 'Show older' })).toBeHidden()
    expect(await readerPage.titles.evaluateAll(titles => titles.map(title => title.lastChild?.textContent))).toEqual(Array.from({ length: 45 }, (_, index) => `Message ${45 - index}`))
    await expect(readerPage.frame.locator('#loading')).toBeHidden()
    await expect(readerPage.panel).toBeVisible()
})

test('more than 99 are displayed as 99+', async ({ readerPage, site }) => {
    await site.fill(101)
    await readerPage.arrive()
    await expect(readerPage.badge).toHaveText('99+')
    await expect(readerPage.bell).toHaveAccessibleName('Notifications, 99+ unread')
})

test('an action that the server rejects is reverted with a notice', async ({ readerPage, site }) => {
    await site.fill(3)
    await readerPage.arrive()
    await readerPage.open()
    await expect(readerPage.badge).toHaveText('')
    let refuse: () => void = () => {}
    const refused = new Promise<void>(resolve => (refuse = resolve))
    await readerPage.page.route('**/marks', async route => {
        await refused
        await route.fulfill({ status: 500, json: { status: 500, message: 'something went wrong' } })
    })
    await readerPage.item('Message 1').click()
    await readerPage.allRead.click()
    await expect(readerPage.unread).toHaveCount(0)
    await expect(readerPage.bell).toHaveAccessibleName('Notifications')
    // Counts events that arrive meanwhile.
    await site.publish('Message 4')
    await expect(readerPage.bell).toHaveAccessibleName('Notifications, 1 unread')
    refuse()
    await expect(readerPage.notice).toHaveText('That didn’t work. Your change was put back.')
    await expect(readerPage.unread).toHaveCount(4)
    await expect(readerPage.bell).toHaveAccessibleName('Notifications, 4 unread')
    await readerPage.page.unroute('**/marks')
    await readerPage.allRead.click()
    await expect(readerPage.unread).toHaveCount(0)
    await expect(readerPage.notice).toBeHidden()
})

test('edits and recalls are applied live', async ({ readerPage, site }) => {
    const first = await site.publish('First', { body: 'before' })
    const second = await site.publish('Second')
    await readerPage.arrive()
    await readerPage.open()
    await readerPage.item('First').click()
    await expect(readerPage.unread).toHaveCount(1)
    await site.edit(first, { content: { en: { title: 'First, corrected', body: 'after' } } })
    await expect(readerPage.item('First, corrected')).toContainText('after')
    await expect(readerPage.item('First, corrected')).not.toHaveClass(/unread/)
    await site.recall(second)
    await expect(readerPage.items).toHaveCount(1)
    await expect(readerPage.bell).toHaveAccessibleName('Notifications')
    await site.recall(first)
    await expect(readerPage.frame.getByText('You’re all caught up')).toBeVisible()
})

test('arrivals while the panel is open are announced once, and never raise the badge', async ({ readerPage, site }) => {
    await site.fill(1)
    await readerPage.arrive()
    await readerPage.open()
    await expect(readerPage.badge).toHaveText('')
    const badges = await readerPage.badge.evaluateHandle(badge => {
        const texts: string[] = []
        new MutationObserver(() => texts.push(badge.textContent ?? '')).observe(badge, { childList: true, subtree: true, characterData: true })
        return texts
    })
    await site.publish('Here it is')
    await expect(readerPage.item('Here it is')).toBeVisible()
    await expect(readerPage.frame.locator('#announcement')).toHaveText('New message: Here it is')
    await expect(readerPage.bell).toHaveAccessibleName('Notifications, 2 unread')
    expect(await badges.jsonValue()).toEqual([])
    expect((await readerPage.notes()).events.filter(({ type }) => type === 'unread').map(({ detail }) => (detail as { unseen: number }).unseen)).toEqual([1, 0, 0])
    await readerPage.page.keyboard.press('Escape')
    await expect(readerPage.panel).toBeHidden()
    await site.publish('And another')
    await expect(readerPage.badge).toHaveText('1')
})

test.describe('links', () => {
    const content = (origin: string) => ({ body: `See [the order](${origin}/order).`, link: `${origin}/title`, actions: [{ label: 'Track', link: `${origin}/track` }] })

    for (const [name, path] of [['the order', 'order'], ['Parcel', 'title'], ['Track', 'track']] as const) {
        test(`“${name}” notifies the page first, and marks the message`, async ({ readerPage, site, backend }) => {
            const message = await site.publish('Parcel', content(backend.pages.origin))
            await readerPage.arrive({ head: `<script nonce=page>addEventListener('belfry:click', event => event.preventDefault())</script>` })
            await readerPage.open()
            const marked = readerPage.page.waitForRequest(request => request.url().endsWith('/marks') && (request.postData() ?? '').includes('clicked'))
            await readerPage.frame.getByRole('link', { name, exact: true }).click()
            expect((await marked).postDataJSON()).toEqual({ clicked: message })
            await expect(readerPage.panel).toBeHidden()
            expect((await readerPage.notes()).events.find(({ type }) => type === 'click')?.detail).toEqual({ href: `${backend.pages.origin}/${path}`, id: message })
            await expect(readerPage.bell).toHaveAccessibleName('Notifications')
            expect(readerPage.page.url()).not.toContain(path)
        })
    }

    test('the page navigates unless it prevents it, without waiting for the request', async ({ readerPage, site }) => {
        const there = readerPage.write({ body: '<header id=target></header><h1>The order</h1>' })
        const message = await site.publish('Parcel', { body: `See [the order](${there}).` })
        await readerPage.arrive()
        await readerPage.open()
        let answer: () => void = () => {}
        const held = new Promise<void>(resolve => (answer = resolve))
        const marked: unknown[] = []
        await readerPage.page.route('**/marks', async route => {
            const body: unknown = route.request().postDataJSON()
            if (!('clicked' in (body as object))) return route.continue()
            marked.push(body)
            await held
            await route.continue().catch(() => {})
        })
        await readerPage.frame.getByRole('link', { name: 'the order' }).click()
        await expect(readerPage.page).toHaveURL(there)
        expect(marked).toEqual([{ clicked: message }])
        answer()
    })

    test('a followed link is recorded although its page is gone', async ({ readerPage, site }) => {
        const there = readerPage.write({ body: '<header id=target></header><h1>The order</h1>' })
        await site.publish('Parcel', { link: there })
        await readerPage.arrive()
        await readerPage.open()
        await readerPage.frame.getByRole('link', { name: 'Parcel' }).click()
        await expect(readerPage.page).toHaveURL(there)
        await expect(readerPage.bell).toHaveAccessibleName('Notifications')
    })

    for (const name of ['Parcel', 'Track']) {
        const content = (there: string) => ({ link: there, newTab: true, actions: [{ label: 'Track', link: there, newTab: true }] })

        test(`“${name}” opens a new tab if its sender requests that, and the panel stays`, async ({ readerPage, site }) => {
            const there = readerPage.write({ body: '<header id=target></header><h1>The order</h1>' })
            const message = await site.publish('Parcel', content(there))
            await readerPage.arrive()
            const here = readerPage.page.url()
            await readerPage.open()
            const link = readerPage.frame.getByRole('link', { name, exact: true })
            await expect(link).toHaveAttribute('target', '_blank')
            await expect(link).toHaveAttribute('rel', /noopener/)
            const opened = readerPage.page.context().waitForEvent('page')
            await link.click()
            const other = await opened
            await expect(other).toHaveURL(there)
            expect(await other.evaluate(() => opener)).toBeNull()
            await readerPage.expectList(['Parcel'], 0)
            await expect(readerPage.panel).toBeVisible()
            expect(readerPage.page.url()).toBe(here)
            expect((await readerPage.notes()).events.find(({ type }) => type === 'click')?.detail).toEqual({ href: there, id: message })
        })

        test(`the page may prevent “${name}” from opening a new tab`, async ({ readerPage, site }) => {
            const there = readerPage.write()
            await site.publish('Parcel', content(there))
            await readerPage.arrive({ head: `<script nonce=page>addEventListener('belfry:click', event => event.preventDefault())</script>` })
            await readerPage.open()
            await readerPage.frame.getByRole('link', { name, exact: true }).click()
            await readerPage.expectList(['Parcel'], 0)
            expect((await readerPage.notes()).events.filter(({ type }) => type === 'click')).toHaveLength(1)
            expect(readerPage.page.context().pages()).toHaveLength(1)
        })
    }

    test('other links open in the page’s own tab', async ({ readerPage, site, backend }) => {
        await site.publish('Parcel', content(backend.pages.origin))
        await readerPage.arrive()
        await readerPage.open()
        for (const name of ['Parcel', 'the order', 'Track']) await expect(readerPage.frame.getByRole('link', { name, exact: true })).toHaveAttribute('target', '_top')
    })
})

test.describe('opening and closing', () => {
    test.beforeEach(async ({ readerPage, site }) => {
        await site.fill(2)
        await readerPage.arrive({ body: '<header id=target><button id=before>Before</button></header><main style="height: 600px">Shop</main>' })
    })

    test('Escape closes the panel and restores the focus', async ({ readerPage }) => {
        await readerPage.page.locator('#before').focus()
        await readerPage.page.keyboard.press('Tab')
        await readerPage.page.keyboard.press('Enter')
        await expect(readerPage.panel).toBeFocused()
        await readerPage.page.keyboard.press('Escape')
        await expect(readerPage.panel).toBeHidden()
        await expect(readerPage.bell).toBeFocused()
        await expect(readerPage.bell).toHaveAttribute('aria-expanded', 'false')
    })

    test('a click beside it and its close button close it', async ({ readerPage }) => {
        await readerPage.open()
        await readerPage.page.mouse.click(100, 500)
        await expect(readerPage.panel).toBeHidden()
        await readerPage.open()
        await readerPage.frame.getByRole('button', { name: 'Close' }).click()
        await expect(readerPage.panel).toBeHidden()
        await readerPage.open()
        await readerPage.bell.click()
        await expect(readerPage.panel).toBeHidden()
    })
})

test('a relative link leads to the embedding page’s origin, for every origin of the site', async ({ belfry, backend, page }) => {
    const site = await belfry.site(['https://shop.example', backend.pages.origin])
    backend.serve(site)
    await site.contact('anna')
    await site.publish('Order', { link: '/orders/7?a=b#c', body: '[Read](help#x) or [write](mailto:help@shop.example)' })
    const readerPage = new ReaderPage(page, site, backend)
    await readerPage.arrive({ head: `<script nonce=page>addEventListener('belfry:click', event => event.preventDefault())</script>` })
    await readerPage.open()
    const link = (name: string) => readerPage.item('Order').getByRole('link', { name })
    for (const [name, address] of [['Order', '/orders/7?a=b#c'], ['Read', '/help#x']] as const) {
        await expect(link(name)).toHaveAttribute('href', 'https://shop.example' + address)
        await link(name).click()
        await expect.poll(async () => (await readerPage.notes()).events.at(-1)).toMatchObject({ type: 'click', detail: { href: backend.pages.origin + address } })
        await expect(readerPage.panel).toBeHidden()
        await readerPage.open()
        // So that the browser's own ways of opening a link use it as well.
        await expect(link(name)).toHaveAttribute('href', backend.pages.origin + address)
    }
    await expect(link('write')).toHaveAttribute('href', 'mailto:help@shop.example')
})

test('the middle button follows a link as a click does, and nothing else', async ({ readerPage, site, backend, context }) => {
    const path = 'sale'
    await context.route(`**/${path}`, route => route.fulfill({ contentType: 'text/html', body: 'Sale' }))
    const message = await site.publish('Sale', { link: `${backend.pages.origin}/${path}`, body: 'Until Sunday.' })
    await readerPage.arrive()
    await readerPage.open()
    const marks: unknown[] = []
    readerPage.page.on('request', request => request.url().endsWith('/marks') && marks.push(request.postDataJSON()))
    const link = readerPage.frame.getByRole('link', { name: 'Sale', exact: true })
    // Without the browser's context menu, whose Escape may reach the panel as well.
    await readerPage.frame.locator('html').evaluate(html => html.addEventListener('contextmenu', event => event.preventDefault()))
    await link.click({ button: 'right' })
    await readerPage.frame.locator('.item .body').click({ button: 'middle' })
    await expect(readerPage.unread).toHaveCount(1)
    const tab = context.waitForEvent('page')
    await link.click({ button: 'middle' })
    await tab
    await expect(readerPage.unread).toHaveCount(0)
    await readerPage.expectUnread(0)
    const chosen = () => marks.filter(mark => !('seen' in (mark as object)))
    await expect.poll(chosen).toEqual([{ clicked: message }])
    const stats = await site.call<{ clicked: number }>('GET', `/messages/${message}/stats`)
    expect(stats.clicked).toBe(1)
})

// A reader with a fully capable browser: clicks, arriving messages, and rejected actions.
import { expect, test, Visit } from '../support/real.ts'

test('opening clears the badge, here and in another tab, and reads nothing', async ({ visit, site }) => {
    await site.fill(3)
    await visit.arrive()
    const other = await visit.another()
    await other.arrive()
    await expect(visit.badge).toHaveText('3')
    await expect(other.badge).toHaveText('3')
    await visit.open()
    await expect(visit.badge).toHaveText('')
    await expect(other.badge).toHaveText('')
    await expect(visit.unread).toHaveCount(3)
    await expect(visit.bell).toHaveAccessibleName('Notifications, 3 unread')
    expect((await visit.notes()).events.at(-1)).toEqual({ type: 'unread', detail: { unread: 3, unseen: 0 } })
    await visit.page.reload()
    await expect(visit.bell).toHaveAccessibleName('Notifications, 3 unread')
    await expect(visit.badge).toHaveText('')
})

test('a click reads one message, in every tab and persistently', async ({ visit, site }) => {
    await site.fill(3)
    await visit.arrive()
    const other = await visit.another()
    await other.arrive()
    await visit.open()
    await visit.item('Message 2').click()
    await expect(visit.unread).toHaveCount(2)
    await expect(visit.bell).toHaveAccessibleName('Notifications, 2 unread')
    await expect(other.bell).toHaveAccessibleName('Notifications, 2 unread')
    await other.open()
    await expect(other.item('Message 2')).not.toHaveClass(/unread/)
    await other.item('Message 1').hover()
    await other.item('Message 1').getByRole('button', { name: 'Mark as read' }).click()
    await expect(visit.item('Message 1')).not.toHaveClass(/unread/)
    await visit.page.reload()
    await expect(visit.bell).toHaveAccessibleName('Notifications, 1 unread')
    await visit.open()
    await expect(visit.unread).toHaveText(/Message 3/)
})

test('all read at once', async ({ visit, site }) => {
    await site.fill(25)
    await visit.arrive()
    const other = await visit.another()
    await other.arrive()
    await visit.open()
    await visit.allRead.click()
    await expect(visit.unread).toHaveCount(0)
    await expect(visit.bell).toHaveAccessibleName('Notifications')
    await expect(visit.allRead).toBeDisabled()
    await expect(other.bell).toHaveAccessibleName('Notifications')
    await other.open()
    await expect(other.unread).toHaveCount(0)
    await site.publish('One more')
    await expect(visit.unread).toHaveText(/One more/)
    await expect(visit.allRead).toBeEnabled()
    await visit.page.reload()
    await expect(visit.bell).toHaveAccessibleName('Notifications, 1 unread')
})

test('older messages load by the button and by scrolling, each once', async ({ visit, site }) => {
    await site.fill(45)
    await visit.arrive()
    await visit.open()
    await expect(visit.items).toHaveCount(20)
    // Not by the mouse: on its way to the button the list would scroll.
    await visit.frame.getByRole('link', { name: 'Show older' }).dispatchEvent('click')
    await expect(visit.items).toHaveCount(40)
    await visit.items.last().scrollIntoViewIfNeeded()
    await expect(visit.items).toHaveCount(45)
    await expect(visit.frame.getByRole('link', { name: 'Show older' })).toBeHidden()
    expect(await visit.titles.evaluateAll(titles => titles.map(title => title.lastChild?.textContent))).toEqual(Array.from({ length: 45 }, (_, index) => `Message ${45 - index}`))
    await expect(visit.frame.locator('#loading')).toBeHidden()
    await expect(visit.panel).toBeVisible()
})

test('more than 99 are displayed as 99+', async ({ visit, site }) => {
    await site.fill(101)
    await visit.arrive()
    await expect(visit.badge).toHaveText('99+')
    await expect(visit.bell).toHaveAccessibleName('Notifications, 99+ unread')
})

test('an action that the server rejects is reverted with a notice', async ({ visit, site }) => {
    await site.fill(3)
    await visit.arrive()
    await visit.open()
    await expect(visit.badge).toHaveText('')
    let refuse: () => void = () => {}
    const refused = new Promise<void>(resolve => (refuse = resolve))
    await visit.page.route('**/marks', async route => {
        await refused
        await route.fulfill({ status: 500, json: { status: 500, message: 'something went wrong' } })
    })
    await visit.item('Message 1').click()
    await visit.allRead.click()
    await expect(visit.unread).toHaveCount(0)
    await expect(visit.bell).toHaveAccessibleName('Notifications')
    // Counts events that arrive meanwhile.
    await site.publish('Message 4')
    await expect(visit.bell).toHaveAccessibleName('Notifications, 1 unread')
    refuse()
    await expect(visit.notice).toHaveText('That didn’t work. Your change was put back.')
    await expect(visit.unread).toHaveCount(4)
    await expect(visit.bell).toHaveAccessibleName('Notifications, 4 unread')
    await visit.page.unroute('**/marks')
    await visit.allRead.click()
    await expect(visit.unread).toHaveCount(0)
    await expect(visit.notice).toBeHidden()
})

test('edits and recalls are applied live', async ({ visit, site }) => {
    const first = await site.publish('First', { body: 'before' })
    const second = await site.publish('Second')
    await visit.arrive()
    await visit.open()
    await visit.item('First').click()
    await expect(visit.unread).toHaveCount(1)
    await site.edit(first, { content: { en: { title: 'First, corrected', body: 'after' } } })
    await expect(visit.item('First, corrected')).toContainText('after')
    await expect(visit.item('First, corrected')).not.toHaveClass(/unread/)
    await site.recall(second)
    await expect(visit.items).toHaveCount(1)
    await expect(visit.bell).toHaveAccessibleName('Notifications')
    await site.recall(first)
    await expect(visit.frame.getByText('You’re all caught up')).toBeVisible()
})

test('arrivals while the panel is open are announced once, and never raise the badge', async ({ visit, site }) => {
    await site.fill(1)
    await visit.arrive()
    await visit.open()
    await expect(visit.badge).toHaveText('')
    const badges = await visit.badge.evaluateHandle(badge => {
        const texts: string[] = []
        new MutationObserver(() => texts.push(badge.textContent ?? '')).observe(badge, { childList: true, subtree: true, characterData: true })
        return texts
    })
    await site.publish('Here it is')
    await expect(visit.item('Here it is')).toBeVisible()
    await expect(visit.frame.locator('#announcement')).toHaveText('New message: Here it is')
    await expect(visit.bell).toHaveAccessibleName('Notifications, 2 unread')
    expect(await badges.jsonValue()).toEqual([])
    expect((await visit.notes()).events.filter(({ type }) => type === 'unread').map(({ detail }) => (detail as { unseen: number }).unseen)).toEqual([1, 0, 0])
    await visit.page.keyboard.press('Escape')
    await expect(visit.panel).toBeHidden()
    await site.publish('And another')
    await expect(visit.badge).toHaveText('1')
})

test.describe('links', () => {
    const content = (origin: string) => ({ body: `See [the order](${origin}/order).`, link: `${origin}/title`, actions: [{ label: 'Track', link: `${origin}/track` }] })

    for (const [name, path] of [['the order', 'order'], ['Parcel', 'title'], ['Track', 'track']] as const) {
        test(`“${name}” notifies the page first, and marks the message`, async ({ visit, site, backend }) => {
            const message = await site.publish('Parcel', content(backend.pages.origin))
            await visit.arrive({ head: `<script nonce=page>addEventListener('belfry:click', event => event.preventDefault())</script>` })
            await visit.open()
            const marked = visit.page.waitForRequest(request => request.url().endsWith('/marks') && (request.postData() ?? '').includes('clicked'))
            await visit.frame.getByRole('link', { name, exact: true }).click()
            expect((await marked).postDataJSON()).toEqual({ clicked: message })
            await expect(visit.panel).toBeHidden()
            expect((await visit.notes()).events.find(({ type }) => type === 'click')?.detail).toEqual({ href: `${backend.pages.origin}/${path}`, id: message })
            await expect(visit.bell).toHaveAccessibleName('Notifications')
            expect(visit.page.url()).not.toContain(path)
        })
    }

    test('the page navigates unless it prevents it, without waiting for the request', async ({ visit, site }) => {
        const there = visit.write({ body: '<header id=target></header><h1>The order</h1>' })
        const message = await site.publish('Parcel', { body: `See [the order](${there}).` })
        await visit.arrive()
        await visit.open()
        let answer: () => void = () => {}
        const held = new Promise<void>(resolve => (answer = resolve))
        const marked: unknown[] = []
        await visit.page.route('**/marks', async route => {
            const body: unknown = route.request().postDataJSON()
            if (!('clicked' in (body as object))) return route.continue()
            marked.push(body)
            await held
            await route.continue().catch(() => {})
        })
        await visit.frame.getByRole('link', { name: 'the order' }).click()
        await expect(visit.page).toHaveURL(there)
        expect(marked).toEqual([{ clicked: message }])
        answer()
    })

    test('a followed link is recorded although its page is gone', async ({ visit, site }) => {
        const there = visit.write({ body: '<header id=target></header><h1>The order</h1>' })
        await site.publish('Parcel', { link: there })
        await visit.arrive()
        await visit.open()
        await visit.frame.getByRole('link', { name: 'Parcel' }).click()
        await expect(visit.page).toHaveURL(there)
        await expect(visit.bell).toHaveAccessibleName('Notifications')
    })

    for (const name of ['Parcel', 'Track']) {
        const content = (there: string) => ({ link: there, newTab: true, actions: [{ label: 'Track', link: there, newTab: true }] })

        test(`“${name}” opens a new tab if its sender requests that, and the panel stays`, async ({ visit, site }) => {
            const there = visit.write({ body: '<header id=target></header><h1>The order</h1>' })
            const message = await site.publish('Parcel', content(there))
            await visit.arrive()
            const here = visit.page.url()
            await visit.open()
            const link = visit.frame.getByRole('link', { name, exact: true })
            await expect(link).toHaveAttribute('target', '_blank')
            await expect(link).toHaveAttribute('rel', /noopener/)
            const opened = visit.page.context().waitForEvent('page')
            await link.click()
            const other = await opened
            await expect(other).toHaveURL(there)
            expect(await other.evaluate(() => opener)).toBeNull()
            await visit.shows(['Parcel'], 0)
            await expect(visit.panel).toBeVisible()
            expect(visit.page.url()).toBe(here)
            expect((await visit.notes()).events.find(({ type }) => type === 'click')?.detail).toEqual({ href: there, id: message })
        })

        test(`the page may prevent “${name}” from opening a new tab`, async ({ visit, site }) => {
            const there = visit.write()
            await site.publish('Parcel', content(there))
            await visit.arrive({ head: `<script nonce=page>addEventListener('belfry:click', event => event.preventDefault())</script>` })
            await visit.open()
            await visit.frame.getByRole('link', { name, exact: true }).click()
            await visit.shows(['Parcel'], 0)
            expect((await visit.notes()).events.filter(({ type }) => type === 'click')).toHaveLength(1)
            expect(visit.page.context().pages()).toHaveLength(1)
        })
    }

    test('other links open in the page’s own tab', async ({ visit, site, backend }) => {
        await site.publish('Parcel', content(backend.pages.origin))
        await visit.arrive()
        await visit.open()
        for (const name of ['Parcel', 'the order', 'Track']) await expect(visit.frame.getByRole('link', { name, exact: true })).toHaveAttribute('target', '_top')
    })
})

test.describe('opening and closing', () => {
    test.beforeEach(async ({ visit, site }) => {
        await site.fill(2)
        await visit.arrive({ body: '<header id=target><button id=before>Before</button></header><main style="height: 600px">Shop</main>' })
    })

    test('Escape closes the panel and restores the focus', async ({ visit }) => {
        await visit.page.locator('#before').focus()
        await visit.page.keyboard.press('Tab')
        await visit.page.keyboard.press('Enter')
        await expect(visit.panel).toBeFocused()
        await visit.page.keyboard.press('Escape')
        await expect(visit.panel).toBeHidden()
        await expect(visit.bell).toBeFocused()
        await expect(visit.bell).toHaveAttribute('aria-expanded', 'false')
    })

    test('a click beside it and its close button close it', async ({ visit }) => {
        await visit.open()
        await visit.page.mouse.click(100, 500)
        await expect(visit.panel).toBeHidden()
        await visit.open()
        await visit.frame.getByRole('button', { name: 'Close' }).click()
        await expect(visit.panel).toBeHidden()
        await visit.open()
        await visit.bell.click()
        await expect(visit.panel).toBeHidden()
    })
})

test('a relative link leads to the embedding page’s origin, for every origin of the site', async ({ belfry, backend, page }) => {
    const site = await belfry.site(['https://shop.example', backend.pages.origin])
    backend.serve(site)
    await site.contact('anna')
    await site.publish('Order', { link: '/orders/7?a=b#c', body: '[Read](help#x) or [write](mailto:help@shop.example)' })
    const visit = new Visit(page, site, backend)
    await visit.arrive({ head: `<script nonce=page>addEventListener('belfry:click', event => event.preventDefault())</script>` })
    await visit.open()
    const link = (name: string) => visit.item('Order').getByRole('link', { name })
    for (const [name, address] of [['Order', '/orders/7?a=b#c'], ['Read', '/help#x']] as const) {
        await expect(link(name)).toHaveAttribute('href', 'https://shop.example' + address)
        await link(name).click()
        await expect.poll(async () => (await visit.notes()).events.at(-1)).toMatchObject({ type: 'click', detail: { href: backend.pages.origin + address } })
        await expect(visit.panel).toBeHidden()
        await visit.open()
        // So that the browser's own ways of opening a link use it as well.
        await expect(link(name)).toHaveAttribute('href', backend.pages.origin + address)
    }
    await expect(link('write')).toHaveAttribute('href', 'mailto:help@shop.example')
})

test('the middle button follows a link as a click does, and nothing else', async ({ visit, site, backend, context }) => {
    const path = 'sale'
    await context.route(`**/${path}`, route => route.fulfill({ contentType: 'text/html', body: 'Sale' }))
    const message = await site.publish('Sale', { link: `${backend.pages.origin}/${path}`, body: 'Until Sunday.' })
    await visit.arrive()
    await visit.open()
    const marks: unknown[] = []
    visit.page.on('request', request => request.url().endsWith('/marks') && marks.push(request.postDataJSON()))
    const link = visit.frame.getByRole('link', { name: 'Sale', exact: true })
    // Without the browser's context menu, whose Escape may reach the panel as well.
    await visit.frame.locator('html').evaluate(html => html.addEventListener('contextmenu', event => event.preventDefault()))
    await link.click({ button: 'right' })
    await visit.frame.locator('.item .body').click({ button: 'middle' })
    await expect(visit.unread).toHaveCount(1)
    const tab = context.waitForEvent('page')
    await link.click({ button: 'middle' })
    await tab
    await expect(visit.unread).toHaveCount(0)
    await visit.counts(0)
    const chosen = () => marks.filter(mark => !('seen' in (mark as object)))
    await expect.poll(chosen).toEqual([{ clicked: message }])
    const stats = await site.call<{ clicked: number }>('GET', `/messages/${message}/stats`)
    expect(stats.clicked).toBe(1)
})

// A drawn card with real messages: each part at its drawn position, as selectable text, with a new
// layout for more text, less space, or another direction.
import { AxeBuilder } from '@axe-core/playwright'
import { expect, test, type ReaderPage } from '../support/fixtures.ts'
import { pseudoStyle, colours, files, customProperty, picture, animationsEnd, builtin, publish } from '../support/theme.ts'

const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="150" viewBox="0 0 400 150">
    <rect x="8.5" y="4.5" width="383" height="141" rx="12" fill="#fff6e5" stroke="#7a4b00"/>
    <rect id="unread" x="18" y="24" width="12" height="12" fill="#d00000"/>
    <text id="title" x="40" y="35" font-size="15" font-weight="600" fill="#201000">Your order</text>
    <text id="time" x="376" y="35" font-size="12" text-anchor="end" fill="#5a4a30">4 min ago</text>
    <text id="body" x="40" y="66" font-size="14" fill="#3a2a10">It has left the house.</text>
    <rect id="image" x="320" y="50" width="56" height="56" rx="8" fill="#ddd"/>
    <g id="action-1"><rect x="40" y="104" width="90" height="28" rx="6" fill="#7a4b00"/><text x="85" y="122.5" text-anchor="middle" font-size="13" font-weight="600" fill="#ffffff">Track</text></g>
    <g id="category"><rect x="296" y="118" width="80" height="20" rx="10" fill="#ffe0a0"/><text x="336" y="132" text-anchor="middle" font-size="11" fill="#4a3000">Orders</text></g>
</svg>`
const link = 'https://shop.example/order'
const order = { body: 'On its way.', link, actions: [{ label: 'Track', link }] }

type Box = { left: number; right: number; top: number; bottom: number }
type Card = Box & { width: number; height: number; parts: Record<string, Box & { baseline: number; selected: string }> }

/** The position of every part of a card, relative to the card's corner. */
const measure = (readerPage: ReaderPage, title: string): Promise<Card> =>
    readerPage.item(title).evaluate(item => {
        const edge = item.getBoundingClientRect()
        const box = ({ left, right, top, bottom }: DOMRect) => ({ left: left - edge.left, right: right - edge.left, top: top - edge.top, bottom: bottom - edge.top })
        const parts: Card['parts'] = {}
        for (const [name, selector] of Object.entries({ title: '.title', body: '.body', time: 'time', category: '.category', image: '.picture', actions: '.action' })) {
            const part = item.querySelector(selector)
            if (!part?.getClientRects().length) continue
            const whole = part.getBoundingClientRect()
            parts[name] = { ...box(whole), baseline: NaN, selected: '' }
            // The text without parts for screen readers only.
            const walk = document.createTreeWalker(part, NodeFilter.SHOW_TEXT, node => (node.textContent?.trim() && !node.parentElement?.closest('.hidden-text') ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_SKIP))
            const words = walk.nextNode()
            if (!words) continue
            const range = document.createRange()
            range.selectNodeContents(words)
            getSelection()?.addRange(range)
            const selected = String(getSelection())
            getSelection()?.removeAllRanges()
            const letters = range.getBoundingClientRect()
            const probe = document.createElement('span')
            probe.style.display = 'inline-block'
            words.parentElement?.insertBefore(probe, words)
            const baseline = probe.getBoundingClientRect().bottom - edge.top
            probe.remove()
            parts[name] = { ...box(name === 'actions' || name === 'category' ? whole : letters), baseline, selected }
        }
        return { ...box(edge), width: edge.width, height: edge.height, parts }
    })

const near = (found: number | undefined, wanted: number, by = 1.5) => expect(Math.abs((found ?? NaN) - wanted), `${found} is not ${wanted}`).toBeLessThanOrEqual(by)
const sideways = (readerPage: ReaderPage) => readerPage.scroll.evaluate(scroll => scroll.scrollWidth - scroll.clientWidth)

const show = async (readerPage: ReaderPage) => {
    await readerPage.arrive()
    await readerPage.open()
    await animationsEnd(readerPage)
}

test('every part is real text at its drawn position', async ({ readerPage, site, backend }) => {
    await publish(site, { card: drawing })
    await site.publish('Order', { ...order, image: picture(backend) }, { category: 'Orders' } as object)
    await show(readerPage)
    const card = await measure(readerPage, 'Order')
    near(card.width, 400)
    near(card.height, 150)
    const { title, body, time, image, actions, category } = card.parts
    near(title?.left, 40)
    near(title?.baseline, 35)
    expect(title?.selected).toBe('Order')
    near(body?.left, 40)
    near(body?.baseline, 66)
    expect(body?.selected).toBe('On its way.')
    near(time?.right, 376)
    near(time?.baseline, 35)
    expect(time?.selected).toContain('now')
    near(image?.left, 320)
    near(image?.top, 50)
    near(image?.right, 376)
    near(image?.bottom, 106)
    near(actions?.left, 40)
    near(actions?.top, 104)
    near(actions?.bottom, 132)
    near(category?.right, 376)
    near(category?.top, 118)
    expect(category?.selected).toBe('Orders')
    await expect(readerPage.item('Order').locator('.title')).toHaveCSS('font-size', '15px')
    await expect(readerPage.item('Order').locator('.title')).toHaveCSS('color', 'rgb(32, 16, 0)')
    await expect(readerPage.item('Order').locator('.action')).toHaveCSS('background-color', 'rgb(122, 75, 0)')
    await expect(readerPage.item('Order').locator('.body p')).toHaveText('On its way.')
    await expect(readerPage.item('Order').getByRole('link', { name: 'Track' })).toHaveAttribute('href', link)
    await expect(readerPage.item('Order').getByRole('heading').getByRole('link')).toHaveAttribute('href', link)
    expect(await sideways(readerPage)).toBe(0)
})

for (const [name, viewport] of [['a narrow panel', { width: 376, height: 760 }], ['a phone', { width: 390, height: 780 }]] as const) {
    test.describe(name, () => {
        test.use({ viewport })

        test('parts anchored at the far side stay there', async ({ readerPage, site, backend }) => {
            await publish(site, { card: drawing })
            await site.publish('Order', { ...order, image: picture(backend) }, { category: 'Orders' } as object)
            await show(readerPage)
            const { width, height, parts } = await measure(readerPage, 'Order')
            expect(width).toBe(viewport.width)
            near(height, 150)
            near(parts.title?.left, 40)
            near(parts.time?.right, width - 24)
            near(parts.image?.right, width - 24)
            near((parts.image?.right ?? 0) - (parts.image?.left ?? 0), 56)
            // The drawn frame keeps its distance, too, and its corners keep their radius.
            const [inside, outside] = await colours(readerPage.page, readerPage.item('Order'), [[width - 12, 75], [width - 3, 75]])
            expect(inside).toBe('255,246,229')
            expect(outside).not.toBe(inside)
            expect(await sideways(readerPage)).toBe(0)
        })
    })
}

test('it stretches in an inbox as wide as a page', async ({ readerPage, site, backend }) => {
    await publish(site, { card: drawing })
    await site.publish('Order', { ...order, image: picture(backend) }, { category: 'Orders' } as object)
    const page = backend.pages.add(`<!doctype html><html lang=en><title>Shop</title><link rel=icon href="data:,"><form method=post action="${site.belfry.origin}/embed/${site.id}?view=page"><input type=hidden name=token value="${await site.token('anna')}"><button>My messages</button></form>`)
    await readerPage.page.goto(page)
    await readerPage.page.getByRole('button').click()
    const boxes = await readerPage.page.locator('.item').evaluate(item => [item, item.querySelector('.when time'), item.querySelector('.picture')].map(part => part?.getBoundingClientRect().toJSON() as DOMRect))
    const [item, , image] = boxes
    expect(item?.width).toBe(680)
    near(image?.right, (item?.right ?? 0) - 24)
})

test('more text moves the parts below it, and the card grows', async ({ readerPage, site, backend }) => {
    await publish(site, { card: drawing })
    const image = picture(backend)
    await site.publish('Short', { ...order, image })
    await site.publish('Long', { ...order, image, body: 'So much was said about this order that it takes several lines to say it. '.repeat(6) })
    await show(readerPage)
    const short = await measure(readerPage, 'Short')
    const long = await measure(readerPage, 'Long')
    const more = (long.parts.body?.bottom ?? 0) - (short.parts.body?.bottom ?? 0)
    expect(more).toBeGreaterThan(80)
    near((long.parts.actions?.top ?? 0) - (short.parts.actions?.top ?? 0), more, 4)
    near(long.height - short.height, more, 4)
    near(long.parts.title?.baseline, 35)
    near(long.parts.image?.top, 50)
    // Text is beside the image, and none on it.
    expect(long.parts.body?.right).toBeLessThanOrEqual(320)
    // The drawn background extends behind all of it.
    const seen = await colours(readerPage.page, readerPage.item('Long'), [[200, Math.round(long.height) - 10], [200, Math.round(long.height / 2)], [200, 12]])
    expect(seen[0]).toBe('255,246,229')
    expect(seen[2]).toBe('255,246,229')
    expect(await sideways(readerPage)).toBe(0)
})

test('without an image the text uses its space', async ({ readerPage, site, backend }) => {
    await publish(site, { card: drawing })
    const body = 'Words that fill the line and go on to the next one, and on, and on, and on.'
    await site.publish('With', { ...order, body, image: picture(backend) })
    await site.publish('Without', { ...order, body })
    await show(readerPage)
    const beside = await measure(readerPage, 'With')
    const alone = await measure(readerPage, 'Without')
    expect(beside.parts.body?.right).toBeLessThanOrEqual(321)
    expect(alone.parts.body?.right).toBeGreaterThan(330)
    expect(alone.parts.body?.right).toBeLessThanOrEqual(384)
    expect(alone.parts.image).toBeUndefined()
    near(alone.parts.time?.right, 376)
})

test('long and unusual titles stay inside their card', async ({ readerPage, site, backend }) => {
    await publish(site, { card: drawing })
    const titles = ['A title that is so long that nobody would ever want to read all of it but it was written', 'Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz'.repeat(2), `z${'\u0301'.repeat(60)}`]
    for (const title of titles) await site.publish(title.slice(0, 150), { ...order, body: 'W'.repeat(120), image: picture(backend), actions: [{ label: 'Track the whole of the order', link }, { label: 'Something else', link }] })
    await show(readerPage)
    const spilled = await readerPage.items.evaluateAll(items =>
        items.flatMap(item => {
            const box = item.getBoundingClientRect()
            const time = item.querySelector('time')?.getBoundingClientRect()
            return [...item.querySelectorAll('.title, .title a, .body, .action, time, .picture')].flatMap(part => {
                const inner = part.getBoundingClientRect()
                const out = inner.left < box.left - 0.5 || inner.right > box.right + 0.5 || inner.top < box.top - 0.5 || inner.bottom > box.bottom + 0.5
                const covers = part.closest('.title') && time && inner.right > time.left + 0.5 && inner.top < time.bottom && inner.bottom > time.top
                return [out && `${part.className} ${part.localName} leaves its card`, covers && `${part.localName} covers the time`].filter(Boolean)
            })
        })
    )
    expect(spilled).toEqual([])
    expect(await sideways(readerPage)).toBe(0)
})

test('a long title without an image stays beside the time', async ({ readerPage, site }) => {
    await publish(site, { card: drawing })
    const title = 'A title that is so long that it needs more than one line'
    await site.publish(title, { body: 'Its body.' })
    await show(readerPage)
    const { parts } = await measure(readerPage, title)
    expect(parts.title?.bottom).toBeGreaterThan(45)
    expect(parts.title?.right).toBeLessThanOrEqual((parts.time?.left ?? 0) - 4)
})

test('a boxed title is clamped to its lines', async ({ readerPage, site }) => {
    await publish(site, { card: drawing.replace('<text id="title"', '<g id="title"><rect x="40" y="18" width="240" height="44" fill="none"/><text').replace('Your order</text>', 'Your order</text></g>').replace('id="body" x="40" y="66"', 'id="body" x="40" y="82"').replace('x="320" y="50"', 'x="320" y="44"') })
    await site.publish('words '.repeat(24).trim(), { body: 'Body' })
    await show(readerPage)
    const title = await readerPage.items.first().locator('.title').boundingBox()
    expect(title?.height).toBeLessThanOrEqual(46)
    expect(title?.height).toBeGreaterThanOrEqual(38)
})

test('from right to left everything is mirrored', async ({ readerPage, site, backend }) => {
    await publish(site, { card: drawing })
    await site.publish('', {}, { content: { ar: { title: 'طلبك', body: 'في الطريق.', image: picture(backend), link, actions: [{ label: 'تتبّع', link }] } } })
    await readerPage.arrive({ language: 'ar' })
    await readerPage.open()
    await animationsEnd(readerPage)
    await expect(readerPage.frame.locator('html')).toHaveAttribute('dir', 'rtl')
    const { parts, width } = await measure(readerPage, 'طلبك')
    near(parts.title?.right, width - 40)
    near(parts.title?.baseline, 35)
    near(parts.body?.right, width - 40)
    near(parts.time?.left, 24)
    near(parts.image?.left, 24)
    near(parts.actions?.right, width - 40)
    // The drawn mark as well.
    const [there, here] = await colours(readerPage.page, readerPage.items.first(), [[width - 24, 30], [24, 20]])
    expect(there).toBe('208,0,0')
    expect(here).toBe('255,246,229')
    expect(await sideways(readerPage)).toBe(0)
})

test('read and unread messages differ as drawn', async ({ readerPage, site }) => {
    await publish(site, { card: drawing })
    await site.publish('Order', order)
    await show(readerPage)
    expect(await colours(readerPage.page, readerPage.item('Order'), [[24, 30]])).toEqual(['208,0,0'])
    await expect(readerPage.item('Order').locator('.dot')).toBeHidden()
    await readerPage.clickTool('Order', 'Mark as read')
    await expect(readerPage.item('Order')).not.toHaveClass(/unread/)
    await readerPage.frame.locator('#panel-title').hover()
    await expect.poll(() => colours(readerPage.page, readerPage.item('Order'), [[24, 30]])).toEqual(['255,246,229'])
    expect(await pseudoStyle(readerPage.item('Order'), 'border-image-source')).not.toContain('%23d00000')
    await readerPage.clickTool('Order', 'Mark as unread')
    await readerPage.frame.locator('#panel-title').hover()
    await expect.poll(() => colours(readerPage.page, readerPage.item('Order'), [[24, 30]])).toEqual(['208,0,0'])
})

test('actions are reachable by mouse and keyboard', async ({ readerPage, site }) => {
    await publish(site, { card: drawing })
    await site.fill(3)
    await show(readerPage)
    await readerPage.clickTool('Message 2', 'Archive')
    await expect(readerPage.undo).toBeVisible()
    await readerPage.undo.getByRole('button').click()
    await expect(readerPage.item('Message 2')).toBeVisible()
    await readerPage.panel.focus()
    for (const key of ['Home', 'j']) await readerPage.page.keyboard.press(key)
    await expect(readerPage.item('Message 2')).toBeFocused()
    expect(await customProperty(readerPage.item('Message 2'), 'outline-style')).not.toBe('none')
    await readerPage.page.keyboard.press('r')
    await expect(readerPage.item('Message 2')).not.toHaveClass(/unread/)
})

const content = {
    en: { title: 'Order 1042 is on its way', body: 'Your **Halo lamp** left the workshop. Expect it *tomorrow*, [or later](https://shop.example/).', link, actions: [{ label: 'Track', link }, { label: 'Change the day', link }] }
}

for (const name of builtin) {
    for (const colorScheme of ['light', 'dark'] as const) {
        test.describe(`${name}, ${colorScheme}`, () => {
            test.use({ colorScheme })

            test('accessible, and nothing scrolls sideways', async ({ readerPage, site, backend }) => {
                test.setTimeout(60_000)
                const examine = async (state: string) => {
                    await animationsEnd(readerPage)
                    const { violations } = await new AxeBuilder({ page: readerPage.page }).exclude(['belfry-bell > iframe', '.badge']).analyze()
                    return violations.flatMap(({ id, nodes }) => nodes.map(({ html, any }) => `${state}: ${id} ${html.slice(0, 100)} ${any[0]?.message ?? ''}`))
                }
                await publish(site, files(name))
                await site.publish('', {}, { content: { en: { ...content.en, image: picture(backend) } }, category: 'Orders', pinned: true } as object)
                await site.publish('', {}, { content, category: 'News' } as object)
                await site.fill(12)
                await readerPage.arrive()
                const found = await examine('closed')
                await readerPage.open()
                await readerPage.item('Message 11').click()
                // Where a drawing covers a card's background, axe sees only the background; so
                // nothing is hovered, and a drawn badge is excluded.
                await readerPage.frame.locator('#panel-title').hover()
                found.push(...(await examine('open')))
                await readerPage.clickTool('Message 10', 'Archive')
                await expect(readerPage.undo).toBeVisible()
                await readerPage.frame.locator('#panel-title').hover()
                await readerPage.frame.locator('#offline').evaluate((line: HTMLElement) => (line.hidden = false))
                await readerPage.frame.locator('#notice').evaluate((line: HTMLElement) => Object.assign(line, { hidden: false, textContent: 'That did not work.' }))
                await readerPage.scroll.evaluate(scroll => scroll.scrollTo(0, scroll.scrollHeight))
                found.push(...(await examine('bottom')))
                await readerPage.panel.focus()
                await readerPage.page.keyboard.press('?')
                await expect(readerPage.shortcuts).toBeVisible()
                found.push(...(await examine('keys')))
                await readerPage.page.keyboard.press('Escape')
                await readerPage.selectFilter('Archive')
                await readerPage.clickTool('Message 10', 'Delete')
                await expect(readerPage.empty).toBeVisible()
                found.push(...(await examine('empty')))
                expect(await sideways(readerPage)).toBe(0)
                expect(found).toEqual([])
            })
        })
    }
}

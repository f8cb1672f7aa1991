// The appearance of the inbox: automated accessibility checks, and screenshots.
import { writeFileSync } from 'node:fs'
import { AxeBuilder } from '@axe-core/playwright'
import type { Locator, Page } from '@playwright/test'
import { Demo } from '../support/belfry.ts'
import { small } from '../support/picture.ts'
import { expect, test, type Visit } from '../support/real.ts'

const desktop = { width: 1000, height: 760 }
const phone = { width: 390, height: 780 }

const content = {
    en: { title: 'Order 1042 is on its way', body: 'Your **Halo lamp** left the workshop. Expect it *tomorrow*, [or later](https://shop.example/).', link: 'https://shop.example/', actions: [{ label: 'Track', link: 'https://shop.example/track' }] }
}

const examine = async (page: Page) => {
    const { violations } = await new AxeBuilder({ page }).analyze()
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html.slice(0, 120)).join(' | ')}`)
}

const shot = (visit: Visit, name: string) => visit.page.screenshot({ path: test.info().outputPath(`${name}.png`), animations: 'disabled' })

for (const colorScheme of ['light', 'dark'] as const) {
    for (const [device, viewport] of [['desktop', desktop], ['phone', phone]] as const) {
        test.describe(`${colorScheme}, ${device}`, () => {
            test.use({ colorScheme, viewport })

            test('accessible: closed, open, read, empty, with notices', async ({ visit, site }) => {
                test.setTimeout(60_000)
                await visit.arrive()
                expect(await examine(visit.page)).toEqual([])
                await visit.open()
                expect(await examine(visit.page)).toEqual([])
                await shot(visit, 'empty')
                await visit.page.keyboard.press('Escape')
                await expect(visit.panel).toBeHidden()
                await site.publish('', {}, { content, pinned: true })
                await site.fill(12)
                await expect(visit.badge).toHaveText('13')
                await expect(visit.badge).toBeInViewport({ ratio: 1 })
                await shot(visit, 'bell')
                expect(await examine(visit.page)).toEqual([])
                await visit.open()
                await visit.item('Message 11').click()
                await visit.item('Message 12').hover()
                expect(await examine(visit.page)).toEqual([])
                await shot(visit, 'open')
                await visit.page.route('**/marks', route => route.fulfill({ status: 500, json: {} }))
                await visit.allRead.click()
                await expect(visit.notice).toBeVisible()
                await visit.frame.locator('#offline').evaluate((line: HTMLElement) => (line.hidden = false))
                expect(await examine(visit.page)).toEqual([])
                await shot(visit, 'notices')
                await visit.page.unroute('**/marks')
                await visit.allRead.click()
                await expect(visit.unread).toHaveCount(0)
                expect(await examine(visit.page)).toEqual([])
            })

            test('accessible: actions, undo, waiting messages, shortcuts, archive', async ({ visit, site }) => {
                test.setTimeout(60_000)
                await site.publish('', {}, { content, pinned: true })
                await site.fill(14)
                await visit.arrive()
                await visit.open()
                await visit.does('Message 14', 'Mark as read')
                await visit.does('Message 13', 'Archive')
                await visit.item('Message 12').hover()
                await expect(visit.undo).toBeVisible()
                await visit.undo.evaluate(line => Promise.all(line.getAnimations().map(animation => animation.finished)))
                expect(await examine(visit.page)).toEqual([])
                await shot(visit, 'undo')
                await visit.scrollTo(200)
                await site.publish('New')
                await expect(visit.pill).toBeVisible()
                expect(await examine(visit.page)).toEqual([])
                await shot(visit, 'waiting')
                await visit.panel.focus()
                for (const key of ['Home', 'j', '?']) await visit.page.keyboard.press(key)
                await expect(visit.keys).toBeVisible()
                expect(await examine(visit.page)).toEqual([])
                await shot(visit, 'keys')
                await visit.page.keyboard.press('Escape')
                await shot(visit, 'focus')
                await visit.choose('Archive')
                await visit.item('Message 13').hover()
                await visit.item('Message 13').evaluate(item => Promise.all(item.getAnimations({ subtree: true }).map(animation => animation.finished)))
                expect(await examine(visit.page)).toEqual([])
                await shot(visit, 'archive')
                await visit.does('Message 13', 'Delete')
                await expect(visit.empty).toBeVisible()
                expect(await examine(visit.page)).toEqual([])
                await shot(visit, 'empty-archive')
            })

            test('loading and right to left', async ({ visit, site }) => {
                await site.publish('', {}, { content: { ...content, ar: { title: 'طلبك في الطريق', body: 'سيصل **غدًا** بين 9 و12.', actions: [{ label: 'تتبّع', link: 'https://shop.example/' }] } }, pinned: true })
                await site.fill(30)
                await visit.arrive({ language: 'ar' })
                await visit.page.route('**/messages?**', () => {})
                await visit.open()
                await expect(visit.frame.locator('html')).toHaveAttribute('dir', 'rtl')
                await shot(visit, 'rtl')
                const dot = await visit.items.nth(1).locator('.dot').boundingBox()
                const text = await visit.items.nth(1).locator('.text').boundingBox()
                expect(dot?.x ?? 0).toBeGreaterThan((text?.x ?? 0) + (text?.width ?? 0) - 1)
                await visit.items.last().scrollIntoViewIfNeeded()
                await expect(visit.frame.locator('#loading')).toBeVisible()
                await visit.frame.locator('.scroll').evaluate(scroll => scroll.scrollTo(0, scroll.scrollHeight))
                await shot(visit, 'loading')
                expect(await examine(visit.page)).toEqual([])
            })
        })
    }
}

const corners = { 'top left': 'left:8px;top:8px', 'top right': 'right:8px;top:8px', 'bottom left': 'left:8px;bottom:8px', 'bottom right': 'right:8px;bottom:8px' }
for (const [corner, place] of Object.entries(corners)) {
    test(`the panel is inside the window with the bell ${corner}`, async ({ visit, site }) => {
        await site.fill(12)
        await visit.arrive({ head: `<style nonce=page>#target { position: fixed; ${place} }</style>` })
        const before = await visit.wrapper.boundingBox()
        await visit.open()
        await visit.panel.evaluate(panel => Promise.all(panel.getAnimations().map(animation => animation.finished)))
        const panel = await visit.panel.boundingBox()
        const bell = await visit.bell.boundingBox()
        expect(panel?.x).toBeGreaterThanOrEqual(8)
        expect(panel?.y).toBeGreaterThanOrEqual(8)
        expect((panel?.x ?? 0) + (panel?.width ?? 0)).toBeLessThanOrEqual(desktop.width - 8)
        expect((panel?.y ?? 0) + (panel?.height ?? 0)).toBeLessThanOrEqual(desktop.height - 8)
        expect(panel?.width).toBe(400)
        expect(bell).toEqual(before)
        await shot(visit, 'corner')
        await visit.page.keyboard.press('Escape')
        await expect(visit.panel).toBeHidden()
        await expect(visit.bell).toBeInViewport({ ratio: 1 })
        expect(await visit.bell.boundingBox()).toEqual(before)
    })
}

test('a bottom sheet on a phone', async ({ visit, site }) => {
    await visit.page.setViewportSize(phone)
    await site.fill(12)
    await visit.arrive()
    await visit.open()
    await visit.panel.evaluate(panel => Promise.all(panel.getAnimations().map(animation => animation.finished)))
    expect(await visit.panel.boundingBox()).toEqual({ x: 0, y: phone.height * 0.15, width: phone.width, height: phone.height * 0.85 })
    await visit.page.mouse.click(200, 40)
    await expect(visit.panel).toBeHidden()
    await expect(visit.bell).toBeInViewport({ ratio: 1 })
})

test.describe('with forced colours', () => {
    test.use({ contextOptions: { forcedColors: 'active' } })

    test('what is marked by colour uses system colours', async ({ visit, site }) => {
        await site.fill(14)
        await visit.arrive()
        await visit.open()
        await visit.does('Message 14', 'Mark as read')
        const dot = (title: string) => visit.item(title).locator('.dot').evaluate(dot => getComputedStyle(dot).backgroundColor)
        expect(await dot('Message 13')).not.toBe(await dot('Message 14'))
        const line = (name: 'All' | 'Unread') => visit.filter(name).evaluate(link => getComputedStyle(link).borderBlockEndColor)
        expect(await line('All')).not.toBe(await line('Unread'))
        await visit.does('Message 13', 'Archive')
        await visit.scrollTo(200)
        await site.publish('New')
        await expect(visit.pill).toBeVisible()
        const edges = (place: Locator) => place.evaluate(element => getComputedStyle(element).borderBlockStartStyle)
        expect([await edges(visit.undo), await edges(visit.pill)]).toEqual(['solid', 'solid'])
        await shot(visit, 'forced')
        await visit.panel.focus()
        await visit.page.keyboard.press('?')
        expect(await edges(visit.keys)).toBe('solid')
        expect(await examine(visit.page)).toEqual([])
        await shot(visit, 'forced-keys')
    })
})

test.describe('with reduced motion', () => {
    test.use({ contextOptions: { reducedMotion: 'reduce' } })

    test('nothing moves', async ({ visit, site }) => {
        await site.fill(25)
        await visit.go()
        // Records every animation and transition that starts in the document.
        await expect(visit.frame.locator('html[data-awake][data-stream=open]')).toBeAttached({ timeout: 15_000 })
        const moved = await visit.frame.locator('html').evaluateHandle(() => {
            const names: string[] = []
            for (const kind of ['animationstart', 'transitionrun'] as const) document.addEventListener(kind, event => names.push(`${kind} ${(event.target as Element).className}`), true)
            return names
        })
        await visit.open()
        await visit.does('Message 25', 'Mark as read')
        await visit.does('Message 24', 'Archive')
        await visit.item('Message 22').hover()
        await visit.choose('Unread')
        await visit.page.route('**/messages?*', () => {})
        await visit.older.dispatchEvent('click')
        await expect(visit.frame.locator('#loading')).toBeVisible()
        await visit.scrollTo(200)
        await site.publish('New')
        await expect(visit.pill).toBeVisible()
        await visit.page.keyboard.press('Escape')
        await expect(visit.panel).toBeHidden()
        expect(await visit.frame.locator('html').evaluate(() => document.getAnimations().length)).toBe(0)
        expect(await moved.jsonValue()).toEqual([])
    })
})

for (const [name, viewport] of [['a desktop', { width: 500, height: 380 }], ['a small phone', { width: 320, height: 256 }]] as const) {
    test.describe(`enlarged on ${name}`, () => {
        test.use({ viewport, deviceScaleFactor: 2 })

        test('nothing is cut off and nothing scrolls sideways', async ({ visit, site }) => {
            await site.publish('', {}, { content: { en: { title: 'Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz'.repeat(2), body: `${'https://shop.example/a-long-address/'.repeat(4)}\n\n\`${'code '.repeat(40)}\``, actions: [{ label: 'Track the whole of the order', link: 'https://shop.example/' }, { label: 'Something else entirely', link: 'https://shop.example/' }] } } })
            await site.fill(12)
            await visit.arrive()
            await visit.open()
            const sideways = () => visit.frame.locator('body').evaluate(body => [body, ...body.querySelectorAll('.panel, .head, .filters, .scroll, .item, .undo, .keys')].filter(place => place.scrollWidth > place.clientWidth && getComputedStyle(place).display != 'none').map(place => place.className))
            expect(await sideways()).toEqual([])
            for (const place of [visit.allRead, visit.frame.getByRole('button', { name: 'Close' }).first(), visit.filter('All'), visit.filter('Archive')]) await expect(place).toBeInViewport({ ratio: 1 })
            await visit.does('Message 12', 'Archive')
            await expect(visit.undo.getByRole('button')).toBeInViewport({ ratio: 1 })
            expect(await sideways()).toEqual([])
            await shot(visit, 'enlarged')
            await visit.panel.focus()
            await visit.page.keyboard.press('?')
            await expect(visit.keys).toBeInViewport()
            // Overflowing content can be scrolled to.
            await visit.keys.locator('dd').last().scrollIntoViewIfNeeded()
            await expect(visit.keys.locator('dd').last()).toBeInViewport({ ratio: 1 })
            expect(await sideways()).toEqual([])
            await shot(visit, 'enlarged-keys')
        })
    })
}

test('the screenshot of the demo for the README', async ({ page }) => {
    test.skip(!process.env.BELFRY_PICTURE, 'only when it is asked for, with BELFRY_PICTURE=1')
    const demo = await Demo.start()
    await page.setViewportSize({ width: 1000, height: 620 })
    await page.goto(demo.shop)
    await page.getByRole('button', { name: 'Sign in as Anna' }).click()
    const frame = page.frameLocator('belfry-bell > iframe')
    await expect(frame.locator('html[data-awake]')).toBeAttached({ timeout: 15_000 })
    await frame.locator('#bell').click()
    await frame.locator('.item').nth(1).dispatchEvent('click')
    await expect(frame.locator('.item.unread')).toHaveCount(10)
    await page.mouse.move(40, 600)
    const picture = await small(await page.context().newPage(), await page.screenshot({ animations: 'disabled' }))
    expect(picture.length).toBeLessThanOrEqual(80_000)
    writeFileSync('../public/bell.png', picture)
    await demo.end()
})

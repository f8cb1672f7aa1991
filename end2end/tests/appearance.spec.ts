// The appearance of the inbox: automated accessibility checks, and screenshots.
import { writeFileSync } from 'node:fs'
import { AxeBuilder } from '@axe-core/playwright'
import type { Locator, Page } from '@playwright/test'
import { Demo } from '../support/belfry.ts'
import { toSmallPng } from '../support/picture.ts'
import { expect, test, type ReaderPage } from '../support/fixtures.ts'

const desktop = { width: 1000, height: 760 }
const phone = { width: 390, height: 780 }

const content = {
    en: { title: 'Order 1042 is on its way', body: 'Your **Halo lamp** left the workshop. Expect it *tomorrow*, [or later](https://shop.example/).', link: 'https://shop.example/', actions: [{ label: 'Track', link: 'https://shop.example/track' }] }
}

const examine = async (page: Page) => {
    const { violations } = await new AxeBuilder({ page }).analyze()
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html.slice(0, 120)).join(' | ')}`)
}

const shot = (readerPage: ReaderPage, name: string) => readerPage.page.screenshot({ path: test.info().outputPath(`${name}.png`), animations: 'disabled' })

for (const colorScheme of ['light', 'dark'] as const) {
    for (const [device, viewport] of [['desktop', desktop], ['phone', phone]] as const) {
        test.describe(`${colorScheme}, ${device}`, () => {
            test.use({ colorScheme, viewport })

            test('accessible: closed, open, read, empty, with notices', async ({ readerPage, site }) => {
                test.setTimeout(60_000)
                await readerPage.arrive()
                expect(await examine(readerPage.page)).toEqual([])
                await readerPage.open()
                expect(await examine(readerPage.page)).toEqual([])
                await shot(readerPage, 'empty')
                await readerPage.page.keyboard.press('Escape')
                await expect(readerPage.panel).toBeHidden()
                await site.publish('', {}, { content, pinned: true })
                await site.fill(12)
                await expect(readerPage.badge).toHaveText('13')
                await expect(readerPage.badge).toBeInViewport({ ratio: 1 })
                await shot(readerPage, 'bell')
                expect(await examine(readerPage.page)).toEqual([])
                await readerPage.open()
                await readerPage.item('Message 11').click()
                await readerPage.item('Message 12').hover()
                expect(await examine(readerPage.page)).toEqual([])
                await shot(readerPage, 'open')
                await readerPage.page.route('**/marks', route => route.fulfill({ status: 500, json: {} }))
                await readerPage.allRead.click()
                await expect(readerPage.notice).toBeVisible()
                await readerPage.frame.locator('#offline').evaluate((line: HTMLElement) => (line.hidden = false))
                expect(await examine(readerPage.page)).toEqual([])
                await shot(readerPage, 'notices')
                await readerPage.page.unroute('**/marks')
                await readerPage.allRead.click()
                await expect(readerPage.unread).toHaveCount(0)
                expect(await examine(readerPage.page)).toEqual([])
            })

            test('accessible: actions, undo, waiting messages, shortcuts, archive', async ({ readerPage, site }) => {
                test.setTimeout(60_000)
                await site.publish('', {}, { content, pinned: true })
                await site.fill(14)
                await readerPage.arrive()
                await readerPage.open()
                await readerPage.clickTool('Message 14', 'Mark as read')
                await readerPage.clickTool('Message 13', 'Archive')
                await readerPage.item('Message 12').hover()
                await expect(readerPage.undo).toBeVisible()
                await readerPage.undo.evaluate(line => Promise.all(line.getAnimations().map(animation => animation.finished)))
                expect(await examine(readerPage.page)).toEqual([])
                await shot(readerPage, 'undo')
                await readerPage.scrollTo(200)
                await site.publish('New')
                await expect(readerPage.newMessages).toBeVisible()
                expect(await examine(readerPage.page)).toEqual([])
                await shot(readerPage, 'waiting')
                await readerPage.panel.focus()
                for (const key of ['Home', 'j', '?']) await readerPage.page.keyboard.press(key)
                await expect(readerPage.shortcuts).toBeVisible()
                expect(await examine(readerPage.page)).toEqual([])
                await shot(readerPage, 'keys')
                await readerPage.page.keyboard.press('Escape')
                await shot(readerPage, 'focus')
                await readerPage.selectFilter('Archive')
                await readerPage.item('Message 13').hover()
                await readerPage.item('Message 13').evaluate(item => Promise.all(item.getAnimations({ subtree: true }).map(animation => animation.finished)))
                expect(await examine(readerPage.page)).toEqual([])
                await shot(readerPage, 'archive')
                await readerPage.clickTool('Message 13', 'Delete')
                await expect(readerPage.empty).toBeVisible()
                expect(await examine(readerPage.page)).toEqual([])
                await shot(readerPage, 'empty-archive')
            })

            test('loading and right to left', async ({ readerPage, site }) => {
                await site.publish('', {}, { content: { ...content, ar: { title: 'طلبك في الطريق', body: 'سيصل **غدًا** بين 9 و12.', actions: [{ label: 'تتبّع', link: 'https://shop.example/' }] } }, pinned: true })
                await site.fill(30)
                await readerPage.arrive({ language: 'ar' })
                await readerPage.page.route('**/messages?**', () => {})
                await readerPage.open()
                await expect(readerPage.frame.locator('html')).toHaveAttribute('dir', 'rtl')
                await shot(readerPage, 'rtl')
                const dot = await readerPage.items.nth(1).locator('.dot').boundingBox()
                const text = await readerPage.items.nth(1).locator('.text').boundingBox()
                expect(dot?.x ?? 0).toBeGreaterThan((text?.x ?? 0) + (text?.width ?? 0) - 1)
                await readerPage.items.last().scrollIntoViewIfNeeded()
                await expect(readerPage.frame.locator('#loading')).toBeVisible()
                await readerPage.frame.locator('.scroll').evaluate(scroll => scroll.scrollTo(0, scroll.scrollHeight))
                await shot(readerPage, 'loading')
                expect(await examine(readerPage.page)).toEqual([])
            })
        })
    }
}

const corners = { 'top left': 'left:8px;top:8px', 'top right': 'right:8px;top:8px', 'bottom left': 'left:8px;bottom:8px', 'bottom right': 'right:8px;bottom:8px' }
for (const [corner, place] of Object.entries(corners)) {
    test(`the panel is inside the window with the bell ${corner}`, async ({ readerPage, site }) => {
        await site.fill(12)
        await readerPage.arrive({ head: `<style nonce=page>#target { position: fixed; ${place} }</style>` })
        const before = await readerPage.wrapper.boundingBox()
        await readerPage.open()
        await readerPage.panel.evaluate(panel => Promise.all(panel.getAnimations().map(animation => animation.finished)))
        const panel = await readerPage.panel.boundingBox()
        const bell = await readerPage.bell.boundingBox()
        expect(panel?.x).toBeGreaterThanOrEqual(8)
        expect(panel?.y).toBeGreaterThanOrEqual(8)
        expect((panel?.x ?? 0) + (panel?.width ?? 0)).toBeLessThanOrEqual(desktop.width - 8)
        expect((panel?.y ?? 0) + (panel?.height ?? 0)).toBeLessThanOrEqual(desktop.height - 8)
        expect(panel?.width).toBe(400)
        expect(bell).toEqual(before)
        await shot(readerPage, 'corner')
        await readerPage.page.keyboard.press('Escape')
        await expect(readerPage.panel).toBeHidden()
        await expect(readerPage.bell).toBeInViewport({ ratio: 1 })
        expect(await readerPage.bell.boundingBox()).toEqual(before)
    })
}

test('a bottom sheet on a phone', async ({ readerPage, site }) => {
    await readerPage.page.setViewportSize(phone)
    await site.fill(12)
    await readerPage.arrive()
    await readerPage.open()
    await readerPage.panel.evaluate(panel => Promise.all(panel.getAnimations().map(animation => animation.finished)))
    expect(await readerPage.panel.boundingBox()).toEqual({ x: 0, y: phone.height * 0.15, width: phone.width, height: phone.height * 0.85 })
    await readerPage.page.mouse.click(200, 40)
    await expect(readerPage.panel).toBeHidden()
    await expect(readerPage.bell).toBeInViewport({ ratio: 1 })
})

test.describe('with forced colours', () => {
    test.use({ contextOptions: { forcedColors: 'active' } })

    test('what is marked by colour uses system colours', async ({ readerPage, site }) => {
        await site.fill(14)
        await readerPage.arrive()
        await readerPage.open()
        await readerPage.clickTool('Message 14', 'Mark as read')
        const dot = (title: string) => readerPage.item(title).locator('.dot').evaluate(dot => getComputedStyle(dot).backgroundColor)
        expect(await dot('Message 13')).not.toBe(await dot('Message 14'))
        const line = (name: 'All' | 'Unread') => readerPage.filter(name).evaluate(link => getComputedStyle(link).borderBlockEndColor)
        expect(await line('All')).not.toBe(await line('Unread'))
        await readerPage.clickTool('Message 13', 'Archive')
        await readerPage.scrollTo(200)
        await site.publish('New')
        await expect(readerPage.newMessages).toBeVisible()
        const edges = (place: Locator) => place.evaluate(element => getComputedStyle(element).borderBlockStartStyle)
        expect([await edges(readerPage.undo), await edges(readerPage.newMessages)]).toEqual(['solid', 'solid'])
        await shot(readerPage, 'forced')
        await readerPage.panel.focus()
        await readerPage.page.keyboard.press('?')
        expect(await edges(readerPage.shortcuts)).toBe('solid')
        expect(await examine(readerPage.page)).toEqual([])
        await shot(readerPage, 'forced-keys')
    })
})

test.describe('with reduced motion', () => {
    test.use({ contextOptions: { reducedMotion: 'reduce' } })

    test('nothing moves', async ({ readerPage, site }) => {
        await site.fill(25)
        await readerPage.go()
        // Records every animation and transition that starts in the document.
        await expect(readerPage.frame.locator('html[data-awake][data-stream=open]')).toBeAttached({ timeout: 15_000 })
        const moved = await readerPage.frame.locator('html').evaluateHandle(() => {
            const names: string[] = []
            for (const kind of ['animationstart', 'transitionrun'] as const) document.addEventListener(kind, event => names.push(`${kind} ${(event.target as Element).className}`), true)
            return names
        })
        await readerPage.open()
        await readerPage.clickTool('Message 25', 'Mark as read')
        await readerPage.clickTool('Message 24', 'Archive')
        await readerPage.item('Message 22').hover()
        await readerPage.selectFilter('Unread')
        await readerPage.page.route('**/messages?*', () => {})
        await readerPage.older.dispatchEvent('click')
        await expect(readerPage.frame.locator('#loading')).toBeVisible()
        await readerPage.scrollTo(200)
        await site.publish('New')
        await expect(readerPage.newMessages).toBeVisible()
        await readerPage.page.keyboard.press('Escape')
        await expect(readerPage.panel).toBeHidden()
        expect(await readerPage.frame.locator('html').evaluate(() => document.getAnimations().length)).toBe(0)
        expect(await moved.jsonValue()).toEqual([])
    })
})

for (const [name, viewport] of [['a desktop', { width: 500, height: 380 }], ['a small phone', { width: 320, height: 256 }]] as const) {
    test.describe(`enlarged on ${name}`, () => {
        test.use({ viewport, deviceScaleFactor: 2 })

        test('nothing is cut off and nothing scrolls sideways', async ({ readerPage, site }) => {
            await site.publish('', {}, { content: { en: { title: 'Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz'.repeat(2), body: `${'https://shop.example/a-long-address/'.repeat(4)}\n\n\`${'code '.repeat(40)}\``, actions: [{ label: 'Track the whole of the order', link: 'https://shop.example/' }, { label: 'Something else entirely', link: 'https://shop.example/' }] } } })
            await site.fill(12)
            await readerPage.arrive()
            await readerPage.open()
            const sideways = () => readerPage.frame.locator('body').evaluate(body => [body, ...body.querySelectorAll('.panel, .head, .filters, .scroll, .item, .undo, .keys')].filter(place => place.scrollWidth > place.clientWidth && getComputedStyle(place).display != 'none').map(place => place.className))
            expect(await sideways()).toEqual([])
            for (const place of [readerPage.allRead, readerPage.frame.getByRole('button', { name: 'Close' }).first(), readerPage.filter('All'), readerPage.filter('Archive')]) await expect(place).toBeInViewport({ ratio: 1 })
            await readerPage.clickTool('Message 12', 'Archive')
            await expect(readerPage.undo.getByRole('button')).toBeInViewport({ ratio: 1 })
            expect(await sideways()).toEqual([])
            await shot(readerPage, 'enlarged')
            await readerPage.panel.focus()
            await readerPage.page.keyboard.press('?')
            await expect(readerPage.shortcuts).toBeInViewport()
            // Overflowing content can be scrolled to.
            await readerPage.shortcuts.locator('dd').last().scrollIntoViewIfNeeded()
            await expect(readerPage.shortcuts.locator('dd').last()).toBeInViewport({ ratio: 1 })
            expect(await sideways()).toEqual([])
            await shot(readerPage, 'enlarged-keys')
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
    const picture = await toSmallPng(await page.context().newPage(), await page.screenshot({ animations: 'disabled' }))
    expect(picture.length).toBeLessThanOrEqual(80_000)
    writeFileSync('../public/bell.png', picture)
    await demo.end()
})

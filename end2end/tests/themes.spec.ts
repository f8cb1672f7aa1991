// Theme changes for a reader: themes appear, change and disappear while the widget is open, and
// nothing of a previous one stays.
import { browse } from '../support/browse.ts'
import { expect, test, ReaderPage } from '../support/fixtures.ts'
import { pseudoStyle, colours, draft, customProperty, picture, preview, publishByCommand, rollBack, animationsEnd, sheets, publish, expectSheet } from '../support/theme.ts'

const square = (colour: string) => `<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24"><rect x="2" y="2" width="20" height="20" fill="${colour}"/></svg>`
const card = (colour: string) =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="80" viewBox="0 0 400 80"><rect width="400" height="80" fill="${colour}"/><text id="title" x="20" y="30" font-size="15" fill="#000">Title</text><text id="body" x="20" y="56" font-size="14" fill="#000">Body</text></svg>`
const theme = (colour: string) => ({ bell: square(colour), card: card(colour), css: `:root { --belfry-accent: ${colour} }` })
const red = theme('#c81e3c')
const lime = theme('#1ea03c')

const accent = (readerPage: ReaderPage) => customProperty(readerPage.frame.locator('body'), '--belfry-accent')
/** A reloaded document has lost this marker. */
const mark = (readerPage: ReaderPage) => readerPage.frame.locator('html').evaluate(() => void Object.assign(window, { marked: true }))
const marked = (readerPage: ReaderPage) => readerPage.frame.locator('html').evaluate(() => 'marked' in window)

test('while the panel is open: published, published again, rolled back, removed', async ({ readerPage, site }) => {
    await site.fill(2)
    const lines: string[] = []
    readerPage.page.on('console', message => /error|warning/.test(message.type()) && lines.push(message.text()))
    await readerPage.arrive()
    await readerPage.open()
    await mark(readerPage)
    const standard = await accent(readerPage)
    await expectSheet(readerPage, '')
    expect(await pseudoStyle(readerPage.bell, 'background-image')).toBe('none')
    await expect(readerPage.frame.locator('.bell .icon')).toBeVisible()

    const first = await publish(site, red)
    await expectSheet(readerPage, first.stylesheet)
    expect(await pseudoStyle(readerPage.bell, 'background-image')).toContain('%23c81e3c')
    expect(await pseudoStyle(readerPage.items.first(), 'border-image-source')).toContain('%23c81e3c')
    expect(await accent(readerPage)).toBe('#c81e3c')
    await expect(readerPage.frame.locator('.bell .icon')).toBeHidden()

    const second = await publish(site, lime)
    await expectSheet(readerPage, second.stylesheet)
    expect(await pseudoStyle(readerPage.bell, 'background-image')).toContain('%231ea03c')
    expect(await pseudoStyle(readerPage.items.first(), 'border-image-source')).toContain('%231ea03c')

    await rollBack(site, first.version)
    await expectSheet(readerPage, first.stylesheet)
    expect(await pseudoStyle(readerPage.bell, 'background-image')).toContain('%23c81e3c')

    await rollBack(site, 0)
    await expectSheet(readerPage, '')
    expect(await pseudoStyle(readerPage.bell, 'background-image')).toBe('none')
    expect(await pseudoStyle(readerPage.items.first(), 'border-image-source')).toBe('none')
    expect(await accent(readerPage)).toBe(standard)
    await expect(readerPage.frame.locator('.bell .icon')).toBeVisible()

    expect(await marked(readerPage)).toBe(true)
    await expect(readerPage.panel).toBeVisible()
    expect(lines).toEqual([])
})

test('a document that was loaded with a theme drops all of it', async ({ readerPage, site }) => {
    await site.fill(1)
    const first = await publish(site, red)
    await readerPage.arrive()
    await mark(readerPage)
    await expect(readerPage.frame.locator('#theme-first')).toHaveCount(1)
    expect(await sheets(readerPage)).toEqual([first.stylesheet])
    const second = await publish(site, lime)
    await expectSheet(readerPage, second.stylesheet)
    await expect(readerPage.frame.locator('#theme-first')).toHaveCount(0)
    expect(await pseudoStyle(readerPage.bell, 'background-image')).toContain('%231ea03c')
    await rollBack(site, 0)
    await expectSheet(readerPage, '')
    expect(await pseudoStyle(readerPage.bell, 'background-image')).toBe('none')
    expect(await marked(readerPage)).toBe(true)
})

test('back to the standard appearance at once from the first document', async ({ readerPage, site }) => {
    await publish(site, red)
    await readerPage.arrive()
    await rollBack(site, 0)
    await expectSheet(readerPage, '')
    await expect(readerPage.frame.locator('#theme-first')).toHaveCount(0)
    expect(await pseudoStyle(readerPage.bell, 'background-image')).toBe('none')
})

test('several in quick succession end in the last one', async ({ readerPage, site }) => {
    await site.fill(1)
    await publish(site, red)
    await readerPage.arrive()
    await mark(readerPage)
    let last = ''
    for (const digit of ['1', '2', '3', '4', '5', '6']) last = (await publish(site, theme(`#1a2b3${digit}`))).stylesheet
    await expectSheet(readerPage, last)
    expect(await pseudoStyle(readerPage.bell, 'background-image')).toContain('%231a2b36')
    await expect(readerPage.frame.locator('#theme-first')).toHaveCount(0)
    // And there and back again, so that the last one is one that was published before.
    await Promise.all([rollBack(site, 0), rollBack(site, 1), rollBack(site, 0)])
    await rollBack(site, 3)
    await rollBack(site, 7)
    await expectSheet(readerPage, last)
    await publish(site, lime)
    await rollBack(site, 0)
    await expectSheet(readerPage, '')
    await expect(readerPage.frame.locator('#theme-first')).toHaveCount(0)
    expect(await marked(readerPage)).toBe(true)
})

test('every tab changes, also one that follows another tab’s stream', async ({ readerPage, site, context }) => {
    await site.fill(1)
    await readerPage.arrive()
    const other = await readerPage.newTab(context)
    await other.arrive()
    const { stylesheet } = await publish(site, red)
    await Promise.all([expectSheet(readerPage, stylesheet), expectSheet(other, stylesheet)])
    await rollBack(site, 0)
    await Promise.all([expectSheet(readerPage, ''), expectSheet(other, '')])
})

test('published by the command line, it is applied as well', async ({ readerPage, site }) => {
    await readerPage.arrive()
    const { stylesheet } = await publishByCommand(site, red)
    await expectSheet(readerPage, stylesheet)
})

test('a sheet that fails to load changes nothing, and the next one is applied', async ({ readerPage, site, context }) => {
    const first = await publish(site, red)
    await readerPage.arrive()
    await context.route('**/t/**', route => route.abort())
    const failed = readerPage.page.waitForEvent('requestfailed')
    await publish(site, lime)
    await failed
    await expectSheet(readerPage, first.stylesheet)
    expect(await pseudoStyle(readerPage.bell, 'background-image')).toContain('%23c81e3c')
    await context.unroute('**/t/**')
    const third = await publish(site, theme('#283cc8'))
    await expectSheet(readerPage, third.stylesheet)
})

test('a reader who arrives right after publishing sees it in the first response', async ({ readerPage, site }) => {
    await site.fill(1)
    for (const colours of [red, lime]) {
        const { stylesheet } = await publish(site, colours)
        const answer = readerPage.page.waitForResponse(response => new URL(response.url()).pathname === `/embed/${site.id}`)
        await readerPage.go()
        const html = await (await answer).text()
        expect(html).toContain(`href="${stylesheet}"`)
        expect(html).toMatch(/<style id="theme-first"/)
        await expect(readerPage.bell).toBeVisible()
        // The frame is displayed only when its document is loaded, and that isn't drawn before its
        // sheet is.
        expect(await pseudoStyle(readerPage.bell, 'background-image')).toContain(encodeURIComponent(/fill="(#\w+)"/.exec(colours.bell)?.[1] ?? ''))
    }
    await rollBack(site, 0)
    const answer = readerPage.page.waitForResponse(response => new URL(response.url()).pathname === `/embed/${site.id}`)
    await readerPage.go()
    expect(await (await answer).text()).not.toMatch(/theme-first|href="\/t\//)
})

test('the preview of a draft stays', async ({ readerPage, site, browser }) => {
    await site.fill(1)
    await publish(site, red)
    const { version } = await draft(site, lime)
    const { sites } = await preview(site, version)
    const fragment = new URL(sites[0] ?? '').hash
    await readerPage.page.goto(readerPage.write() + fragment)
    await readerPage.ready()
    expect(await pseudoStyle(readerPage.bell, 'background-image')).toContain('%231ea03c')
    const others = await readerPage.newTab(await browser.newContext())
    await others.arrive()
    expect(await pseudoStyle(others.bell, 'background-image')).toContain('%23c81e3c')
    const { stylesheet } = await publish(site, theme('#283cc8'))
    await expectSheet(others, stylesheet)
    // A later event of the same stream has arrived, so the theme event has, too.
    await site.publish('After')
    await expect(readerPage.bell).toHaveAccessibleName('Notifications, 2 unread')
    expect(await pseudoStyle(readerPage.bell, 'background-image')).toContain('%231ea03c')
    await others.page.context().close()
})

test.describe('without JavaScript', () => {
    test.use({ javaScriptEnabled: false })

    test('a themed inbox is themed', async ({ readerPage, site, backend }) => {
        await site.fill(2)
        const { stylesheet } = await publish(site, red)
        const page = backend.pages.add(`<!doctype html><html lang=en><title>Shop</title><link rel=icon href="data:,"><form method=post action="${site.belfry.origin}/embed/${site.id}?view=page"><input type=hidden name=token value="${await site.token('anna')}"><button>My messages</button></form>`)
        await readerPage.page.goto(page)
        await readerPage.page.getByRole('button').click()
        await expect(readerPage.page.locator('.item')).toHaveCount(2)
        await expect(readerPage.page.locator(`link[href="${stylesheet}"]`)).toHaveCount(1)
        expect(await pseudoStyle(readerPage.page.locator('.item').first(), 'border-image-source')).toContain('%23c81e3c')
        const [colour] = await colours(readerPage.page, readerPage.page.locator('.item').first(), [[200, 4]])
        expect(colour).toBe('200,30,60')
        await readerPage.page.locator('.item').first().hover()
        await readerPage.page.locator('.item').first().getByRole('button', { name: 'Archive' }).click()
        await expect(readerPage.page.locator('.item')).toHaveCount(1)
        expect(await pseudoStyle(readerPage.page.locator('.item').first(), 'border-image-source')).toContain('%23c81e3c')
    })
})

test('without WebAssembly the theme is applied, too', async ({ readerPage, site, context }) => {
    await context.route('**/*.wasm', route => route.abort())
    await site.fill(1)
    await publish(site, red)
    await readerPage.go()
    await readerPage.open()
    expect(await pseudoStyle(readerPage.items.first(), 'border-image-source')).toContain('%23c81e3c')
})

test('with all of Belfry’s cookies blocked', async ({ site, backend, launchOptions }) => {
    await site.fill(1)
    const first = await publish(site, red)
    const blocked = { [`${new URL(site.belfry.origin).host},*`]: { setting: 2 } }
    await browse(launchOptions, { profile: { content_settings: { exceptions: { cookies: blocked } } } }, async context => {
        const readerPage = new ReaderPage(await context.newPage(), site, backend)
        await readerPage.arrive()
        await expectSheet(readerPage, first.stylesheet)
        const second = await publish(site, lime)
        await expectSheet(readerPage, second.stylesheet)
        await rollBack(site, 0)
        await expectSheet(readerPage, '')
    })
})

test.describe('bell', () => {
    const parts = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" viewBox="0 0 40 40">
        <rect x="4" y="12" width="32" height="24" fill="#204080"/>
        <g id="empty"><rect x="6" y="26" width="8" height="8" fill="#00ff00"/></g>
        <g id="unread"><rect x="26" y="26" width="8" height="8" fill="#ff00ff"/></g>
        <g id="badge"><rect x="24" y="0" width="16" height="16" fill="#ff0000"/><text id="count" x="32" y="12" font-size="9" font-weight="700" text-anchor="middle" fill="#ffffff">3</text></g></svg>`
    const empty: [number, number] = [10, 30]
    const unread: [number, number] = [30, 30]
    const badge: [number, number] = [26, 14]
    const plain: [number, number] = [20, 16]
    const [blue, green, pink, signal] = ['32,64,128', '0,255,0', '255,0,255', '255,0,0']

    test('shows each of its states, and the count as a number at its position', async ({ readerPage, site }) => {
        await publish(site, { bell: parts })
        await readerPage.arrive()
        await readerPage.page.mouse.move(300, 500)
        const seen = () => colours(readerPage.page, readerPage.wrapper, [plain, empty, unread, badge])
        await animationsEnd(readerPage)
        expect(await seen()).toEqual([blue, green, blue, blue])
        await expect(readerPage.badge).toHaveCSS('opacity', '0')
        await site.fill(3)
        await expect(readerPage.badge).toHaveText('3')
        await animationsEnd(readerPage)
        expect(await seen()).toEqual([blue, blue, pink, signal])
        await expect(readerPage.badge).toHaveCSS('color', 'rgb(255, 255, 255)')
        await expect(readerPage.badge).toHaveCSS('font-size', '9px')
        const digit = await readerPage.badge.evaluate(badge => {
            const range = document.createRange()
            range.selectNodeContents(badge)
            const { x, y, width, height } = range.getBoundingClientRect()
            return { x: x + width / 2, y: y + height / 2 }
        })
        expect(Math.abs(digit.x - 32)).toBeLessThanOrEqual(1)
        expect(Math.abs(digit.y - 9)).toBeLessThanOrEqual(1.5)
        // Opening marks as seen: new messages are no longer new, and stay unread.
        await readerPage.open()
        await expect(readerPage.badge).toHaveText('')
        await readerPage.page.keyboard.press('Escape')
        await expect(readerPage.panel).toBeHidden()
        await animationsEnd(readerPage)
        expect((await seen()).slice(1)).toEqual([blue, pink, blue])
        await readerPage.open()
        await readerPage.allRead.click()
        await expect(readerPage.bell).toHaveAccessibleName('Notifications')
        await readerPage.page.keyboard.press('Escape')
        await expect(readerPage.panel).toBeHidden()
        await animationsEnd(readerPage)
        expect((await seen()).slice(1)).toEqual([green, blue, blue])
    })

    test('many are a plus sign, inside the bell', async ({ readerPage, site }) => {
        await publish(site, { bell: parts })
        await site.fill(12)
        await readerPage.arrive()
        await expect(readerPage.badge).toHaveText('12')
        const box = await readerPage.badge.boundingBox()
        const frame = await readerPage.iframe.boundingBox()
        expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual((frame?.x ?? 0) + (frame?.width ?? 0) + 0.5)
        expect(box?.y).toBeGreaterThanOrEqual(frame?.y ?? 0)
    })

    test('a badge without a count shows only that there are messages', async ({ readerPage, site }) => {
        await publish(site, { bell: parts.replace(/<text.*<\/text>/, '') })
        await site.fill(2)
        await readerPage.arrive()
        await animationsEnd(readerPage)
        await expect(readerPage.badge).toBeHidden()
        expect(await colours(readerPage.page, readerPage.wrapper, [badge])).toEqual([signal])
        await expect(readerPage.bell).toHaveAccessibleName('Notifications, 2 unread')
    })

    for (const colorScheme of ['light', 'dark'] as const) {
        test.describe(colorScheme, () => {
            test.use({ colorScheme })

            test('in the page’s colour if it is drawn in currentColor', async ({ readerPage, site }) => {
                await publish(site, { bell: '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24" fill="none"><rect x="4" y="4" width="16" height="16" fill="currentColor"/></svg>' })
                for (const colour of ['rgb(200, 30, 60)', 'rgb(90, 160, 240)', '']) {
                    await readerPage.arrive({ head: `<style nonce=page>header { ${colour && `color: ${colour}`} }</style>` })
                    await readerPage.page.mouse.move(300, 500)
                    expect(await pseudoStyle(readerPage.bell, 'mask-image')).toContain('data:image/svg+xml')
                    const ink = colour || (colorScheme === 'dark' ? 'rgb(255, 255, 255)' : 'rgb(0, 0, 0)')
                    expect(await pseudoStyle(readerPage.bell, 'background-color')).toBe(ink)
                    expect(await readerPage.wrapper.evaluate(wrapper => getComputedStyle(wrapper.parentElement ?? wrapper).color)).toBe(ink)
                    const [middle] = await colours(readerPage.page, readerPage.wrapper, [[20, 20]])
                    expect(`rgb(${middle?.split(',').join(', ')})`).toBe(ink)
                }
            })
        })
    }
})

test('an image is displayed if the theme has a slot for it', async ({ readerPage, site, backend }) => {
    await site.publish('With a picture', { image: picture(backend) })
    await publish(site, red)
    await readerPage.arrive()
    await readerPage.open()
    await expect(readerPage.frame.locator('.picture')).toBeHidden()
    await rollBack(site, 0)
    await expect(readerPage.frame.locator('.picture')).toBeVisible()
})

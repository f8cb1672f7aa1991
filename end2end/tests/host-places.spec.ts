// Every place where a page may put the bell, and every layout of the page.
import type { Locator } from '@playwright/test'
import { expect, test, type Host } from '../support/host.ts'

const text = '<p>A line of the page.</p>'.repeat(60)
const at = (css: string) => ({ style: `#target { position: fixed; ${css} }`, body: `<b id=target></b><main>${text}</main>` })

const pages = {
    'a fixed header that clips and is transformed': {
        style: 'header { position: fixed; inset: 0 0 auto; height: 48px; overflow: hidden; transform: translateY(4px); contain: paint; background: #fff; text-align: right } main { padding-top: 60px }',
        body: `<header><b id=target></b></header><main>${text}</main>`
    },
    'a scrolling container': {
        style: '#box { width: 400px; height: 300px; overflow: auto; border: 1px solid } #target { margin-left: 200px }',
        body: `<div id=box><p>Above</p><b id=target></b>${text}</div>`
    },
    'a footer': { style: 'footer { background: #eee }', body: '<main style="height: 700px"></main><footer><b id=target></b> Imprint</footer>' },
    'a dark page': { style: ':root { color-scheme: dark } body { background: #101014; color: #e8e8ee }', body: '<header>Shop <b id=target></b></header>' },
    'a page that is dark without saying so': { style: 'body { background: #101014; color: #e8e8ee }', body: '<header>Shop <b id=target></b></header>' },
    'a right-to-left page': { root: 'lang=ar dir=rtl', body: '<header>متجر <b id=target></b></header>' },
    'a page whose rules unset everything': { style: '* { all: unset } style, head, script, title { display: none } #target { display: inline-block !important }' },
    'a page that unsets everything, and means it': {
        style: '* { all: unset !important; display: block !important; transition: all 1s !important } head, head *, script { display: none !important } b { width: 40px !important; height: 40px !important }'
    },
    'a page that enlarges and colours every frame': { style: 'iframe, :popover-open { width: 100vw !important; min-height: 400px; border: 9px solid red !important; filter: blur(2px) !important; background: red !important; transform: scale(2) !important }' },
    'above': at('left: 480px; top: 0'),
    'above at the left': at('left: 0; top: 0'),
    'above at the right': at('right: 0; top: 0'),
    'at the left': at('left: 0; top: 360px'),
    'in the middle': at('left: 480px; top: 360px'),
    'at the right': at('right: 0; top: 360px'),
    'below': at('left: 480px; bottom: 0'),
    'below at the left': at('left: 0; bottom: 0'),
    'below at the right': at('right: 0; bottom: 0')
}

for (const [name, page] of Object.entries(pages)) test(name, ({ host }) => host.expectWorks(page))

test('the panel follows a bell in a scrolling container', async ({ host }) => {
    await host.show(pages['a scrolling container'])
    await host.rests()
    await host.open()
    const { y } = await host.still()
    await host.page.locator('#box').evaluate(box => (box.scrollTop = 20))
    await expect.poll(async () => (await host.still()).y).toBeCloseTo(y - 20, 0)
    await host.page.locator('#box').evaluate(box => (box.scrollTop = 500))
    await expect(host.panel).toBeHidden()
    await host.page.locator('#box').evaluate(box => (box.scrollTop = 30))
    await expect(host.iframe).toBeVisible()
    await host.works()
})

test('a phone of 320 px', async ({ host }) => {
    await host.page.setViewportSize({ width: 320, height: 560 })
    await host.expectWorks({ style: 'header { text-align: right }', body: `<header><b id=target></b></header>${text}` })
})

test('a phone in landscape, with the keyboard opened and closed again', async ({ host }) => {
    await host.page.setViewportSize({ width: 740, height: 340 })
    // The effect of an on-screen keyboard in phone browsers: it shrinks only the visual viewport.
    await host.page.addInitScript(() => {
        let height = 150
        Object.defineProperty(VisualViewport.prototype, 'height', { get: () => height })
        Object.assign(window, { keyboard: (visible: boolean) => {
            height = visible ? 150 : innerHeight
            visualViewport?.dispatchEvent(new Event('resize'))
        } })
    })
    await host.show({ body: `<header><input autofocus> <b id=target></b></header>${text}` })
    await host.rests()
    await host.bell.click()
    await expect(host.panel).toBeVisible()
    const above = await host.still()
    expect(above.y + above.height).toBeLessThanOrEqual(150)
    await host.picture('keyboard')
    await host.page.evaluate(() => (window as unknown as { keyboard: (visible: boolean) => void }).keyboard(false))
    await expect.poll(async () => (await host.still()).height).toBeGreaterThan(200)
    await host.covers()
    await host.picture('open')
    await host.page.keyboard.press('Escape')
    await expect(host.panel).toBeHidden()
    await host.quiet()
})

/**
 * The position of a point of the frame in the window. Playwright doesn't know that the page scales
 * the frame.
 */
const seen = async (host: Host, inside: Locator, zoom: number) => {
    const rect = (element: Element) => {
        const { x, y, width, height } = element.getBoundingClientRect()
        return { x, y, width, height }
    }
    const [frame, { x, y, width, height }] = [await host.iframe.evaluate(rect), await inside.evaluate(rect)]
    return { x: frame.x + x * zoom, y: frame.y + y * zoom, width: width * zoom, height: height * zoom }
}

const zoomed = {
    'the body enlarged': ['body { zoom: 1.5 }', 1.5],
    'the body made smaller': ['body { zoom: .75 }', 0.75],
    'the root made smaller': ['html { zoom: .8 }', 0.8],
    'the root enlarged': ['html { zoom: 1.25 }', 1.25],
    'the header enlarged': ['header { zoom: 2 }', 2],
    'the header enlarged in a smaller body': ['body { zoom: .8 } header { zoom: 1.5 }', 1.2]
} as const
for (const [name, [style, zoom]] of Object.entries(zoomed)) {
    for (const [side, place] of [['left', 'padding-left: 60px'], ['right', 'text-align: right']] as const) {
        test(`${name}, at the ${side}`, async ({ host }) => {
            await host.page.setViewportSize({ width: 1300, height: 900 })
            await host.show({ style: `header { ${place} } ${style}`, body: `<header><b id=target></b></header><main>${text}</main>` })
            await expect(host.bell).toHaveAccessibleName('Notifications, 3 unread')
            await expect(host.iframe).toBeVisible()
            const bell = await seen(host, host.bell, zoom)
            expect(bell).toEqual(await host.wrapper.evaluate(wrapper => (({ x, y, width, height }) => ({ x, y, width, height }))(wrapper.getBoundingClientRect())))
            expect(bell.width).toBeCloseTo(40 * zoom, 1)
            await host.bell.click()
            await expect(host.panel).toBeVisible()
            await host.picture('open')
            const stays = async (top: number) => {
                await host.still()
                const now = await seen(host, host.bell, zoom)
                for (const key of ['x', 'y', 'width', 'height'] as const) expect(Math.abs(now[key] - { ...bell, y: top }[key]), key).toBeLessThanOrEqual(1)
                const panel = await seen(host, host.panel, zoom)
                expect(panel.width).toBeCloseTo(400 * zoom, 1)
                expect(panel.x).toBeGreaterThanOrEqual(8 * zoom - 1)
                expect(panel.x + panel.width).toBeLessThanOrEqual(1300 - 8 * zoom + 1)
                expect(Math.abs(panel.y - (top + 48 * zoom))).toBeLessThanOrEqual(1)
                expect(panel.y + panel.height).toBeLessThanOrEqual(900 - 8 * zoom + 1)
            }
            await stays(bell.y)
            await host.page.evaluate(() => scrollTo(0, 10))
            await expect.poll(async () => Math.abs((await seen(host, host.bell, zoom)).y - (bell.y - 10))).toBeLessThanOrEqual(1)
            await stays(bell.y - 10)
            await host.page.keyboard.press('Escape')
            await expect(host.panel).toBeHidden()
            await expect(host.iframe).toHaveCSS('width', '40px')
            await host.quiet()
        })
    }
}

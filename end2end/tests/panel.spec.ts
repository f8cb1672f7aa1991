import { expect, test, type ShopPage } from '../support/stub-fixtures.ts'

type Box = { x: number; y: number; width: number; height: number }

const box = async (locator: ShopPage['bell']): Promise<Box> => {
    const found = await locator.boundingBox()
    if (!found) throw new Error('not on the screen')
    return found
}

/** Asserts that bell and panel are inside the window, and the bell didn't move. */
const fits = async (shop: ShopPage, resting: Box) => {
    const { width, height } = shop.page.viewportSize() ?? { width: 0, height: 0 }
    const panel = await box(shop.panel)
    expect(panel.x).toBeGreaterThanOrEqual(0)
    expect(panel.y).toBeGreaterThanOrEqual(0)
    expect(panel.x + panel.width).toBeLessThanOrEqual(width)
    expect(panel.y + panel.height).toBeLessThanOrEqual(height)
    await expect.poll(async () => (await box(shop.bell)).x).toBeCloseTo(resting.x, 0)
    expect((await box(shop.bell)).y).toBeCloseTo(resting.y, 0)
    return panel
}

const at = (css: string) => `<style>body { margin: 0; height: 3000px } #target { position: absolute; ${css} }</style><div id=target></div><main><button id=other>Other</button></main>`

const open = async (shop: ShopPage) => {
    await expect(shop.iframe).toBeVisible()
    const resting = await box(shop.bell)
    await shop.bell.click()
    await expect(shop.panel).toBeVisible()
    await expect(shop.iframe).not.toHaveCSS('width', '40px')
    return resting
}

test.describe('the position of the panel', () => {
    const places = {
        'below, trailing edges in line': ['right: 60px; top: 20px', (panel: Box, bell: Box) => {
            expect(panel).toMatchObject({ width: 400, height: 600 })
            expect(panel.x + panel.width).toBeCloseTo(bell.x + bell.width, 0)
            expect(panel.y).toBeCloseTo(bell.y + bell.height + 8, 0)
        }],
        'above where there is more room': ['right: 60px; top: 700px', (panel: Box, bell: Box) => {
            expect(panel.height).toBe(600)
            expect(panel.y + panel.height).toBeCloseTo(bell.y - 8, 0)
        }],
        'shortened where neither side is enough': ['right: 60px; top: 400px', (panel: Box, bell: Box) => {
            expect(panel.y).toBeCloseTo(8, 0)
            expect(panel.y + panel.height).toBeCloseTo(bell.y - 8, 0)
        }],
        'shifted inside at the leading edge': ['left: 10px; top: 20px', (panel: Box) => expect(panel.x).toBeCloseTo(8, 0)],
        'shifted inside at the trailing edge': ['right: 0; top: 20px', (panel: Box) => expect(panel.x + panel.width).toBeCloseTo(992, 0)],
        'mirrored right to left': ['direction: rtl; left: 300px; top: 20px', (panel: Box, bell: Box) => expect(panel.x).toBeCloseTo(bell.x, 0)],
        'free of what clips and transforms its ancestors': ['left: 500px; top: 20px; overflow: hidden; width: 50px; height: 50px; transform: translateX(7px); opacity: .5; contain: paint', (panel: Box, bell: Box) => {
            expect(panel).toMatchObject({ width: 400, height: 600 })
            expect(panel.x + panel.width).toBeCloseTo(bell.x + bell.width, 0)
        }]
    } as const
    for (const [name, [css, check]] of Object.entries(places)) {
        test(name, async ({ shop }) => {
            await shop.open(at(css))
            const resting = await open(shop)
            check(await fits(shop, resting), resting)
            expect(await shop.iframe.evaluate(element => element.matches(':popover-open'))).toBe(true)
            expect(shop.site.visits, 'the frame was not loaded again').toHaveLength(1)
        })
    }

    test('a full-screen sheet on a phone', async ({ shop }) => {
        await shop.page.setViewportSize({ width: 390, height: 700 })
        await shop.open(at('right: 20px; top: 20px'))
        const resting = await open(shop)
        await expect.poll(() => shop.iframe.boundingBox()).toEqual({ x: 0, y: 0, width: 390, height: 700 })
        const panel = await fits(shop, resting)
        expect(panel.width).toBe(390)
        expect(panel.y + panel.height).toBeCloseTo(700, 0)
        await expect(shop.frame.locator('html[data-sheet]')).toHaveCount(1)
        await shop.page.mouse.click(100, 50)
        await expect(shop.panel).toBeHidden()
        expect(await shop.iframe.boundingBox()).toMatchObject(resting)
    })

    test('follows the bell as the page moves, and closes when the bell is removed', async ({ shop }) => {
        await shop.open(at('right: 60px; top: 150px'))
        const resting = await open(shop)
        await shop.page.evaluate(() => scrollTo(0, 100))
        await expect.poll(async () => (await box(shop.panel)).y).toBeCloseTo(resting.y - 100 + 48, 0)
        await fits(shop, { ...resting, y: resting.y - 100 })
        await shop.page.setViewportSize({ width: 800, height: 700 })
        await expect.poll(async () => (await box(shop.panel)).x).toBeCloseTo(800 - 60 - 400, 0)
        await shop.page.setViewportSize({ width: 400, height: 700 })
        await expect.poll(async () => (await box(shop.panel)).width).toBe(400)
        await expect(shop.frame.locator('html[data-sheet]')).toHaveCount(1)
        await shop.page.setViewportSize({ width: 1000, height: 700 })
        await expect(shop.frame.locator('html[data-sheet]')).toHaveCount(0)
        await shop.page.evaluate(() => scrollTo(0, 400))
        await expect(shop.panel).toBeHidden()
        expect(await shop.events()).toEqual(['unread', 'open', 'close'])
    })

    test('without the popover API it still covers the page', async ({ shop }) => {
        await shop.page.addInitScript(() => {
            for (const name of ['showPopover', 'hidePopover', 'popover']) Reflect.deleteProperty(HTMLElement.prototype, name)
        })
        await shop.open(at('right: 60px; top: 20px'))
        await fits(shop, await open(shop))
        await expect(shop.iframe).toHaveCSS('z-index', '2147483647')
        expect(await shop.iframe.evaluate(element => document.elementFromPoint(700, 300) === element)).toBe(true)
        await shop.page.keyboard.press('Escape')
        await expect(shop.iframe).toHaveCSS('width', '40px')
    })
})

test.describe('opening and closing', () => {
    test('the bell opens the panel, emits events, and moves the focus in and out', async ({ shop }) => {
        await shop.open(at('right: 60px; top: 20px'))
        await expect(shop.bell).toHaveAttribute('aria-expanded', 'false')
        await open(shop)
        await expect(shop.bell).toHaveAttribute('aria-expanded', 'true')
        await expect(shop.panel).toBeFocused()
        await shop.page.keyboard.press('Escape')
        await expect(shop.panel).toBeHidden()
        await expect(shop.bell).toHaveAttribute('aria-expanded', 'false')
        await expect(shop.bell).toBeFocused()
        await expect(shop.iframe).toHaveCSS('width', '40px')
        await shop.page.keyboard.press('Enter')
        await expect(shop.panel).toBeFocused()
        await shop.frame.locator('[data-close]').click()
        await expect(shop.panel).toBeHidden()
        await expect(shop.bell).toBeFocused()
        await shop.bell.click()
        await expect(shop.panel).toBeVisible()
        await expect(shop.iframe).not.toHaveCSS('width', '40px')
        await shop.bell.click()
        await expect(shop.panel).toBeHidden()
        expect(await shop.events()).toEqual(['unread', 'open', 'close', 'open', 'close', 'open', 'close'])
    })

    test('a click beside the panel closes it, inside the frame and on the page', async ({ shop }) => {
        await shop.open(at('right: 60px; top: 20px'))
        const resting = await open(shop)
        await shop.page.mouse.click(resting.x - 100, resting.y + 10)
        await expect(shop.panel).toBeHidden()
        await expect(shop.iframe).toHaveCSS('width', '40px')
        await open(shop)
        await shop.page.locator('#other').click()
        await expect(shop.panel).toBeHidden()
        await expect(shop.page.locator('#other')).toBeFocused()
    })

    test('the page can open and close it, and gets its focus back', async ({ shop }) => {
        await shop.open(at('right: 60px; top: 20px'))
        await expect(shop.iframe).toBeVisible()
        await shop.page.locator('#other').focus()
        await shop.run('open')
        await expect(shop.panel).toBeFocused()
        await shop.run('open')
        await shop.page.keyboard.press('Escape')
        await expect(shop.panel).toBeHidden()
        await expect(shop.page.locator('#other')).toBeFocused()
        await shop.run('open')
        await expect(shop.panel).toBeVisible()
        await shop.run('close')
        await shop.run('close')
        await expect(shop.panel).toBeHidden()
        expect(await shop.events()).toEqual(['unread', 'open', 'close', 'open', 'close'])
    })

    test('Escape on the page closes it too', async ({ shop }) => {
        await shop.open(at('right: 60px; top: 20px'))
        await open(shop)
        await shop.page.evaluate(() => document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true })))
        await expect(shop.panel).toBeHidden()
    })

    test('a request to open from before the bell exists is kept', async ({ shop }) => {
        await shop.open(at('right: 60px; top: 2000px'), { init: `eS('open'); eS('init', {getAuthTokenCallback: () => window.token(), language: 'en'});` })
        await expect(shop.iframe).toBeVisible()
        // Out of view: opening it scrolls it into view, also on pages that scroll smoothly.
        await shop.page.evaluate(() => (document.documentElement.style.scrollBehavior = 'smooth'))
        await shop.run('open')
        await expect(shop.panel).toBeVisible()
        await fits(shop, await box(shop.wrapper))
    })

    test('a page that rebuilds itself while the panel is open gets a closed bell', async ({ shop }) => {
        await shop.open(at('right: 60px; top: 20px'))
        await open(shop)
        await shop.page.evaluate(() => document.querySelector('#target')?.replaceChildren())
        await expect.poll(() => shop.site.posts.length).toBe(2)
        await expect(shop.iframe).toBeVisible()
        await expect(shop.iframe).toHaveCSS('width', '40px')
        await expect(shop.panel).toBeHidden()
        expect((await shop.events()).filter(type => type !== 'unread')).toEqual(['open', 'close'])
        expect(shop.warnings).toEqual([])
        await open(shop)
    })

    test('no frame covers the page without being opened', async ({ shop }) => {
        shop.site.behaviour = 'hangs'
        await shop.open(at('right: 60px; top: 20px'))
        await expect.poll(() => shop.site.posts.length).toBe(1)
        await shop.run('open')
        await shop.settle()
        expect(await shop.iframe.boundingBox()).toMatchObject({ width: 40, height: 40 })
        await expect(shop.iframe).not.toBeVisible()
        expect(await shop.iframe.evaluate(element => element.matches(':popover-open'))).toBe(false)
    })

    test('signing out while open leaves nothing', async ({ shop }) => {
        await shop.open(at('right: 60px; top: 20px'))
        await open(shop)
        await shop.run('logout')
        await expect(shop.wrapper).toHaveCount(0)
        expect(await shop.events()).toEqual(['unread', 'open', 'close'])
    })
})

test.describe('colours', () => {
    const look = (shop: ShopPage) =>
        shop.frame.locator('html').evaluate(({ style }) => {
            const panel = document.querySelector('#panel')
            const dark = panel && getComputedStyle(panel).backgroundColor !== 'rgb(255, 255, 255)'
            return [style.getPropertyValue('--ink'), style.getPropertyValue('--ground'), style.colorScheme, dark]
        })

    test('the frame knows the text and background colours around the bell', async ({ shop }) => {
        await shop.open('<div style="background: rgb(10, 20, 0)"><div style="background: rgba(255, 0, 0, .1)"><b id=target style="color: rgb(1, 2, 3)"></b></div></div>')
        await expect(shop.iframe).toBeVisible()
        expect(await look(shop)).toEqual(['rgb(1, 2, 3)', 'rgb(10, 20, 0)', 'normal', false])
    })

    test('and follows the page’s theme', async ({ shop }) => {
        await shop.open(
            '<style>.dark { color-scheme: dark; color: rgb(250, 250, 250) } .dark body { background: rgb(9, 9, 9) }</style><div id=target></div>'
        )
        await expect(shop.iframe).toBeVisible()
        expect(await look(shop)).toEqual(['rgb(0, 0, 0)', 'Canvas', 'normal', false])
        await shop.page.evaluate(() => document.documentElement.classList.add('dark'))
        await expect.poll(() => look(shop)).toEqual(['rgb(250, 250, 250)', 'rgb(9, 9, 9)', 'dark', true])
        await expect(shop.iframe).toHaveCSS('color-scheme', 'dark')
    })

    test('and the reader’s preference, if the page does', async ({ shop }) => {
        await shop.open('<style>:root { color-scheme: light dark }</style><div id=target></div>')
        await expect(shop.iframe).toBeVisible()
        expect(shop.site.posts[0]?.scheme).toBe('auto')
        expect(await look(shop)).toEqual(['rgb(0, 0, 0)', 'Canvas', 'light dark', false])
        await shop.page.emulateMedia({ colorScheme: 'dark' })
        await expect.poll(() => look(shop)).toEqual(['rgb(255, 255, 255)', 'Canvas', 'light dark', true])
    })

    test('a page with light text is dark, and a dark bar on another one is not the page', async ({ shop }) => {
        await shop.open('<style>body { background: rgb(9, 9, 9); color: rgb(240, 240, 240) }</style><div id=target></div>')
        await expect(shop.iframe).toBeVisible()
        expect(shop.site.posts[0]?.scheme).toBe('dark')
        expect(await look(shop)).toEqual(['rgb(240, 240, 240)', 'rgb(9, 9, 9)', 'dark', true])
        await shop.open('<style>#target { background: rgb(9, 9, 9); color: rgb(240, 240, 240) }</style><div id=target></div>')
        await expect(shop.iframe).toBeVisible()
        expect(shop.site.posts[1]?.scheme).toBe('light')
        expect(await look(shop)).toEqual(['rgb(240, 240, 240)', 'rgb(9, 9, 9)', 'normal', false])
    })

    test('a dark page requests a dark frame', async ({ shop }) => {
        await shop.open('<style>:root { color-scheme: only dark }</style><div id=target></div>')
        await expect(shop.iframe).toBeVisible()
        expect(shop.site.posts[0]?.scheme).toBe('dark')
        expect((await look(shop))[3]).toBe(true)
    })
})

test.describe('without the loader', () => {
    test('a plain iframe with a posted token opens inside itself', async ({ shop }) => {
        const action = `${shop.site.belfry.origin}/embed/${shop.site.id}`
        await shop.page.clock.install({ time: 0 })
        await shop.page.clock.pauseAt(1_000)
        await shop.open(
            `<iframe name=inbox width=420 height=400></iframe><form method=post target=inbox action="${action}"><input name=token value=alice></form><script>document.forms[0].submit()</script>`,
            { snippet: 'window.eS = function () {}' }
        )
        const frame = shop.page.frameLocator('iframe[name=inbox]')
        await expect(frame.locator('#bell')).toBeVisible()
        // Clicked before the absence of a loader is certain: opens as soon as it is.
        await frame.locator('#bell').click()
        await expect(frame.locator('#panel')).toBeHidden()
        await shop.page.clock.runFor(1_500)
        await expect(frame.locator('#panel')).toBeFocused()
        await shop.page.keyboard.press('Escape')
        await expect(frame.locator('#panel')).toBeHidden()
        await expect(frame.locator('#bell')).toBeFocused()
        await frame.locator('#bell').click()
        await frame.locator('[data-close]').click()
        await expect(frame.locator('#panel')).toBeHidden()
    })

    test('it works as a standalone page as well', async ({ shop }) => {
        await shop.page.goto(`${shop.site.belfry.origin}/embed/${shop.site.id}?page=alice`)
        await shop.page.locator('#bell').click()
        await expect(shop.page.locator('#panel')).toBeFocused()
        await shop.page.keyboard.press('Escape')
        await expect(shop.page.locator('#panel')).toBeHidden()
    })
})

test('islands get open and close events, and their counts reach the page', async ({ shop }) => {
    await shop.open()
    await expect(shop.iframe).toBeVisible()
    const html = shop.frame.locator('html')
    await html.evaluate(element => {
        for (const name of ['opened', 'closed']) document.addEventListener('belfry:' + name, () => (element.dataset.heard = (element.dataset.heard ?? '') + name + ' '))
    })
    await shop.bell.click()
    await expect(shop.panel).toBeVisible()
    await shop.sendFromFrame({ belfry: 'unread', unread: 3, unseen: 0 })
    await shop.page.keyboard.press('Escape')
    await expect(html).toHaveAttribute('data-heard', 'opened closed ')
    expect((await shop.notes()).events.filter(event => event.type === 'unread').at(-1)?.detail).toEqual({ unread: 3, unseen: 0 })
})

test('a click with a modifier key is left to the browser', async ({ shop }) => {
    await shop.page.context().route('https://shop.example/**', route => route.fulfill({ body: 'sale' }))
    await shop.open()
    await shop.bell.click()
    const tab = shop.page.context().waitForEvent('page')
    await shop.frame.locator('#link').click({ modifiers: ['Control'] })
    await tab
    expect(await shop.events()).not.toContain('click')
})

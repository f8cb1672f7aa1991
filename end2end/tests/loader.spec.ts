import type { Page } from '@playwright/test'
import { expect, init, test } from '../support/test.ts'

const run = (page: Page, ...values: unknown[]) => page.evaluate(values => (window as unknown as { eS: (...values: unknown[]) => void }).eS(...values), values)

test.describe('the snippet and its commands', () => {
    test('the bell appears with the reader of the token', async ({ shop }) => {
        await shop.open()
        await expect(shop.bell).toHaveAccessibleName('Notifications, 3 unread')
        await expect(shop.iframe).toBeVisible()
        expect(shop.site.visits).toEqual([
            { method: 'POST', origin: new URL(shop.page.url()).origin, token: 'alice', language: 'en', scheme: 'light', query: '' }
        ])
        expect(await shop.iframe.getAttribute('title')).toBe('Notifications')
        expect(await shop.wrapper.boundingBox()).toMatchObject({ width: 40, height: 40 })
        expect(await shop.notes()).toEqual({ calls: 1, events: [{ type: 'unread', detail: { unread: 3, unseen: 2 } }], errors: [] })
    })

    const forms = {
        'one options object': [`{getAuthTokenCallback: () => 'alice', language: 'uk'}`, true],
        'modules and options': [`{RECOMS: false, TRACKING: true, APP_INBOX: true}, {getAuthTokenCallback: () => 'alice', language: 'uk'}`, true],
        'modules without the inbox': [`{RECOMS: true, TRACKING: true, APP_INBOX: false}, {getAuthTokenCallback: () => 'alice'}`, false],
        'modules that leave the inbox out': [`{TRACKING: true}, {getAuthTokenCallback: () => 'alice'}`, false],
        'modules alone': [`{APP_INBOX: false, getAuthTokenCallback: () => 'alice'}`, false],
        'no callback': [`{language: 'uk'}`, false],
        'nothing': ['', false]
    } as const
    for (const [name, [values, bell]] of Object.entries(forms)) {
        test(`init with ${name}`, async ({ shop }) => {
            await shop.open(undefined, { init: `eS('init'${values && ', ' + values}); eS('probe');` })
            // The loader has run once it has put its own function in the queue's place.
            await shop.page.waitForFunction(() => (window as unknown as { eS: { belfry?: boolean } }).eS.belfry)
            if (bell) {
                await expect(shop.bell).toBeVisible()
                expect(shop.site.posts[0]?.language).toBe('uk')
            } else {
                await shop.page.evaluate(() => new Promise(requestAnimationFrame))
                await expect(shop.wrapper).toHaveCount(0)
                expect(shop.warnings).toEqual([])
            }
            expect((await shop.notes()).errors).toEqual([])
        })
    }

    test('commands from before the script loaded run in their order, and later ones at once', async ({ shop }) => {
        await shop.open(undefined, {
            init: `eS('sendEvent', 'MainPage', {}); eS('no such command', 1); eS(); eS('toString'); eS('logout'); ${init} eS('sendEvent', 'ProductPage', {id: 1});`
        })
        await expect(shop.bell).toBeVisible()
        await run(shop.page, 'sendEvent', 'StatusCart', {})
        await run(shop.page, 'whatever')
        expect(shop.warnings).toEqual([])
        expect((await shop.notes()).errors).toEqual([])
        await run(shop.page, 'logout')
        await expect(shop.wrapper).toHaveCount(0)
    })

    test('a second init is ignored with a warning, and counts again after a sign-out', async ({ shop }) => {
        shop.site.readers.set('bob', { name: 'Bob', unread: 0, unseen: 0 })
        await shop.open(undefined, { init: `${init} eS('init', {getAuthTokenCallback: () => 'bob', language: 'en'});` })
        await expect(shop.bell).toHaveAccessibleName('Notifications, 3 unread')
        expect(shop.warnings).toEqual([expect.stringContaining('init counts once')])
        await shop.page.evaluate(() => {
            const { eS } = window as unknown as { eS: (...values: unknown[]) => void }
            eS('logout')
            eS('init', { getAuthTokenCallback: async () => 'bob', language: 'en' })
        })
        await expect(shop.bell).toHaveAccessibleName('Notifications, 0 unread')
        await expect(shop.wrapper).toHaveCount(1)
        expect(shop.warnings).toHaveLength(1)
    })

    test('an existing eS is kept, the snippet may stand twice, and no other name is added', async ({ shop }) => {
        const kept = `window.kept = function () { kept.c(arguments) }; kept.q = []; kept.c = a => kept.q.push(a); window.eS = kept; window.before = null; before = Object.getOwnPropertyNames(window);`
        await shop.open(`<header id=target></header><script>(${twice})()</script>`, { head: `<script>${kept}</script>` })
        await expect(shop.bell).toBeVisible()
        await expect(shop.wrapper).toHaveCount(1)
        const page = await shop.page.evaluate(() => {
            const { before, eS, kept } = window as unknown as { before: string[]; eS: unknown; kept: unknown }
            const stored = [document.cookie, localStorage.length, sessionStorage.length]
            // Numbers are the window's list of frames; `target` and others are elements with an id.
            return { same: eS === kept, stored, added: Object.getOwnPropertyNames(window).filter(name => !before.includes(name) && !/^\d+$/.test(name)) }
        })
        expect(page).toEqual({ same: true, stored: ['', 0, 0], added: [] })
        expect(shop.site.posts).toHaveLength(1)
    })
})

const twice = `function () { const s = document.createElement('script'); s.src = document.scripts[0].src || [...document.scripts].find(s => s.src).src; document.body.append(s) }`

import { expect, init, test } from '../support/stub-fixtures.ts'

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
        'one options object': [`{getAuthTokenCallback: () => 'bft_alice', language: 'uk'}`, true],
        'modules and options': [`{RECOMS: false, TRACKING: true, APP_INBOX: true}, {getAuthTokenCallback: () => 'bft_alice', language: 'uk'}`, true],
        'modules without the inbox': [`{RECOMS: true, TRACKING: true, APP_INBOX: false}, {getAuthTokenCallback: () => 'bft_alice'}`, false],
        'modules that leave the inbox out': [`{TRACKING: true}, {getAuthTokenCallback: () => 'bft_alice'}`, false],
        'modules alone': [`{APP_INBOX: false, getAuthTokenCallback: () => 'bft_alice'}`, false],
        'no callback': [`{language: 'uk'}`, false],
        'nothing': ['', false]
    } as const
    for (const [name, [values, bell]] of Object.entries(forms)) {
        test(`init with ${name}`, async ({ shop }) => {
            await shop.open(undefined, { init: `eS('init'${values && ', ' + values}); eS('probe');` })
            // The loader has run once it has replaced the queue's function.
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

    test('commands from before the script loaded run in order, and later ones at once', async ({ shop }) => {
        await shop.open(undefined, {
            init: `eS('sendEvent', 'MainPage', {}); eS('no such command', 1); eS(); eS('toString'); eS('logout'); ${init} eS('sendEvent', 'ProductPage', {id: 1});`
        })
        await expect(shop.bell).toBeVisible()
        await shop.run('sendEvent', 'StatusCart', {})
        await shop.run('whatever')
        expect(shop.warnings).toEqual([])
        expect((await shop.notes()).errors).toEqual([])
        await shop.run('logout')
        await expect(shop.wrapper).toHaveCount(0)
    })

    test('a second init is ignored with a warning, and accepted again after a sign-out', async ({ shop }) => {
        shop.site.readers.set('bob', { name: 'Bob', unread: 0, unseen: 0 })
        await shop.open(undefined, { init: `${init} eS('init', {getAuthTokenCallback: () => 'bft_bob', language: 'en'});` })
        await expect(shop.bell).toHaveAccessibleName('Notifications, 3 unread')
        expect(shop.warnings).toEqual([expect.stringContaining('init counts once')])
        await shop.page.evaluate(() => {
            const { eS } = window as unknown as { eS: (...values: unknown[]) => void }
            eS('logout')
            eS('init', { getAuthTokenCallback: async () => 'bft_bob', language: 'en' })
        })
        await expect(shop.bell).toHaveAccessibleName('Notifications, 0 unread')
        await expect(shop.wrapper).toHaveCount(1)
        expect(shop.warnings).toHaveLength(1)
    })

    test('an existing eS is kept, the snippet may occur twice, and no other global is added', async ({ shop }) => {
        const kept = `window.kept = function () { kept.c(arguments) }; kept.q = []; kept.c = a => kept.q.push(a); window.eS = kept; window.before = null; before = Object.getOwnPropertyNames(window);`
        await shop.open(undefined, { head: `<script>${kept}</script>` })
        await expect(shop.bell).toBeVisible()
        await expect(shop.wrapper).toHaveCount(1)
        const page = await shop.page.evaluate(() => {
            const { before, eS, kept } = window as unknown as { before: string[]; eS: unknown; kept: unknown }
            const stored = [document.cookie, localStorage.length, sessionStorage.length]
            // Numeric keys are the window's frames; `target` and others are elements with an id.
            return { same: eS === kept, stored, added: Object.getOwnPropertyNames(window).filter(name => !before.includes(name) && !/^\d+$/.test(name)) }
        })
        expect(page).toEqual({ same: true, stored: ['', 0, 0], added: [] })
        await shop.page.addScriptTag({ url: `${shop.site.belfry.origin}/scripts/${shop.site.id}.js` })
        await shop.run('init', {})
        expect(shop.warnings).toEqual([expect.stringContaining('init counts once')])
        await expect(shop.wrapper).toHaveCount(1)
        expect(shop.site.posts).toHaveLength(1)
    })
})

test.describe('the callback', () => {
    const failures = {
        'throws': `() => { throw new Error('no') }`,
        'rejects': `() => Promise.reject(new Error('no'))`,
        'gives no text': `() => Promise.resolve({ token: 'alice' })`
    }
    for (const [name, callback] of Object.entries(failures)) {
        test(`that ${name} is called again, at most five times in a minute`, async ({ shop }) => {
            await shop.page.clock.install()
            await shop.open(undefined, { head: `<script>window.token = ${callback}</script>` })
            await expect.poll(() => shop.callbackCalls()).toBe(1)
            await shop.settle()
            await expect(shop.wrapper).toHaveCount(0)
            for (let second = 0; second < 55; second++) await shop.page.clock.runFor(1000)
            const calls = await shop.callbackCalls()
            expect(calls).toBeGreaterThanOrEqual(4)
            expect(calls).toBeLessThanOrEqual(5)
            // The same message isn't logged repeatedly.
            expect(shop.warnings).toHaveLength(1)
            expect((await shop.notes()).errors).toEqual([])
            await shop.setReader('alice')
            await shop.page.clock.runFor(80_000)
            await expect(shop.bell).toBeVisible()
        })
    }

    test('that never resolves is given up after 30 seconds and called again', async ({ shop }) => {
        await shop.page.clock.install()
        await shop.open(undefined, { head: '<script>window.token = () => new Promise(() => {})</script>' })
        await expect.poll(() => shop.callbackCalls()).toBe(1)
        await shop.page.clock.runFor(25_000)
        expect(shop.warnings).toEqual([])
        await shop.setReader('alice')
        await shop.page.clock.runFor(6_000)
        await shop.page.clock.runFor(3_000)
        await expect(shop.bell).toBeVisible()
        expect(shop.warnings).toHaveLength(1)
    })

    for (const value of [`''`, 'null', 'undefined', `Promise.resolve('')`, `'\\n'`, `' \\t\\r\\n'`]) {
        test(`that returns ${value} means no reader and no bell`, async ({ shop }) => {
            await shop.open(undefined, { head: `<script>window.token = () => ${value}</script>` })
            await expect.poll(() => shop.callbackCalls()).toBe(1)
            await shop.settle()
            await expect(shop.wrapper).toHaveCount(0)
            expect(shop.site.visits).toEqual([])
            expect(shop.warnings).toEqual([])
        })
    }

    const nonsense = {
        'a token in quotation marks': [`'"bft_alice"'`, '"bft_alic'],
        'an answer in JSON': [`'{"token":"bft_alice"}'`, '{"token":'],
        'the page for signing in': [`'<!doctype html><form><input name=csrf value=secret>'.padEnd(40_000, '.')`, '<!doctype'],
        'a token of another kind': [`'eyJhbGciOiJIUzI1NiJ9.e30.x'`, 'eyJhbGciO'],
        'a word': [`'null'`, 'null'],
        'an object': [`({ token: 'bft_alice' })`, '[object O'],
        'a number': ['404', '404'],
        'a yes': ['true', 'true']
    } as const
    for (const [name, [value, words]] of Object.entries(nonsense)) {
        test(`that returns ${name} is reported once, and its result is sent nowhere`, async ({ shop }) => {
            await shop.page.clock.install()
            await shop.open(undefined, { head: `<script>window.token = () => Promise.resolve(${value})</script>` })
            await expect.poll(() => shop.warnings).toEqual([expect.stringContaining(`token must begin with bft_, not ${words}`)])
            for (let minute = 0; minute < 60; minute++) {
                await shop.page.clock.runFor(60_000)
                await shop.settle()
            }
            // Ten times until the delays are ten minutes, and then every ten to twelve and a half
            // minutes.
            const calls = await shop.callbackCalls()
            expect(calls).toBeGreaterThanOrEqual(11)
            expect(calls).toBeLessThanOrEqual(15)
            await shop.page.clock.runFor(600_000)
            expect((await shop.callbackCalls()) - calls).toBeLessThanOrEqual(1)
            expect(shop.warnings).toHaveLength(1)
            expect(shop.site.visits).toEqual([])
            await expect(shop.wrapper).toHaveCount(0)
            expect((await shop.notes()).errors).toEqual([])
        })
    }

    test('that returns a line break after the token is accepted', async ({ shop }) => {
        await shop.open(undefined, { head: `<script>window.token = () => ' bft_alice\\n'</script>` })
        await expect(shop.bell).toBeVisible()
        expect(shop.site.posts.map(visit => visit.token)).toEqual(['alice'])
    })

    test('may return a string without a promise', async ({ shop }) => {
        await shop.open(undefined, { head: `<script>window.token = () => 'bft_alice'</script>` })
        await expect(shop.bell).toBeVisible()
    })

    test('that is not a function is reported and nothing more', async ({ shop }) => {
        await shop.open(undefined, { init: `eS('init', {getAuthTokenCallback: 'alice', language: 'en'})` })
        await expect.poll(() => shop.warnings).toEqual([expect.stringContaining('must be a function')])
        await expect(shop.wrapper).toHaveCount(0)
    })
})

test.describe('the place', () => {
    for (const [position, path] of Object.entries({
        beforebegin: 'belfry-bell + #target',
        afterbegin: '#target > belfry-bell:first-child',
        beforeend: '#target > belfry-bell:last-child',
        afterend: '#target + belfry-bell'
    })) {
        test(position, async ({ shop }) => {
            shop.site.config = { position }
            await shop.open('<main><div id=target><b>1</b></div></main>')
            await expect(shop.bell).toBeVisible()
            await expect(shop.page.locator(path)).toHaveCount(1)
        })
    }

    test('the first of several', async ({ shop }) => {
        shop.site.config = { selector: '.slot' }
        await shop.open('<div class=slot id=one></div><div class=slot></div>')
        await expect(shop.bell).toBeVisible()
        await expect(shop.page.locator('#one > belfry-bell')).toHaveCount(1)
        await expect(shop.wrapper).toHaveCount(1)
    })

    test('a target that appears late, or becomes one', async ({ shop }) => {
        shop.site.config = { selector: '.account.signed-in' }
        await shop.open('<main></main>')
        await expect.poll(() => shop.callbackCalls()).toBe(1)
        await shop.page.evaluate(() => document.querySelector('main')?.insertAdjacentHTML('beforeend', '<div class=account></div>'))
        await shop.settle()
        await expect(shop.wrapper).toHaveCount(0)
        await shop.page.evaluate(() => document.querySelector('.account')?.classList.add('signed-in'))
        await expect(shop.bell).toBeVisible()
    })

    test('a missing target is awaited for a minute, without console messages', async ({ shop }) => {
        await shop.page.clock.install()
        await shop.open('<main></main>')
        await expect.poll(() => shop.callbackCalls()).toBe(1)
        await shop.page.clock.fastForward(61_000)
        for (const html of ['<p>last look</p>', '<div id=target></div>']) {
            await shop.page.evaluate(html => document.body.insertAdjacentHTML('beforeend', html), html)
            await shop.page.clock.runFor(100)
        }
        await expect(shop.wrapper).toHaveCount(0)
        expect(shop.warnings).toEqual([])
        expect((await shop.notes()).errors).toEqual([])
    })

    for (const config of [{ selector: 'div[' }, { selector: '' }, { position: 'inside' }, { selector: 'html', position: 'afterend' }]) {
        test(`${JSON.stringify(config)} is reported once, not thrown`, async ({ shop }) => {
            shop.site.config = config
            await shop.open()
            await expect.poll(() => shop.warnings.length).toBe(1)
            await shop.page.evaluate(() => document.body.append('more'))
            await shop.settle()
            expect(shop.warnings).toHaveLength(1)
            await expect(shop.iframe).toHaveCount(0)
            expect((await shop.notes()).errors).toEqual([])
        })
    }

    const rebuilds: Record<string, () => void> = {
        'the target is replaced': () => {
            const target = document.querySelector('#target')
            target?.replaceWith(target.cloneNode())
        },
        'the target is emptied': () => document.querySelector('#target')?.replaceChildren('again'),
        'the target is moved': () => document.body.prepend(document.querySelector('#target') ?? ''),
        'the target goes and comes back': () => {
            const target = document.querySelector('#target')
            target?.remove()
            requestAnimationFrame(() => requestAnimationFrame(() => document.body.append(target ?? '')))
        }
    }
    for (const [name, rebuild] of Object.entries(rebuilds)) {
        test(`one bell again when ${name}`, async ({ shop }) => {
            await shop.open('<main></main><div id=target></div>')
            await expect(shop.bell).toBeVisible()
            const former = await shop.iframe.getAttribute('name')
            await shop.page.evaluate(rebuild)
            await expect(shop.iframe).not.toHaveAttribute('name', former ?? '')
            await expect(shop.bell).toBeVisible()
            await expect(shop.wrapper).toHaveCount(1)
            expect(await shop.callbackCalls()).toBe(1)
        })
    }

    test('a bell beside its target disappears and reappears with it', async ({ shop }) => {
        shop.site.config = { position: 'afterend' }
        await shop.open('<main></main><div id=target></div>')
        await expect(shop.bell).toBeVisible()
        await shop.page.evaluate(() => document.querySelector('#target')?.remove())
        await expect(shop.wrapper).toHaveCount(0)
        await shop.page.evaluate(() => document.querySelector('main')?.insertAdjacentHTML('beforeend', '<div id=target></div>'))
        await expect(shop.bell).toBeVisible()
        await expect(shop.page.locator('main > #target + belfry-bell')).toHaveCount(1)
    })

    test('a page that always removes the bell gets it back once per second', async ({ shop }) => {
        await shop.open(undefined, {
            head: `<script>window.removals = []; new MutationObserver(() => { const bell = document.querySelector('belfry-bell'); if (bell) { bell.remove(); removals.push(performance.now()) } }).observe(document, {childList: true, subtree: true})</script>`
        })
        const removals = () => shop.page.evaluate(() => (window as unknown as { removals: number[] }).removals)
        await expect.poll(async () => (await removals()).length).toBeGreaterThanOrEqual(2)
        const [first = 0, second = 0] = await removals()
        expect(second - first).toBeGreaterThan(900)
    })

    test('keeps its size and appearance despite the page’s own rules', async ({ shop }) => {
        await shop.open('<div id=target style="display:flex;width:60px"><i style="flex:none;width:50px">1</i></div>', {
            head: '<style>* { margin: 9px !important; border: 3px solid red !important } iframe { width: 100% !important; max-width: 10px !important; display: none !important; opacity: 0 !important }</style>'
        })
        await expect(shop.bell).toBeVisible()
        expect(await shop.iframe.boundingBox()).toMatchObject({ width: 40, height: 40 })
        expect(await shop.wrapper.boundingBox()).toMatchObject({ width: 40, height: 40 })
    })
})

test.describe('the page’s policies', () => {
    const strict = (belfry: string, more: string) =>
        `default-src 'none'; script-src 'nonce-page' ${belfry}; frame-src ${belfry}; require-trusted-types-for 'script'; trusted-types 'none'; ${more}`
    // The snippet itself needs a page without Trusted Types, so such a page loads the script as a
    // tag.
    const tagged = { head: '', snippet: 'window.eS = function () { eS.c(arguments) }; eS.q = []; eS.c = function () { eS.q.push(arguments) }' }

    for (const allowed of [true, false]) {
        test(`a strict policy ${allowed ? 'with' : 'without'} form-action of Belfry`, async ({ shop }) => {
            const { belfry, id } = shop.site
            await shop.open(undefined, {
                ...tagged,
                head: `<script nonce=page>window.violations = []; addEventListener('securitypolicyviolation', e => violations.push(e.effectiveDirective))</script>
                    <script nonce=page async src="${belfry.origin}/scripts/${id}.js"></script>`,
                headers: { 'content-security-policy': strict(belfry.origin, `form-action ${allowed ? belfry.origin : `'none'`}`) }
            })
            await expect(shop.bell).toBeVisible()
            expect(await shop.wrapper.boundingBox()).toMatchObject({ width: 40, height: 40 })
            await shop.bell.click()
            await expect(shop.panel).toBeVisible()
            expect(await shop.page.evaluate(() => (window as unknown as { violations: string[] }).violations)).toEqual(allowed ? [] : ['form-action'])
            expect(shop.site.visits.map(visit => [visit.method, visit.token, visit.language])).toEqual(
                allowed ? [['POST', 'alice', 'en']] : [['GET', '', ''], ['POST', 'alice', 'en']]
            )
            expect(shop.site.visits.every(visit => visit.query === '')).toBe(true)
            expect(await shop.callbackCalls()).toBe(1)
        })
    }

    test('no-referrer', async ({ shop }) => {
        await shop.open(undefined, { headers: { 'referrer-policy': 'no-referrer' } })
        await expect(shop.bell).toBeVisible()
        expect(shop.site.posts[0]?.origin).toBe('null')
    })
})

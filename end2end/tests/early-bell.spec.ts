// The bell before its inbox is loaded: a page that embeds a token, and the bell that the loader
// draws while the iframe is loading.
import type { BrowserContext, Page, Route } from '@playwright/test'
import { expect, queue, script, test, type Host, type HostPage } from '../support/host.ts'

/**
 * Delays the inbox's document until it is released. The loader, which would fall back after four
 * seconds, is delayed as well.
 */
const hold = async (context: BrowserContext, patient = true) => {
    const held: Route[] = []
    let open = false
    if (patient) {
        await context.addInitScript(() => {
            const later = window.setTimeout
            Object.assign(window, { setTimeout: (work: () => void, delay?: number, ...more: unknown[]) => (delay === 4_000 ? 0 : later(work, delay, ...more)) })
        })
    }
    await context.route(/\/embed\/[^/]+$/, route => (open ? route.continue() : void held.push(route)))
    return async () => {
        open = true
        await Promise.all(held.map(route => route.continue()))
    }
}

const early = (host: Host) => host.page.locator('belfry-bell').getByRole('button', { name: 'Notifications' })

/** A page whose inbox is delayed doesn't finish loading. */
const show = (host: Host, page: HostPage) => host.page.goto(host.address(page), { waitUntil: 'commit' })

const asked = (host: Host) => host.backend.requests.get(host.site.id) ?? 0

const init = (host: Host, token: unknown, more = '') => script(`${queue} eS('init', { token: ${JSON.stringify(token)}, getAuthTokenCallback: ${host.callback}, language: 'en', ${more} })`)

const tag = (host: Host) => `<script async src="${host.site.belfry.origin}/scripts/${host.site.id}.js"></script>`

for (const wasm of [true, false]) {
    test(`an embedded token is used before the callback is called, ${wasm ? 'with' : 'without'} WebAssembly`, async ({ host, context, site }) => {
        if (!wasm) await context.route('**/*.wasm', route => route.abort())
        host.unavoidable = /ERR_FAILED/
        await host.expectWorks({ scripts: init(host, await site.token('anna')) + tag(host) })
        expect(asked(host)).toBe(0)
    })
}

test('an invalid embedded token is renewed by one call of the callback', async ({ host }) => {
    // The browser itself logs the rejected document.
    host.unavoidable = /401/
    await host.expectWorks({ scripts: init(host, 'bft_over') + tag(host) })
    expect(asked(host)).toBe(1)
})

test('if the callback then returns nothing, there is no bell', async ({ host }) => {
    const empty = script(`${queue} eS('init', { token: 'bft_over', getAuthTokenCallback: () => { window.calls = (window.calls ?? 0) + 1; return '' } })`)
    await host.show({ scripts: empty + tag(host) })
    await expect.poll(() => host.page.evaluate(() => (window as unknown as { calls?: number }).calls)).toBe(1)
    await expect(host.wrapper).toHaveCount(0)
})

for (const [name, options, required] of [
    ['token', `token: { value: 'x' }, getAuthTokenCallback: () => ''`, 'begin with bft_'],
    ['getAuthTokenCallback', `token: 'bft_x'`, 'be a']
]) {
    test(`${name} of the wrong type is reported by name`, async ({ host }) => {
        await host.show({ scripts: script(`${queue} eS('init', { ${options} })`) + tag(host) })
        await expect.poll(() => host.lines.map(line => line.replace(/ \(.*/, ''))).toEqual([expect.stringMatching(new RegExp(`^Belfry: ${name} must ${required}`))])
        await expect(host.wrapper).toHaveCount(0)
    })
}

test('an empty token means that the callback is called', async ({ host }) => {
    await host.expectWorks({ scripts: init(host, '') + tag(host) })
    expect(asked(host)).toBe(1)
})

test('after a sign-out another reader’s token shows that reader', async ({ host, site }) => {
    await site.contact('bob')
    await site.publish('For Bob', {}, { audience: { contact: { externalCustomerId: 'bob' } } })
    await show(host, { scripts: init(host, await site.token('anna')) + tag(host) })
    await host.rests(3)
    await host.run('logout')
    await expect(host.wrapper).toHaveCount(0)
    await host.run('init', { token: await site.token('bob') })
    // There is no callback, so it is rejected; functions can't be passed to the page from here.
    await expect.poll(() => host.lines.length).toBe(1)
    const token = await site.token('bob')
    await host.run('logout')
    await host.page.evaluate(token => (window as unknown as { eS: (...values: unknown[]) => void }).eS('init', { token, getAuthTokenCallback: () => '', language: 'en' }), token)
    // Messages from before Bob's first visit are listed as read.
    await host.rests(1)
    await host.open()
    await expect(host.items).toHaveCount(4)
})

/** The largest difference of a colour channel between two screenshots, from 0 to 255. */
const difference = (page: Page, ...pictures: [Buffer, Buffer]) =>
    page.evaluate(async sources => {
        const [one, other] = await Promise.all(
            sources.map(async source => {
                const bitmap = await createImageBitmap(await (await fetch(source)).blob())
                const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')
                context?.drawImage(bitmap, 0, 0)
                return context?.getImageData(0, 0, bitmap.width, bitmap.height).data ?? new Uint8ClampedArray()
            })
        )
        return (one ?? new Uint8ClampedArray()).reduce((most, value, index) => Math.max(most, Math.abs(value - (other?.[index] ?? 0))), 0)
    }, pictures.map(picture => `data:image/png;base64,${picture.toString('base64')}`))

const dark = ':root { color-scheme: dark } body { background: #14161a; color: #eceef2 }'
const looks = { light: '', dark, 'right to left': '#target { direction: rtl }' }
for (const [name, style] of Object.entries(looks)) {
    test(`the bell is drawn at once, as the frame will draw it, ${name}`, async ({ host, context, site, backend }) => {
        const empty = await site.belfry.site([backend.pages.origin])
        backend.serve(empty)
        await empty.contact('anna')
        host.site = empty
        const release = await hold(context)
        await show(host, { style, scripts: init(host, await empty.token('anna')) + tag(host), root: `lang=en ${name.includes('right') ? 'dir=rtl' : ''}` })
        await expect(early(host)).toBeVisible()
        const clip = (await host.wrapper.boundingBox()) ?? undefined
        expect(await early(host).boundingBox()).toEqual(clip)
        expect(clip).toMatchObject({ width: 40, height: 40 })
        await expect(host.iframe).not.toBeVisible()
        const before = await host.page.screenshot({ clip, path: test.info().outputPath('early.png') })
        await release()
        await expect(host.iframe).toBeVisible()
        await expect(early(host)).toHaveCount(0)
        const after = await host.page.screenshot({ clip, path: test.info().outputPath('frame.png') })
        // Except for invisible rounding errors.
        expect(await difference(host.page, before, after)).toBeLessThanOrEqual(3)
        await host.quiet()
    })
}

for (const [name, style] of Object.entries(looks)) {
    test(`a count in the token is displayed at once and stays in place, ${name}`, async ({ host, context, site }) => {
        const release = await hold(context)
        const scripts = init(host, await site.token('anna', { count: true })) + tag(host)
        await show(host, { style, scripts, root: `lang=en ${name.includes('right') ? 'dir=rtl' : ''}` })
        await expect(early(host).locator('b')).toHaveText('3')
        const clip = (await host.wrapper.boundingBox()) ?? undefined
        const before = await host.page.screenshot({ clip, path: test.info().outputPath('early.png') })
        await release()
        await host.rests(3)
        await expect(early(host)).toHaveCount(0)
        const after = await host.page.screenshot({ clip, path: test.info().outputPath('frame.png') })
        expect(await difference(host.page, before, after)).toBeLessThanOrEqual(3)
        await host.quiet()
    })
}

test('another reader’s token has its own count, and a token without one shows none', async ({ host, context, site }) => {
    await site.contact('bob')
    await hold(context)
    await show(host, { scripts: init(host, await site.token('anna', { count: true })) + tag(host) })
    await expect(early(host).locator('b')).toHaveText('3')
    for (const token of [await site.token('bob', { count: true }), await site.token('anna')]) {
        await show(host, { scripts: init(host, token) + tag(host) })
        await expect(early(host)).toBeVisible()
        await expect(early(host).locator('b')).toHaveCount(0)
    }
})

test('released while both bells exist, it opens although the other one is on top', async ({ host, context, site }) => {
    // The frame is displayed and never reports that it is drawn.
    await context.addInitScript(() => {
        if (parent == window) return
        const later = window.setTimeout
        Object.assign(window, { setTimeout: (work: (...values: unknown[]) => void, delay?: number, ...values: unknown[]) => (values[0] === 'drawn' ? 0 : later(work, delay, ...values)) })
    })
    const release = await hold(context)
    await show(host, { scripts: init(host, await site.token('anna')) + tag(host) })
    await early(host).hover()
    await host.page.mouse.down()
    await release()
    await expect(host.iframe).toBeVisible()
    await expect(early(host)).toHaveCount(1)
    await host.page.mouse.up()
    await expect(host.panel).toBeVisible()
})

test('pressed before the inbox is loaded, it opens as soon as it is, by mouse', async ({ host, context, site }) => {
    const release = await hold(context)
    await show(host, { body: `<a href="#elsewhere"><b id=target></b></a>`, scripts: init(host, await site.token('anna')) + tag(host) })
    await early(host).click()
    expect(host.page.url(), 'the page around it does not notice').not.toContain('#')
    await expect(host.panel).toBeHidden()
    await release()
    await expect(host.panel).toBeVisible()
    await expect(host.items).toHaveCount(3)
    await host.covers()
    await expect(early(host)).toHaveCount(0)
    await host.quiet()
})

test('and by keyboard, and the focus moves into the inbox', async ({ host, context, site }) => {
    const release = await hold(context)
    await show(host, { scripts: init(host, await site.token('anna')) + tag(host) })
    await expect(early(host)).toBeVisible()
    await host.page.keyboard.press('Tab')
    await expect(early(host)).toBeFocused()
    await host.picture('focused')
    await release()
    await expect(host.bell).toBeFocused()
    await host.page.keyboard.press('Enter')
    await expect(host.panel).toBeFocused()
})

test('pressed while it is being replaced, it opens although the release hits another bell', async ({ host, context, site }) => {
    const release = await hold(context)
    await show(host, { scripts: init(host, await site.token('anna')) + tag(host) })
    await early(host).hover()
    await host.page.mouse.down()
    await release()
    await expect(early(host)).toHaveCount(0)
    await host.page.mouse.up()
    await expect(host.panel).toBeVisible()
})

test('under the minimal policy with Trusted Types it is drawn without console messages', async ({ host, context, site, backend }) => {
    const { belfry } = host.site
    const release = await hold(context)
    const policy = `default-src 'none'; script-src 'nonce-page' ${belfry.origin}; frame-src ${belfry.origin}; form-action ${belfry.origin}; style-src 'nonce-page'; img-src data:; connect-src ${backend.origin}; require-trusted-types-for 'script'; trusted-types 'none'`
    await show(host, {
        style: 'button { border: 9px solid red !important; display: none !important } svg, path { fill: red !important }',
        headers: { 'content-security-policy': policy },
        scripts: init(host, await site.token('anna')) + tag(host)
    })
    await expect(early(host)).toBeVisible()
    await host.picture('early')
    await release()
    await host.works()
})

test('signed-out visitors never see it', async ({ host }) => {
    const watch = script(`window.bells = 0; new MutationObserver(() => { if (document.querySelector('belfry-bell')) bells++ }).observe(document, { childList: true, subtree: true });`)
    await host.show({ scripts: watch + script(`${queue} eS('init', { getAuthTokenCallback: async () => { window.called = true; return '' } })`) + tag(host) })
    await host.page.waitForFunction(() => (window as unknown as { called?: boolean }).called)
    await host.shifts()
    expect(await host.page.evaluate(() => (window as unknown as { bells: number }).bells)).toBe(0)
})

test('a sign-out removes it', async ({ host, context, site }) => {
    await hold(context)
    await show(host, { scripts: init(host, await site.token('anna')) + tag(host) })
    await expect(early(host)).toBeVisible()
    await host.run('logout')
    await expect(host.wrapper).toHaveCount(0)
})

test('it is removed if Belfry does not respond', async ({ host, context, site }) => {
    await host.page.clock.install()
    await hold(context, false)
    await show(host, { scripts: init(host, await site.token('anna')) + tag(host) })
    await expect(early(host)).toBeVisible()
    await host.page.clock.runFor(4_100)
    await expect(early(host)).toHaveCount(0)
    await expect(host.wrapper).toHaveCount(1)
})

test('if its script fails to load, the bell comes with the frame', async ({ host, context, site }) => {
    host.unavoidable = /page-|ERR_FAILED|dynamically imported/
    let broken = true
    await context.route('**/pkg/page-*', route => (broken ? route.abort() : route.continue()))
    await host.show({ scripts: init(host, await site.token('anna')) + tag(host) })
    await host.rests()
    // Pressing the bell requests it again.
    await host.bell.click()
    await expect(host.panel).toBeHidden()
    broken = false
    await host.works()
})

test('a themed bell is never drawn in another style first', async ({ host, context, site }) => {
    await site.belfry.command('theme', 'use', site.id, 'midnight')
    const release = await hold(context)
    // The server notices within a second or two.
    await expect.poll(async () => (await fetch(`${site.belfry.origin}/scripts/${site.id}.js`)).text().then(text => text.includes('"bell":true'))).toBe(false)
    await show(host, { scripts: init(host, await site.token('anna')) + tag(host) })
    await expect(host.wrapper).toHaveCount(1)
    await host.shifts()
    await expect(early(host)).toHaveCount(0)
    await release()
    await host.rests(3)
})

test('two sites’ bells on one page, each with its reader’s token', async ({ host, context, site, backend }) => {
    const other = await site.belfry.site([backend.pages.origin], ['--selector', '#other'])
    backend.serve(other)
    await other.contact('anna')
    const release = await hold(context)
    const both = [site, other].map(async one => `eS('init', { site: '${one.id}', token: '${await one.token('anna')}', getAuthTokenCallback: () => '', language: 'en' });`)
    await show(host, {
        style: '#other { display: inline-block; width: 40px; height: 40px; vertical-align: middle }',
        body: '<header><b id=target></b><b id=other></b></header>',
        scripts: script(queue + (await Promise.all(both)).join('')) + [site, other].map(({ id }) => `<script async src="${site.belfry.origin}/scripts/${id}.js"></script>`).join('')
    })
    await expect(early(host)).toHaveCount(2)
    await release()
    await expect(early(host)).toHaveCount(0)
    await expect(host.page.locator('#target belfry-bell > iframe')).toBeVisible()
    await expect(host.page.locator('#other belfry-bell > iframe')).toBeVisible()
    await expect(host.page.frameLocator('#target iframe').locator('#bell')).toHaveAccessibleName('Notifications, 3 unread')
    await expect(host.page.frameLocator('#other iframe').locator('#bell')).toHaveAccessibleName('Notifications')
    await host.quiet()
})

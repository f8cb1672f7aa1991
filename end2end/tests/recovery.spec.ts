// Failures of the session, the server and the network, and that nothing is missed afterwards.
import { Belfry } from '../support/belfry.ts'
import { Proxy } from '../support/proxy.ts'
import { requestsTo, expect, test as base, ReaderPage } from '../support/fixtures.ts'

type Behind = ReaderPage & { proxy: Proxy }

/** For tests that stop the server, or a proxy in front of it: their own instances. */
const test = base.extend<{ own: ReaderPage; behind: Behind }>({
    behind: async ({ page, backend }, use) => {
        const proxy = await Proxy.start()
        const belfry = await Belfry.start(proxy.origin)
        proxy.lead(belfry.origin)
        const site = await belfry.site([backend.pages.origin])
        backend.serve(site)
        await site.contact('anna')
        await use(Object.assign(new ReaderPage(page, site, backend), { proxy }))
        await belfry.end()
        await proxy.stop()
    },
    own: async ({ page, backend }, use) => {
        const belfry = await Belfry.start()
        const site = await belfry.site([backend.pages.origin])
        backend.serve(site)
        await site.contact('anna')
        await use(new ReaderPage(page, site, backend))
        await belfry.end()
    }
})

test('an expired session is renewed by one call for all pending requests, which then succeed', async ({ readerPage, site, belfry, backend }) => {
    await site.fill(4)
    await readerPage.arrive()
    await readerPage.open()
    await expect(readerPage.badge).toHaveText('')
    const answers: string[] = []
    readerPage.page.on('response', answer => /\/(marks|counts)$/.test(answer.url()) && answers.push(`${answer.status()} ${answer.request().postData()}`))
    // Revoking a key ends the sessions created with it.
    const { key_id } = (await belfry.command<{ key_id: string }[]>('key', 'list', site.id))[0] ?? { key_id: '' }
    const old = site.key
    site.key = (await belfry.command<{ api_key: string }>('key', 'create', site.id)).api_key
    expect(site.key).not.toBe(old)
    // The page's backend is slow, so that both wait for it: the actions, of which one is sent at a
    // time, and the stream.
    let give: () => void = () => {}
    const given = new Promise<void>(resolve => (give = resolve))
    await readerPage.page.route(`${backend.origin}/**`, async route => {
        await given
        await route.continue()
    })
    const before = (await readerPage.notes()).calls
    await belfry.command('key', 'revoke', site.id, key_id)
    await readerPage.item('Message 1').click()
    await readerPage.item('Message 2').click()
    await readerPage.item('Message 3').click()
    for (const waiting of [/^401 null/, /^401 .*read/]) await expect.poll(() => answers.some(answer => waiting.test(answer))).toBe(true)
    give()
    await expect.poll(() => answers.filter(answer => /^200 .*read/.test(answer)).length).toBe(3)
    expect((await readerPage.notes()).calls - before).toBe(1)
    await expect(readerPage.bell).toHaveAccessibleName('Notifications, 1 unread')
    await expect(readerPage.notice).toBeHidden()
    await expect(readerPage.panel).toBeVisible()
    await readerPage.ready()
    await site.publish('Live again')
    await expect(readerPage.item('Live again')).toBeVisible()
    expect((await readerPage.notes()).errors).toEqual([])
})

test('a contact that was erased and recreated: the old inbox disappears, the new one appears', async ({ readerPage, site }) => {
    await site.publish('Only for the old Anna', {}, { audience: { contact: { externalCustomerId: 'anna' } } })
    await readerPage.arrive()
    await expect(readerPage.bell).toHaveAccessibleName('Notifications, 1 unread')
    await site.call('DELETE', '/contact?externalCustomerId=anna&erase=true')
    await site.contact('anna')
    await site.publish('For the new Anna', {}, { audience: { contact: { externalCustomerId: 'anna' } } })
    await expect(readerPage.item('For the new Anna')).toBeAttached({ timeout: 15_000 })
    await expect(readerPage.items).toHaveCount(1)
    await expect(readerPage.bell).toHaveAccessibleName('Notifications, 1 unread')
})

test('a reader whose session ends on an unchanged page sees a notice, and no messages are lost', async ({ readerPage, site, belfry }) => {
    await site.fill(2)
    await readerPage.arrive()
    await readerPage.open()
    const { key_id } = (await belfry.command<{ key_id: string }[]>('key', 'list', site.id))[0] ?? { key_id: '' }
    site.key = (await belfry.command<{ api_key: string }>('key', 'create', site.id)).api_key
    await readerPage.page.evaluate(() => Object.assign(window, { token: () => Promise.resolve('') }))
    await belfry.command('key', 'revoke', site.id, key_id)
    await expect(readerPage.wrapper).toHaveCount(0)
    expect((await readerPage.notes()).errors).toEqual([])
})

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    test(`a server restarted after ${signal}: messages published meanwhile appear, and live updates continue`, async ({ own }) => {
        const { site } = own
        await site.fill(2)
        await own.arrive()
        await own.open()
        await site.belfry.stop(signal)
        await expect(own.frame.getByText('You’re offline')).toBeVisible()
        await own.item('Message 1').click()
        await expect(own.unread).toHaveCount(1)
        await expect(own.notice).toBeHidden()
        await own.page.screenshot({ path: test.info().outputPath('offline.png') })
        await site.belfry.command('message', 'recall', site.id, await own.item('Message 2').getAttribute('data-id') ?? '')
        await site.belfry.restart()
        await site.publish('While you were away')
        await expect(own.item('While you were away')).toBeVisible({ timeout: 15_000 })
        await expect(own.item('Message 2')).toHaveCount(0)
        await expect(own.frame.getByText('You’re offline')).toBeHidden()
        await own.ready()
        await site.publish('And now')
        await expect(own.item('And now')).toBeVisible()
        await expect(own.titles).toContainText(['And now', 'While you were away', 'Message 1'])
        await expect(own.bell).toHaveAccessibleName('Notifications, 2 unread')
        expect((await own.notes()).errors).toEqual([])
    })
}

test('an acknowledged action survives a crash of the server', async ({ own }) => {
    await own.site.fill(2)
    await own.arrive()
    await own.open()
    const kept = own.page.waitForResponse(answer => answer.url().endsWith('/marks') && (answer.request().postData() ?? '').includes('read'))
    await own.item('Message 1').click()
    expect((await kept).status()).toBe(200)
    await own.site.belfry.stop('SIGKILL')
    await own.site.belfry.restart()
    await own.page.reload()
    await expect(own.bell).toHaveAccessibleName('Notifications, 1 unread')
})

/** Records whether the offline notice was displayed, however briefly. */
const watch = async (readerPage: ReaderPage) => {
    await readerPage.offline.evaluate(line => new MutationObserver(() => line.hasAttribute('hidden') || (line.dataset.shown = '')).observe(line, { attributes: true, attributeFilter: ['hidden'] }))
    return () => expect(readerPage.frame.locator('#offline[data-shown]')).toHaveCount(0)
}

test('a proxy that cuts streams: missed messages appear, without an offline notice', async ({ behind: readerPage }) => {
    const { site, proxy, page } = readerPage
    await readerPage.arrive()
    const quiet = await watch(readerPage)
    const streams = requestsTo(page.context(), '/events')
    for (const turn of [1, 2, 3]) {
        proxy.cut('streams')
        await site.publish(`Meanwhile ${turn}`)
        await expect(readerPage.item(`Meanwhile ${turn}`)).toBeAttached()
        await expect.poll(() => streams.length).toBe(turn)
        await readerPage.ready()
    }
    await quiet()
})

for (const which of ['streams', 'all'] as const) {
    test(`a silent stream (${which}) is detected by its missing heartbeat`, async ({ behind: readerPage, context }) => {
        await context.clock.install()
        await readerPage.arrive()
        const streams = requestsTo(context, '/events')
        readerPage.proxy.swallow(which)
        await readerPage.site.publish('Never passed on')
        await expect(async () => {
            await context.clock.fastForward(5_000)
            expect(streams.length).toBeGreaterThan(0)
        }).toPass()
        await expect(readerPage.item('Never passed on')).toBeAttached()
        await readerPage.ready()
        await readerPage.site.publish('By the new line')
        await expect(readerPage.item('By the new line')).toBeAttached()
    })
}

test('after a sleep the stream is reopened at once', async ({ behind: readerPage, context }) => {
    await context.clock.install()
    await readerPage.arrive()
    readerPage.proxy.swallow('streams')
    await readerPage.site.publish('While asleep')
    const streams = requestsTo(context, '/events')
    await context.clock.pauseAt(await readerPage.page.evaluate(() => Date.now() + 1_000))
    await context.clock.fastForward('01:00:00')
    await expect(readerPage.item('While asleep')).toBeAttached()
    expect(streams).toHaveLength(1)
})

test('a session that ended while the network was down is renewed by one call', async ({ behind: readerPage, context }) => {
    const { site, proxy } = readerPage
    await readerPage.arrive()
    const { calls } = await readerPage.notes()
    const { key_id } = (await site.belfry.command<{ key_id: string }[]>('key', 'list', site.id))[0] ?? { key_id: '' }
    proxy.away = true
    proxy.cut('all')
    site.key = (await site.belfry.command<{ api_key: string }>('key', 'create', site.id)).api_key
    await site.belfry.command('key', 'revoke', site.id, key_id)
    await site.publish('Meanwhile')
    await expect(readerPage.frame.locator('html[data-stream=lost]')).toBeAttached()
    proxy.away = false
    await readerPage.ready()
    await expect(readerPage.item('Meanwhile')).toBeAttached()
    expect((await readerPage.notes()).calls - calls).toBe(1)
    expect((await readerPage.notes()).errors).toEqual([])
    expect(context.pages()).toHaveLength(1)
})

for (const status of [500, 503]) {
    test(`a server that answers ${status} is retried with growing delays, and at once on a sign of recovery`, async ({ readerPage, site, page, context }) => {
        test.setTimeout(60_000)
        await context.clock.install()
        await readerPage.arrive()
        const tries = requestsTo(context, '/counts')
        let answered = 0
        await page.route('**/embed/*/*', async route => {
            await route.fulfill({ status, json: { status, message: 'not now' } })
            answered++
        })
        const now = () => readerPage.frame.locator('html').evaluate(() => Date.now())
        await context.clock.pauseAt((await now()) + 1_000)
        // The stream is lost; only the clock triggers the next attempt.
        await readerPage.frame.locator('html').evaluate(() => dispatchEvent(new Event('offline')))
        const times: number[] = [await now()]
        while (times.length < 12) {
            const before = tries.length
            await context.clock.runFor(times.length < 4 ? 100 : 1_000)
            // One event each way, so that an attempt is recorded before the clock continues.
            await now()
            if (tries.length === before) continue
            await expect.poll(() => answered).toBe(tries.length)
            times.push(await now())
        }
        const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0))
        for (const [index, gap] of gaps.entries()) {
            // Only the test may be late, because it polls.
            const wait = Math.min(500 * 2 ** index, 30_000)
            expect(gap, `gap ${index} of ${gaps.join(', ')}`).toBeGreaterThanOrEqual(wait)
            expect(gap, `gap ${index} of ${gaps.join(', ')}`).toBeLessThanOrEqual(wait + Math.max(wait, 1_500) + 3_000)
        }
        expect(new Set(gaps.slice(-5)).size, 'spread at random').toBeGreaterThan(1)
        await expect(readerPage.offline).not.toHaveAttribute('hidden')
        for (const [target, word] of [['window', 'online'], ['document', 'visibilitychange']] as const) {
            const before = tries.length
            await readerPage.frame.locator('html').evaluate((_, [target, word]) => (target === 'window' ? window : document).dispatchEvent(new Event(word)), [target, word] as const)
            await expect.poll(() => tries.length, word).toBe(before + 1)
        }
        await page.unroute('**/embed/*/*')
        await site.publish('Meanwhile')
        await readerPage.frame.locator('html').evaluate(() => dispatchEvent(new Event('online')))
        await readerPage.ready()
        await expect(readerPage.item('Meanwhile')).toBeAttached()
        await expect(readerPage.offline).toHaveAttribute('hidden')
    })
}

test('where streams are blocked the widget polls, and the stream opens once it is allowed', async ({ readerPage, site, context }) => {
    test.setTimeout(60_000)
    await context.clock.install()
    await context.route('**/events?*', route => route.abort())
    await readerPage.go()
    await expect(readerPage.frame.locator('html[data-awake]')).toBeAttached()
    const quiet = await watch(readerPage)
    await site.publish('By asking')
    const forward = (seen: () => Promise<void>) =>
        expect(async () => {
            await context.clock.fastForward(4_000)
            await seen()
        }).toPass({ intervals: [100] })
    await forward(() => expect(readerPage.item('By asking')).toBeAttached({ timeout: 200 }))
    await context.unroute('**/events?*')
    const streams: number[] = []
    context.on('response', answer => answer.url().includes('/events?') && streams.push(answer.status()))
    await forward(() => expect.poll(() => streams, { timeout: 200 }).toContainEqual(200))
    await site.publish('By the stream')
    await expect(readerPage.item('By the stream')).toBeAttached()
    await quiet()
})

test('behind a proxy that buffers streams the widget polls', async ({ behind: readerPage, context }) => {
    await context.clock.install()
    readerPage.proxy.buffers = true
    await readerPage.go()
    await expect(readerPage.frame.locator('html[data-awake]')).toBeAttached()
    const quiet = await watch(readerPage)
    const streams = requestsTo(context, '/events')
    await readerPage.site.publish('By asking')
    await expect(async () => {
        await context.clock.fastForward(5_000)
        await expect(readerPage.item('By asking')).toBeAttached({ timeout: 200 })
    }).toPass()
    expect(streams.length).toBeLessThanOrEqual(2)
    await quiet()
})

test('counts never go back, in whatever order responses arrive', async ({ readerPage, site }) => {
    await site.fill(4)
    await readerPage.arrive()
    const other = await readerPage.newTab()
    await other.arrive()
    await readerPage.open()
    await expect(readerPage.badge).toHaveText('')
    const held: (() => void)[] = []
    let holding = true
    await readerPage.page.route(/\/(marks|counts|messages)/, async route => {
        if (!holding) return route.continue()
        const answer = await route.fetch()
        await new Promise<void>(resolve => held.push(resolve))
        await route.fulfill({ response: answer })
    })
    await readerPage.item('Message 1').click()
    await expect.poll(() => held.length).toBe(1)
    await other.open()
    for (const [title, left] of [['Message 2', 2], ['Message 3', 1]] as const) {
        await other.item(title).click()
        await expect(readerPage.bell).toHaveAccessibleName(`Notifications, ${left} unread`)
    }
    // The responses are older than the stream's events.
    holding = false
    for (const give of held.reverse()) give()
    await readerPage.item('Message 4').click()
    await expect(readerPage.bell).toHaveAccessibleName('Notifications')
    await expect(other.bell).toHaveAccessibleName('Notifications')
    for (const tab of [readerPage, other]) {
        const told = (await tab.notes()).events.filter(event => event.type === 'unread').map(event => (event.detail as { unread: number }).unread)
        expect(told).toEqual([...told].sort((one, two) => two - one))
        expect(told.at(-1)).toBe(0)
    }
})

test('a page that removes the target and restores it', async ({ readerPage, site }) => {
    await site.fill(2)
    await readerPage.arrive()
    await readerPage.page.evaluate(() => {
        document.querySelector('#target')?.remove()
    })
    await expect(readerPage.wrapper).toHaveCount(0)
    await site.publish('Meanwhile')
    await readerPage.page.evaluate(() => document.body.insertAdjacentHTML('afterbegin', '<header id=target></header>'))
    await expect(readerPage.bell).toHaveAccessibleName('Notifications, 3 unread')
    await readerPage.ready()
    await site.publish('Afterwards')
    await expect(readerPage.bell).toHaveAccessibleName('Notifications, 4 unread')
    expect((await readerPage.notes()).calls).toBeLessThanOrEqual(2)
})

test('Belfry down at first: the page is as usable as ever, and the bell appears later', async ({ own }) => {
    const { page, site } = own
    await site.fill(1)
    // The loader comes from the browser's cache, as for a returning visitor.
    await own.arrive()
    await site.belfry.stop('SIGKILL')
    await own.go({ body: '<header id=target></header><main><button onclick="this.textContent = 1 + +this.textContent">0</button></main>' })
    await page.getByRole('button', { name: '0' }).click()
    await expect(page.getByRole('button', { name: '1' })).toBeVisible()
    await expect(own.bell).toHaveCount(0)
    expect((await own.notes()).errors).toEqual([])
    await site.belfry.restart()
    await expect(own.bell).toHaveAccessibleName('Notifications, 1 unread', { timeout: 15_000 })
    await expect(own.iframe).toBeVisible()
})

test('Belfry that never answers covers nothing and throws nothing', async ({ readerPage }) => {
    await readerPage.page.route('**/embed/**', () => {})
    await readerPage.go({ body: '<header id=target></header><main style="position:absolute;inset:0"><button>Buy</button></main>' })
    await readerPage.page.evaluate(() => (window as unknown as { eS: (name: string) => void }).eS('open'))
    await readerPage.page.getByRole('button', { name: 'Buy' }).click()
    await expect(readerPage.iframe).not.toBeVisible()
    expect((await readerPage.notes()).errors).toEqual([])
})

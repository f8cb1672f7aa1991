// Failures of the session, the server and the network, and that nothing is missed afterwards.
import { Belfry } from '../support/belfry.ts'
import { Proxy } from '../support/proxy.ts'
import { asked, expect, test as base, Visit } from '../support/real.ts'

type Behind = Visit & { proxy: Proxy }

/** For tests that stop the server, or a proxy in front of it: their own instances. */
const test = base.extend<{ own: Visit; behind: Behind }>({
    behind: async ({ page, backend }, use) => {
        const proxy = await Proxy.start()
        const belfry = await Belfry.start(proxy.origin)
        proxy.lead(belfry.origin)
        const site = await belfry.site([backend.pages.origin])
        backend.serve(site)
        await site.contact('anna')
        await use(Object.assign(new Visit(page, site, backend), { proxy }))
        await belfry.end()
        await proxy.stop()
    },
    own: async ({ page, backend }, use) => {
        const belfry = await Belfry.start()
        const site = await belfry.site([backend.pages.origin])
        backend.serve(site)
        await site.contact('anna')
        await use(new Visit(page, site, backend))
        await belfry.end()
    }
})

test('an expired session is renewed by one call for all pending requests, which then succeed', async ({ visit, site, belfry, backend }) => {
    await site.fill(4)
    await visit.arrive()
    await visit.open()
    await expect(visit.badge).toHaveText('')
    const answers: string[] = []
    visit.page.on('response', answer => /\/(marks|counts)$/.test(answer.url()) && answers.push(`${answer.status()} ${answer.request().postData()}`))
    // Revoking a key ends the sessions created with it.
    const { key_id } = (await belfry.command<{ key_id: string }[]>('key', 'list', site.id))[0] ?? { key_id: '' }
    const old = site.key
    site.key = (await belfry.command<{ api_key: string }>('key', 'create', site.id)).api_key
    expect(site.key).not.toBe(old)
    // The page's backend is slow, so that both wait for it: the actions, of which one is sent at a
    // time, and the stream.
    let give: () => void = () => {}
    const given = new Promise<void>(resolve => (give = resolve))
    await visit.page.route(`${backend.origin}/**`, async route => {
        await given
        await route.continue()
    })
    const before = (await visit.notes()).calls
    await belfry.command('key', 'revoke', site.id, key_id)
    await visit.item('Message 1').click()
    await visit.item('Message 2').click()
    await visit.item('Message 3').click()
    for (const waiting of [/^401 null/, /^401 .*read/]) await expect.poll(() => answers.some(answer => waiting.test(answer))).toBe(true)
    give()
    await expect.poll(() => answers.filter(answer => /^200 .*read/.test(answer)).length).toBe(3)
    expect((await visit.notes()).calls - before).toBe(1)
    await expect(visit.bell).toHaveAccessibleName('Notifications, 1 unread')
    await expect(visit.notice).toBeHidden()
    await expect(visit.panel).toBeVisible()
    await visit.awake()
    await site.publish('Live again')
    await expect(visit.item('Live again')).toBeVisible()
    expect((await visit.notes()).errors).toEqual([])
})

test('a contact that was erased and recreated: the old inbox disappears, the new one appears', async ({ visit, site }) => {
    await site.publish('Only for the old Anna', {}, { audience: { contact: { externalCustomerId: 'anna' } } })
    await visit.arrive()
    await expect(visit.bell).toHaveAccessibleName('Notifications, 1 unread')
    await site.call('DELETE', '/contact?externalCustomerId=anna&erase=true')
    await site.contact('anna')
    await site.publish('For the new Anna', {}, { audience: { contact: { externalCustomerId: 'anna' } } })
    await expect(visit.item('For the new Anna')).toBeAttached({ timeout: 15_000 })
    await expect(visit.items).toHaveCount(1)
    await expect(visit.bell).toHaveAccessibleName('Notifications, 1 unread')
})

test('a reader whose session ends on an unchanged page sees a notice, and no messages are lost', async ({ visit, site, belfry }) => {
    await site.fill(2)
    await visit.arrive()
    await visit.open()
    const { key_id } = (await belfry.command<{ key_id: string }[]>('key', 'list', site.id))[0] ?? { key_id: '' }
    site.key = (await belfry.command<{ api_key: string }>('key', 'create', site.id)).api_key
    await visit.page.evaluate(() => Object.assign(window, { token: () => Promise.resolve('') }))
    await belfry.command('key', 'revoke', site.id, key_id)
    await expect(visit.wrapper).toHaveCount(0)
    expect((await visit.notes()).errors).toEqual([])
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
        await own.awake()
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
const watch = async (visit: Visit) => {
    await visit.offline.evaluate(line => new MutationObserver(() => line.hasAttribute('hidden') || (line.dataset.shown = '')).observe(line, { attributes: true, attributeFilter: ['hidden'] }))
    return () => expect(visit.frame.locator('#offline[data-shown]')).toHaveCount(0)
}

test('a proxy that cuts streams: missed messages appear, without an offline notice', async ({ behind: visit }) => {
    const { site, proxy, page } = visit
    await visit.arrive()
    const quiet = await watch(visit)
    const streams = asked(page.context(), '/events')
    for (const turn of [1, 2, 3]) {
        proxy.cut('streams')
        await site.publish(`Meanwhile ${turn}`)
        await expect(visit.item(`Meanwhile ${turn}`)).toBeAttached()
        await expect.poll(() => streams.length).toBe(turn)
        await visit.awake()
    }
    await quiet()
})

for (const which of ['streams', 'all'] as const) {
    test(`a silent stream (${which}) is detected by its missing heartbeat`, async ({ behind: visit, context }) => {
        await context.clock.install()
        await visit.arrive()
        const streams = asked(context, '/events')
        visit.proxy.swallow(which)
        await visit.site.publish('Never passed on')
        await expect(async () => {
            await context.clock.fastForward(5_000)
            expect(streams.length).toBeGreaterThan(0)
        }).toPass()
        await expect(visit.item('Never passed on')).toBeAttached()
        await visit.awake()
        await visit.site.publish('By the new line')
        await expect(visit.item('By the new line')).toBeAttached()
    })
}

test('after a sleep the stream is reopened at once', async ({ behind: visit, context }) => {
    await context.clock.install()
    await visit.arrive()
    visit.proxy.swallow('streams')
    await visit.site.publish('While asleep')
    const streams = asked(context, '/events')
    await context.clock.pauseAt(await visit.page.evaluate(() => Date.now() + 1_000))
    await context.clock.fastForward('01:00:00')
    await expect(visit.item('While asleep')).toBeAttached()
    expect(streams).toHaveLength(1)
})

test('a session that ended while the network was down is renewed by one call', async ({ behind: visit, context }) => {
    const { site, proxy } = visit
    await visit.arrive()
    const { calls } = await visit.notes()
    const { key_id } = (await site.belfry.command<{ key_id: string }[]>('key', 'list', site.id))[0] ?? { key_id: '' }
    proxy.away = true
    proxy.cut('all')
    site.key = (await site.belfry.command<{ api_key: string }>('key', 'create', site.id)).api_key
    await site.belfry.command('key', 'revoke', site.id, key_id)
    await site.publish('Meanwhile')
    await expect(visit.frame.locator('html[data-stream=lost]')).toBeAttached()
    proxy.away = false
    await visit.awake()
    await expect(visit.item('Meanwhile')).toBeAttached()
    expect((await visit.notes()).calls - calls).toBe(1)
    expect((await visit.notes()).errors).toEqual([])
    expect(context.pages()).toHaveLength(1)
})

for (const status of [500, 503]) {
    test(`a server that answers ${status} is retried with growing delays, and at once on a sign of recovery`, async ({ visit, site, page, context }) => {
        test.setTimeout(60_000)
        await context.clock.install()
        await visit.arrive()
        const tries = asked(context, '/counts')
        let answered = 0
        await page.route('**/embed/*/*', async route => {
            await route.fulfill({ status, json: { status, message: 'not now' } })
            answered++
        })
        const now = () => visit.frame.locator('html').evaluate(() => Date.now())
        await context.clock.pauseAt((await now()) + 1_000)
        // The stream is lost; only the clock triggers the next attempt.
        await visit.frame.locator('html').evaluate(() => dispatchEvent(new Event('offline')))
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
        await expect(visit.offline).not.toHaveAttribute('hidden')
        for (const [target, word] of [['window', 'online'], ['document', 'visibilitychange']] as const) {
            const before = tries.length
            await visit.frame.locator('html').evaluate((_, [target, word]) => (target === 'window' ? window : document).dispatchEvent(new Event(word)), [target, word] as const)
            await expect.poll(() => tries.length, word).toBe(before + 1)
        }
        await page.unroute('**/embed/*/*')
        await site.publish('Meanwhile')
        await visit.frame.locator('html').evaluate(() => dispatchEvent(new Event('online')))
        await visit.awake()
        await expect(visit.item('Meanwhile')).toBeAttached()
        await expect(visit.offline).toHaveAttribute('hidden')
    })
}

test('where streams are blocked the widget polls, and the stream opens once it is allowed', async ({ visit, site, context }) => {
    test.setTimeout(60_000)
    await context.clock.install()
    await context.route('**/events?*', route => route.abort())
    await visit.go()
    await expect(visit.frame.locator('html[data-awake]')).toBeAttached()
    const quiet = await watch(visit)
    await site.publish('By asking')
    const forward = (seen: () => Promise<void>) =>
        expect(async () => {
            await context.clock.fastForward(4_000)
            await seen()
        }).toPass({ intervals: [100] })
    await forward(() => expect(visit.item('By asking')).toBeAttached({ timeout: 200 }))
    await context.unroute('**/events?*')
    const streams: number[] = []
    context.on('response', answer => answer.url().includes('/events?') && streams.push(answer.status()))
    await forward(() => expect.poll(() => streams, { timeout: 200 }).toContainEqual(200))
    await site.publish('By the stream')
    await expect(visit.item('By the stream')).toBeAttached()
    await quiet()
})

test('behind a proxy that buffers streams the widget polls', async ({ behind: visit, context }) => {
    await context.clock.install()
    visit.proxy.buffers = true
    await visit.go()
    await expect(visit.frame.locator('html[data-awake]')).toBeAttached()
    const quiet = await watch(visit)
    const streams = asked(context, '/events')
    await visit.site.publish('By asking')
    await expect(async () => {
        await context.clock.fastForward(5_000)
        await expect(visit.item('By asking')).toBeAttached({ timeout: 200 })
    }).toPass()
    expect(streams.length).toBeLessThanOrEqual(2)
    await quiet()
})

test('counts never go back, in whatever order responses arrive', async ({ visit, site }) => {
    await site.fill(4)
    await visit.arrive()
    const other = await visit.another()
    await other.arrive()
    await visit.open()
    await expect(visit.badge).toHaveText('')
    const held: (() => void)[] = []
    let holding = true
    await visit.page.route(/\/(marks|counts|messages)/, async route => {
        if (!holding) return route.continue()
        const answer = await route.fetch()
        await new Promise<void>(resolve => held.push(resolve))
        await route.fulfill({ response: answer })
    })
    await visit.item('Message 1').click()
    await expect.poll(() => held.length).toBe(1)
    await other.open()
    for (const [title, left] of [['Message 2', 2], ['Message 3', 1]] as const) {
        await other.item(title).click()
        await expect(visit.bell).toHaveAccessibleName(`Notifications, ${left} unread`)
    }
    // The responses are older than the stream's events.
    holding = false
    for (const give of held.reverse()) give()
    await visit.item('Message 4').click()
    await expect(visit.bell).toHaveAccessibleName('Notifications')
    await expect(other.bell).toHaveAccessibleName('Notifications')
    for (const tab of [visit, other]) {
        const told = (await tab.notes()).events.filter(event => event.type === 'unread').map(event => (event.detail as { unread: number }).unread)
        expect(told).toEqual([...told].sort((one, two) => two - one))
        expect(told.at(-1)).toBe(0)
    }
})

test('a page that removes the target and restores it', async ({ visit, site }) => {
    await site.fill(2)
    await visit.arrive()
    await visit.page.evaluate(() => {
        document.querySelector('#target')?.remove()
    })
    await expect(visit.wrapper).toHaveCount(0)
    await site.publish('Meanwhile')
    await visit.page.evaluate(() => document.body.insertAdjacentHTML('afterbegin', '<header id=target></header>'))
    await expect(visit.bell).toHaveAccessibleName('Notifications, 3 unread')
    await visit.awake()
    await site.publish('Afterwards')
    await expect(visit.bell).toHaveAccessibleName('Notifications, 4 unread')
    expect((await visit.notes()).calls).toBeLessThanOrEqual(2)
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

test('Belfry that never answers covers nothing and throws nothing', async ({ visit }) => {
    await visit.page.route('**/embed/**', () => {})
    await visit.go({ body: '<header id=target></header><main style="position:absolute;inset:0"><button>Buy</button></main>' })
    await visit.page.evaluate(() => (window as unknown as { eS: (name: string) => void }).eS('open'))
    await visit.page.getByRole('button', { name: 'Buy' }).click()
    await expect(visit.iframe).not.toBeVisible()
    expect((await visit.notes()).errors).toEqual([])
})

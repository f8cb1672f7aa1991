// One event stream for all tabs of a browser, whichever of them opens, closes, freezes or hangs.
import { browse } from '../support/browse.ts'
import { requestsTo, expect, test as base, type ReaderPage } from '../support/fixtures.ts'

/**
 * With the settings of most browsers: if third-party storage is blocked, so are the locks by which
 * tabs elect a leader.
 */
const test = base.extend({
    context: ({ launchOptions, viewport }, use) => browse({ ...launchOptions, viewport }, { profile: { cookie_controls_mode: 0 } }, use)
})

test.describe.configure({ timeout: 60_000 })

/** Opens this many tabs of one reader; the first of them is the leader. */
const tabs = async (first: ReaderPage, count: number) => {
    await first.arrive()
    const others: ReaderPage[] = []
    while (others.length + 1 < count) {
        const other = await first.newTab()
        await other.arrive()
        others.push(other)
    }
    return others
}

const elsewhere = (readerPage: ReaderPage) => readerPage.backend.pages.add('<!doctype html><title>Elsewhere</title><link rel=icon href="data:,">')

test('three tabs open one stream, and all of them get its events', async ({ readerPage, site, context }) => {
    const streams = requestsTo(context, '/events')
    const message = await site.publish('Before')
    const [second, third] = (await tabs(readerPage, 3)) as [ReaderPage, ReaderPage]
    const all = [readerPage, second, third]
    await site.publish('To all')
    for (const tab of all) await expect(tab.bell).toHaveAccessibleName('Notifications, 2 unread')
    await third.open()
    for (const tab of all) await expect(tab.badge).toHaveText('')
    await third.item('To all').click()
    for (const tab of all) await expect(tab.bell).toHaveAccessibleName('Notifications, 1 unread')
    for (const tab of all) await expect(tab.item('To all')).not.toHaveClass(/unread/)
    await third.item('To all').hover()
    await third.item('To all').getByRole('button', { name: 'Archive' }).click()
    for (const tab of all) await expect(tab.item('To all')).toHaveCount(0)
    await site.edit(message, { content: { en: { title: 'Corrected' } } })
    for (const tab of all) await expect(tab.item('Corrected')).toBeAttached()
    await site.recall(message)
    for (const tab of all) await expect(tab.bell).toHaveAccessibleName('Notifications')
    expect(streams).toHaveLength(1)
})

test('when the leader closes, another tab takes over and nothing is lost', async ({ readerPage, site, context }) => {
    const streams = requestsTo(context, '/events')
    const [second, third] = (await tabs(readerPage, 3)) as [ReaderPage, ReaderPage]
    await Promise.all([readerPage.page.close(), site.publish('In between')])
    for (const tab of [second, third]) await expect(tab.item('In between')).toBeAttached()
    await expect.poll(() => streams.length).toBe(2)
    await site.publish('Afterwards')
    for (const tab of [second, third]) await expect(tab.bell).toHaveAccessibleName('Notifications, 2 unread')
    await second.page.close()
    await site.publish('To the last')
    await expect(third.bell).toHaveAccessibleName('Notifications, 3 unread')
    expect(streams).toHaveLength(3)
})

test('when the leader navigates away, it gets what it missed once it is back', async ({ readerPage, site, context }) => {
    const streams = requestsTo(context, '/events')
    const [second] = (await tabs(readerPage, 2)) as [ReaderPage]
    await readerPage.page.evaluate(() => addEventListener('pageshow', ({ persisted }) => Object.assign(window, { persisted })))
    await readerPage.page.goto(elsewhere(readerPage))
    await site.publish('Meanwhile')
    await expect(second.item('Meanwhile')).toBeAttached()
    await expect.poll(() => streams.length).toBe(2)
    await readerPage.page.goBack({ waitUntil: 'commit' })
    expect(await readerPage.page.evaluate(() => 'persisted' in window && window.persisted), 'from the browser’s cache').toBe(true)
    await expect(readerPage.item('Meanwhile')).toBeAttached()
    await site.publish('Afterwards')
    for (const tab of [readerPage, second]) await expect(tab.bell).toHaveAccessibleName('Notifications, 2 unread')
    expect(streams).toHaveLength(2)
    // It has requested the lock once, not on every browser event: so it gets the lock, and releases
    // it again.
    await second.page.close()
    await site.publish('To the first')
    await expect(readerPage.item('To the first')).toBeAttached()
    const late = await readerPage.newTab()
    await late.arrive()
    await readerPage.page.goto(elsewhere(readerPage))
    await site.publish('To the late one')
    await expect(late.item('To the late one')).toBeAttached()
    expect(streams).toHaveLength(4)
})

test('a tab that joins later gets what arrived while it was loading', async ({ readerPage, site, context }) => {
    const streams = requestsTo(context, '/events')
    await readerPage.arrive()
    const late = await readerPage.newTab()
    let wake: () => void = () => {}
    const woken = new Promise<void>(resolve => (wake = resolve))
    await late.page.route('**/*.wasm', async route => {
        await woken
        await route.continue()
    })
    await late.go()
    await expect(late.bell).toHaveAccessibleName('Notifications')
    await site.publish('Meanwhile')
    await expect(readerPage.bell).toHaveAccessibleName('Notifications, 1 unread')
    await expect(late.items).toHaveCount(0)
    wake()
    await late.ready()
    await expect(late.item('Meanwhile')).toBeAttached()
    await expect(late.bell).toHaveAccessibleName('Notifications, 1 unread')
    expect(streams).toHaveLength(1)
})

test('two languages use two streams', async ({ readerPage, site, context }) => {
    const streams = requestsTo(context, '/events')
    const other = await readerPage.newTab()
    await readerPage.arrive()
    await other.arrive({ language: 'uk' })
    const content = { en: { title: 'Order shipped' }, uk: { title: 'Замовлення відправлено' } }
    await site.publish('', {}, { content })
    await expect(readerPage.item('Order shipped')).toBeAttached()
    await expect(other.titles).toHaveText([/Замовлення відправлено/])
    await other.open()
    await other.items.click()
    await expect(readerPage.bell).toHaveAccessibleName('Notifications')
    expect(streams.map(stream => new URL(stream.url()).searchParams.get('language')).sort()).toEqual(['en', 'uk'])
})

for (const [missing, script] of [
    ['locks', 'delete Navigator.prototype.locks'],
    ['channels', 'delete globalThis.BroadcastChannel']
] as const) {
    test(`without ${missing} each tab has its own stream`, async ({ readerPage, site, context }) => {
        await context.addInitScript(script)
        const streams = requestsTo(context, '/events')
        const [second] = (await tabs(readerPage, 2)) as [ReaderPage]
        expect(streams).toHaveLength(2)
        await site.publish('To all')
        for (const tab of [readerPage, second]) await expect(tab.bell).toHaveAccessibleName('Notifications, 1 unread')
        await second.open()
        await second.item('To all').click()
        for (const tab of [readerPage, second]) await expect(tab.bell).toHaveAccessibleName('Notifications')
        await readerPage.page.close()
        await site.publish('To the other')
        await expect(second.item('To the other')).toBeVisible()
        expect(streams).toHaveLength(2)
    })
}

base('where the browser refuses locks, too', async ({ readerPage, site, context }) => {
    const streams = requestsTo(context, '/events')
    const [second] = (await tabs(readerPage, 2)) as [ReaderPage]
    await site.publish('To all')
    for (const tab of [readerPage, second]) await expect(tab.bell).toHaveAccessibleName('Notifications, 1 unread')
    await readerPage.page.close()
    await site.publish('To the other')
    await expect(second.bell).toHaveAccessibleName('Notifications, 2 unread')
    expect(streams).toHaveLength(2)
})

test('a frozen tab gives up the leadership, and joins again', async ({ readerPage, site, context }) => {
    const streams = requestsTo(context, '/events')
    const [second] = (await tabs(readerPage, 2)) as [ReaderPage]
    // Simulates the browser's events; it can't be told to freeze a visible tab.
    const says = (word: string) => readerPage.frame.locator('html').evaluate((_, word) => document.dispatchEvent(new Event(word)), word)
    await says('freeze')
    await site.publish('Meanwhile')
    await expect(second.item('Meanwhile')).toBeAttached()
    await expect.poll(() => streams.length).toBe(2)
    await says('resume')
    await expect(readerPage.item('Meanwhile')).toBeAttached()
    await site.publish('Afterwards')
    for (const tab of [readerPage, second]) await expect(tab.bell).toHaveAccessibleName('Notifications, 2 unread')
    expect(streams).toHaveLength(2)
})

test('a leader that hangs loses the leadership to a visible tab', async ({ readerPage, site, context }) => {
    await context.clock.install()
    const [second] = (await tabs(readerPage, 2)) as [ReaderPage]
    const streams = requestsTo(context, '/events')
    await readerPage.frame.locator('html').evaluate(() => (BroadcastChannel.prototype.postMessage = () => {}))
    await site.publish('Not passed on')
    await expect(readerPage.bell).toHaveAccessibleName('Notifications, 1 unread')
    await expect(second.bell).toHaveAccessibleName('Notifications')
    const taken = () => streams.some(stream => stream.frame().page() === second.page)
    await expect(async () => {
        await context.clock.fastForward(5_000)
        expect(taken()).toBe(true)
    }).toPass()
    await expect(second.bell).toHaveAccessibleName('Notifications, 1 unread')
    await site.publish('By the other way')
    for (const tab of [readerPage, second]) await expect(tab.bell).toHaveAccessibleName('Notifications, 2 unread')
})

test('all tabs know that the server is down and up again; a focused tab reconnects at once', async ({ readerPage, site, context }) => {
    await context.clock.install()
    const [second] = (await tabs(readerPage, 2)) as [ReaderPage]
    for (const tab of [readerPage, second]) await tab.open()
    await context.setOffline(true)
    for (const tab of [readerPage, second]) await expect(tab.offline).toBeVisible()
    // Offline by a route from here on, so that no browser event reports the end.
    await context.route('**/embed/**', route => route.abort())
    await context.setOffline(false)
    for (let turn = 0; turn < 8; turn++) await context.clock.fastForward(30_000)
    await context.clock.pauseAt(await readerPage.page.evaluate(() => Date.now() + 1_000))
    await context.unroute('**/embed/**')
    await site.publish('Meanwhile')
    const streams = requestsTo(context, '/events')
    await second.frame.locator('html').evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
    for (const tab of [readerPage, second]) await expect(tab.item('Meanwhile')).toBeVisible()
    for (const tab of [readerPage, second]) await expect(tab.offline).toBeHidden()
    expect(streams.map(stream => stream.frame().page())).toEqual([second.page])
})

test('where streams are blocked one tab polls for all', async ({ readerPage, site, context }) => {
    await context.clock.install()
    await context.route('**/events?*', route => route.abort())
    const other = await readerPage.newTab()
    for (const tab of [readerPage, other]) await tab.go()
    for (const tab of [readerPage, other]) await expect(tab.frame.locator('html[data-awake]')).toBeAttached()
    await site.publish('By asking')
    const questions = requestsTo(context, '/counts')
    await expect(async () => {
        await context.clock.fastForward(4_000)
        for (const tab of [readerPage, other]) await expect(tab.item('By asking')).toBeAttached({ timeout: 200 })
    }).toPass({ intervals: [100] })
    for (const tab of [readerPage, other]) await tab.ready()
    expect(new Set(questions.map(question => question.frame().page())).size).toBe(1)
    for (const tab of [readerPage, other]) await expect(tab.offline).toHaveAttribute('hidden')
})

// Without a network the inbox stays as it was, accepts the reader's actions, and sends them when it
// can.
import type { Page } from '@playwright/test'
import { expect, test } from '../support/fixtures.ts'

/** The acknowledged actions in order, with their subjects. */
const acknowledged = (page: Page) => {
    const marks: [verb: string, about: unknown][] = []
    page.on('response', answer => {
        if (!answer.url().endsWith('/marks') || !answer.ok()) return
        const [mark] = Object.entries(JSON.parse(answer.request().postData() ?? '{}') as object)
        if (mark && mark[0] !== 'seen') marks.push(mark)
    })
    return marks
}

test('offline actions apply at once, and are sent once and in order when the network is back', async ({ readerPage, site, context }) => {
    const ids: string[] = []
    for (const number of [1, 2, 3, 4, 5]) ids.push(await site.publish(`Message ${number}`))
    await readerPage.arrive()
    await readerPage.open()
    await expect(readerPage.badge).toHaveText('')
    const marks = acknowledged(readerPage.page)
    await context.setOffline(true)
    await expect(readerPage.offline).toBeVisible()
    await readerPage.item('Message 1').click()
    await expect(readerPage.item('Message 1')).not.toHaveClass(/unread/)
    for (const [title, button] of [['Message 2', 'Archive'], ['Message 3', 'Delete']] as const) {
        await readerPage.item(title).hover()
        await readerPage.item(title).getByRole('button', { name: button }).click()
        await expect(readerPage.item(title)).toHaveCount(0)
    }
    await expect(readerPage.bell).toHaveAccessibleName('Notifications, 2 unread')
    await readerPage.allRead.click()
    await expect(readerPage.unread).toHaveCount(0)
    await expect(readerPage.bell).toHaveAccessibleName('Notifications')
    await readerPage.frame.getByRole('button', { name: 'Undo' }).click()
    await expect(readerPage.unread).toHaveCount(2)
    await expect(readerPage.bell).toHaveAccessibleName('Notifications, 2 unread')
    await expect(readerPage.notice).toBeHidden()
    await site.publish('Meanwhile')
    expect(marks).toEqual([])
    await context.setOffline(false)
    await expect(readerPage.item('Meanwhile')).toBeVisible()
    await expect(readerPage.offline).toBeHidden()
    await expect(readerPage.bell).toHaveAccessibleName('Notifications, 3 unread')
    const verbs = [['read', [ids[0]]], ['archive', [ids[1]]], ['delete', [ids[2]]], ['allRead', expect.any(Number)], ['undoAllRead', expect.any(Number)]]
    expect(marks).toEqual(verbs)
    await expect(readerPage.titles).toHaveText([/Meanwhile/, /Message 5/, /Message 4/, /Message 1/])
    await readerPage.page.reload()
    await readerPage.open()
    await expect(readerPage.unread).toHaveText([/Meanwhile/, /Message 5/, /Message 4/])
    await expect(readerPage.items).toHaveCount(4)
})

test('a message archived offline does not reappear for a moment with the list', async ({ readerPage, site, context }) => {
    await site.fill(3)
    await readerPage.arrive()
    await readerPage.open()
    await context.setOffline(true)
    for (const title of ['Message 3', 'Message 2']) {
        await readerPage.item(title).hover()
        await readerPage.item(title).getByRole('button', { name: 'Archive' }).click()
    }
    await expect(readerPage.titles).toHaveText([/Message 1/])
    await readerPage.frame.locator('#list').evaluate(list => {
        const seen = (window as unknown as { seen: Set<string> }).seen = new Set()
        new MutationObserver(() => list.querySelectorAll('.title').forEach(title => seen.add(title.lastChild?.textContent?.trim() ?? ''))).observe(list, { childList: true })
    })
    // A slow server: the list would arrive before the actions are sent.
    await readerPage.page.route('**/marks', async route => {
        await list
        await route.continue()
    })
    const list = readerPage.page.waitForResponse(answer => answer.url().includes('/messages?'))
    await site.publish('Meanwhile')
    await context.setOffline(false)
    await expect(readerPage.titles).toHaveText([/Meanwhile/, /Message 1/])
    expect(await readerPage.frame.locator('#list').evaluate(() => [...(window as unknown as { seen: Set<string> }).seen])).toEqual(['Meanwhile', 'Message 1'])
})

test('offline "read all" does not include messages that arrived meanwhile', async ({ readerPage, site, context }) => {
    await site.fill(2)
    await readerPage.arrive()
    await readerPage.open()
    await context.setOffline(true)
    await readerPage.allRead.click()
    await expect(readerPage.unread).toHaveCount(0)
    await site.publish('Meanwhile')
    await context.setOffline(false)
    await expect(readerPage.unread).toHaveText(/Meanwhile/)
    await expect(readerPage.bell).toHaveAccessibleName('Notifications, 1 unread')
    await readerPage.page.reload()
    await expect(readerPage.bell).toHaveAccessibleName('Notifications, 1 unread')
})

test('a link followed offline does not delay later actions', async ({ readerPage, site, context, backend }) => {
    await site.publish('Second')
    await site.publish('First', { link: `${backend.pages.origin}/shop` })
    await readerPage.arrive()
    await readerPage.page.evaluate(() => addEventListener('belfry:click', event => event.preventDefault()))
    await readerPage.open()
    await expect(readerPage.badge).toHaveText('')
    const marks = acknowledged(readerPage.page)
    await context.setOffline(true)
    await readerPage.item('First').getByRole('link').first().click()
    await expect(readerPage.item('First')).not.toHaveClass(/unread/)
    await context.setOffline(false)
    await expect.poll(() => marks.map(([verb]) => verb)).toEqual(['clicked'])
    if (await readerPage.panel.isHidden()) await readerPage.open()
    await readerPage.item('Second').click()
    await expect.poll(() => marks.map(([verb]) => verb)).toEqual(['clicked', 'read'])
})

test('a filter chosen offline loads as soon as the network is back', async ({ readerPage, site, context }) => {
    await context.clock.install()
    await site.fill(2)
    await readerPage.arrive()
    await readerPage.open()
    await readerPage.item('Message 1').click()
    await context.setOffline(true)
    await expect(readerPage.offline).toBeVisible()
    await readerPage.frame.getByRole('link', { name: 'Unread' }).click()
    await expect(readerPage.frame.locator('#loading')).toBeVisible()
    // By now the browser's own next attempt is far away.
    for (let turn = 0; turn < 8; turn++) await context.clock.fastForward(60_000)
    await context.clock.pauseAt(await readerPage.page.evaluate(() => Date.now() + 1_000))
    await context.setOffline(false)
    // The browser may report it a moment too early; then the next attempt comes soon.
    await context.clock.resume()
    await expect(readerPage.titles).toHaveText([/Message 2/])
    await expect(readerPage.offline).toBeHidden()
})

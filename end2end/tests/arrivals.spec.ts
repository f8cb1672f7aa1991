// Messages that arrive while the reader is reading: the visible text doesn't move, and a button
// announces them.
import { expect, test, type ReaderPage } from '../support/fixtures.ts'

const reading = async (readerPage: ReaderPage) => {
    await readerPage.arrive()
    await readerPage.open()
    await readerPage.panel.evaluate(panel => Promise.all(panel.getAnimations().map(animation => animation.finished)))
    await readerPage.scrollTo(300)
    await expect(readerPage.item('Message 13')).toBeInViewport()
}

const place = async (readerPage: ReaderPage) => (await readerPage.item('Message 13').boundingBox())?.y

const top = (readerPage: ReaderPage) => readerPage.scroll.evaluate(scroll => scroll.scrollTop)

/** Announcements from now on. */
const listen = (readerPage: ReaderPage) =>
    readerPage.announcement.evaluateHandle(region => {
        const texts: (string | null)[] = []
        new MutationObserver(() => texts.push(region.textContent)).observe(region, { childList: true })
        return texts
    })

test.describe('scrolled down', () => {
    test.beforeEach(async ({ readerPage, site }) => {
        await site.fill(18)
        await reading(readerPage)
    })

    test('new messages wait behind the button, and a click inserts and focuses them', async ({ readerPage, site }) => {
        const before = await place(readerPage)
        await site.publish('New 1')
        await expect(readerPage.newMessages).toHaveText('1 new message')
        await site.publish('New 2')
        await site.publish('New 3')
        await expect(readerPage.newMessages).toHaveText('3 new messages')
        await expect(readerPage.newMessages).toBeInViewport({ ratio: 1 })
        expect(await place(readerPage)).toBe(before)
        await expect(readerPage.items).toHaveCount(18)
        await readerPage.expectUnread(21)
        await readerPage.newMessages.click()
        await expect(readerPage.newMessages).toBeHidden()
        await expect(readerPage.items).toHaveCount(21)
        expect((await readerPage.list()).slice(0, 4)).toEqual(['*New 3', '*New 2', '*New 1', '*Message 18'])
        expect(await top(readerPage)).toBe(0)
    })

    test('scrolling to the top inserts them as well', async ({ readerPage, site }) => {
        await site.publish('New')
        await expect(readerPage.newMessages).toBeVisible()
        await readerPage.scrollTo(0)
        await expect(readerPage.newMessages).toBeHidden()
        expect((await readerPage.list())[0]).toBe('*New')
    })

    test('closing the panel inserts them, and a closed panel inserts at once', async ({ readerPage, site }) => {
        await site.publish('New 1')
        await expect(readerPage.newMessages).toBeVisible()
        await readerPage.page.keyboard.press('Escape')
        await expect(readerPage.panel).toBeHidden()
        expect((await readerPage.list())[0]).toBe('*New 1')
        await site.publish('New 2')
        await expect.poll(async () => (await readerPage.list())[0]).toBe('*New 2')
        await readerPage.open()
        await expect(readerPage.newMessages).toBeHidden()
    })

    test('waiting messages that are edited or recalled are inserted in their new state', async ({ readerPage, site }) => {
        const edited = await site.publish('Early')
        const recalled = await site.publish('Wrong')
        await expect(readerPage.newMessages).toHaveText('2 new messages')
        await site.edit(edited, { content: { en: { title: 'Corrected' } } })
        await site.recall(recalled)
        await expect(readerPage.newMessages).toHaveText('1 new message')
        await readerPage.expectUnread(19)
        await readerPage.newMessages.click()
        expect((await readerPage.list()).slice(0, 2)).toEqual(['*Corrected', '*Message 18'])
    })

    test('waiting messages that are marked in another tab are inserted as marked', async ({ readerPage, site }) => {
        const [read = '', archived = ''] = [await site.publish('Read'), await site.publish('Archived'), await site.publish('Neither')]
        await expect(readerPage.newMessages).toHaveText('3 new messages')
        const other = await readerPage.newTab()
        await other.arrive()
        await other.sendActions({ read: [read] })
        await other.sendActions({ archive: [archived] })
        await expect(readerPage.newMessages).toHaveText('2 new messages')
        await readerPage.expectUnread(19)
        await readerPage.newMessages.click()
        expect((await readerPage.list()).slice(0, 2)).toEqual(['*Neither', 'Read'])
    })

    test('"read all" in another tab includes waiting messages', async ({ readerPage, site }) => {
        await site.publish('New')
        await expect(readerPage.newMessages).toBeVisible()
        const other = await readerPage.newTab()
        await other.arrive()
        await other.sendActions({ allRead: true })
        await readerPage.expectUnread(0)
        await readerPage.newMessages.click()
        expect((await readerPage.list())[0]).toBe('New')
    })

    test('an edit above the viewport moves nothing either', async ({ readerPage, site }) => {
        const before = await place(readerPage)
        const long = await site.publish('New')
        await expect(readerPage.newMessages).toBeVisible()
        await site.edit(long, { content: { en: { title: 'New', body: 'One.\n\nTwo.\n\nThree.' } } })
        await site.publish('Newer')
        await expect(readerPage.newMessages).toHaveText('2 new messages')
        expect(await place(readerPage)).toBe(before)
    })
})

test('at the top, new messages are inserted at once', async ({ readerPage, site }) => {
    await site.fill(3)
    await readerPage.arrive()
    await readerPage.open()
    await site.publish('New')
    await readerPage.expectList(['*New', '*Message 3', '*Message 2', '*Message 1'], 4)
    await expect(readerPage.newMessages).toBeHidden()
})

test('announcements are polite and combined: the first by title, then those of four seconds', async ({ readerPage, site }) => {
    await readerPage.page.clock.install()
    await readerPage.arrive()
    await readerPage.open()
    await expect(readerPage.announcement).toHaveAttribute('role', 'status')
    await expect(readerPage.announcement).not.toHaveAttribute('aria-live', 'assertive')
    const said = await listen(readerPage)
    const pass = await readerPage.stopClock()
    await site.publish('One')
    await expect(readerPage.items).toHaveCount(1)
    await site.publish('Two')
    await site.publish('Three')
    await expect(readerPage.items).toHaveCount(3)
    await pass(3_900)
    expect(await said.jsonValue()).toEqual(['New message: One'])
    await pass(200)
    expect(await said.jsonValue()).toEqual(['New message: One', '2 new messages'])
    await site.publish('Four')
    await expect(readerPage.items).toHaveCount(4)
    await pass(4_000)
    expect(await said.jsonValue()).toEqual(['New message: One', '2 new messages', 'New message: Four'])
    await pass(20_000)
    await site.publish('Five')
    await expect(readerPage.announcement).toHaveText('New message: Five')
})

test('edits of waiting messages are not announced again', async ({ readerPage, site }) => {
    await site.fill(18)
    await readerPage.page.clock.install()
    await reading(readerPage)
    const said = await listen(readerPage)
    const pass = await readerPage.stopClock()
    const id = await site.publish('Early')
    await expect(readerPage.announcement).toHaveText('New message: Early')
    await site.edit(id, { content: { en: { title: 'Corrected' } } })
    // Arrives after the edit on the same stream.
    await site.publish('Next')
    await expect(readerPage.newMessages).toHaveText('2 new messages')
    await pass(5_000)
    expect(await said.jsonValue()).toEqual(['New message: Early', 'New message: Next'])
})

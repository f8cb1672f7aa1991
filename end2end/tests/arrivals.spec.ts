// Messages that arrive while the reader is reading: the visible text doesn't move, and a button
// announces them.
import { expect, test, type Visit } from '../support/real.ts'

const reading = async (visit: Visit) => {
    await visit.arrive()
    await visit.open()
    await visit.panel.evaluate(panel => Promise.all(panel.getAnimations().map(animation => animation.finished)))
    await visit.scrollTo(300)
    await expect(visit.item('Message 13')).toBeInViewport()
}

const place = async (visit: Visit) => (await visit.item('Message 13').boundingBox())?.y

const top = (visit: Visit) => visit.scroll.evaluate(scroll => scroll.scrollTop)

/** Announcements from now on. */
const listen = (visit: Visit) =>
    visit.announcement.evaluateHandle(region => {
        const texts: (string | null)[] = []
        new MutationObserver(() => texts.push(region.textContent)).observe(region, { childList: true })
        return texts
    })

test.describe('scrolled down', () => {
    test.beforeEach(async ({ visit, site }) => {
        await site.fill(18)
        await reading(visit)
    })

    test('new messages wait behind the button, and a click inserts and focuses them', async ({ visit, site }) => {
        const before = await place(visit)
        await site.publish('New 1')
        await expect(visit.pill).toHaveText('1 new message')
        await site.publish('New 2')
        await site.publish('New 3')
        await expect(visit.pill).toHaveText('3 new messages')
        await expect(visit.pill).toBeInViewport({ ratio: 1 })
        expect(await place(visit)).toBe(before)
        await expect(visit.items).toHaveCount(18)
        await visit.counts(21)
        await visit.pill.click()
        await expect(visit.pill).toBeHidden()
        await expect(visit.items).toHaveCount(21)
        expect((await visit.list()).slice(0, 4)).toEqual(['*New 3', '*New 2', '*New 1', '*Message 18'])
        expect(await top(visit)).toBe(0)
    })

    test('scrolling to the top inserts them as well', async ({ visit, site }) => {
        await site.publish('New')
        await expect(visit.pill).toBeVisible()
        await visit.scrollTo(0)
        await expect(visit.pill).toBeHidden()
        expect((await visit.list())[0]).toBe('*New')
    })

    test('closing the panel inserts them, and a closed panel inserts at once', async ({ visit, site }) => {
        await site.publish('New 1')
        await expect(visit.pill).toBeVisible()
        await visit.page.keyboard.press('Escape')
        await expect(visit.panel).toBeHidden()
        expect((await visit.list())[0]).toBe('*New 1')
        await site.publish('New 2')
        await expect.poll(async () => (await visit.list())[0]).toBe('*New 2')
        await visit.open()
        await expect(visit.pill).toBeHidden()
    })

    test('waiting messages that are edited or recalled are inserted in their new state', async ({ visit, site }) => {
        const edited = await site.publish('Early')
        const recalled = await site.publish('Wrong')
        await expect(visit.pill).toHaveText('2 new messages')
        await site.edit(edited, { content: { en: { title: 'Corrected' } } })
        await site.recall(recalled)
        await expect(visit.pill).toHaveText('1 new message')
        await visit.counts(19)
        await visit.pill.click()
        expect((await visit.list()).slice(0, 2)).toEqual(['*Corrected', '*Message 18'])
    })

    test('waiting messages that are marked in another tab are inserted as marked', async ({ visit, site }) => {
        const [read = '', archived = ''] = [await site.publish('Read'), await site.publish('Archived'), await site.publish('Neither')]
        await expect(visit.pill).toHaveText('3 new messages')
        const other = await visit.another()
        await other.arrive()
        await other.marks({ read: [read] })
        await other.marks({ archive: [archived] })
        await expect(visit.pill).toHaveText('2 new messages')
        await visit.counts(19)
        await visit.pill.click()
        expect((await visit.list()).slice(0, 2)).toEqual(['*Neither', 'Read'])
    })

    test('"read all" in another tab includes waiting messages', async ({ visit, site }) => {
        await site.publish('New')
        await expect(visit.pill).toBeVisible()
        const other = await visit.another()
        await other.arrive()
        await other.marks({ allRead: true })
        await visit.counts(0)
        await visit.pill.click()
        expect((await visit.list())[0]).toBe('New')
    })

    test('an edit above the viewport moves nothing either', async ({ visit, site }) => {
        const before = await place(visit)
        const long = await site.publish('New')
        await expect(visit.pill).toBeVisible()
        await site.edit(long, { content: { en: { title: 'New', body: 'One.\n\nTwo.\n\nThree.' } } })
        await site.publish('Newer')
        await expect(visit.pill).toHaveText('2 new messages')
        expect(await place(visit)).toBe(before)
    })
})

test('at the top, new messages are inserted at once', async ({ visit, site }) => {
    await site.fill(3)
    await visit.arrive()
    await visit.open()
    await site.publish('New')
    await visit.shows(['*New', '*Message 3', '*Message 2', '*Message 1'], 4)
    await expect(visit.pill).toBeHidden()
})

test('announcements are polite and combined: the first by title, then those of four seconds', async ({ visit, site }) => {
    await visit.page.clock.install()
    await visit.arrive()
    await visit.open()
    await expect(visit.announcement).toHaveAttribute('role', 'status')
    await expect(visit.announcement).not.toHaveAttribute('aria-live', 'assertive')
    const said = await listen(visit)
    const pass = await visit.stopClock()
    await site.publish('One')
    await expect(visit.items).toHaveCount(1)
    await site.publish('Two')
    await site.publish('Three')
    await expect(visit.items).toHaveCount(3)
    await pass(3_900)
    expect(await said.jsonValue()).toEqual(['New message: One'])
    await pass(200)
    expect(await said.jsonValue()).toEqual(['New message: One', '2 new messages'])
    await site.publish('Four')
    await expect(visit.items).toHaveCount(4)
    await pass(4_000)
    expect(await said.jsonValue()).toEqual(['New message: One', '2 new messages', 'New message: Four'])
    await pass(20_000)
    await site.publish('Five')
    await expect(visit.announcement).toHaveText('New message: Five')
})

test('edits of waiting messages are not announced again', async ({ visit, site }) => {
    await site.fill(18)
    await visit.page.clock.install()
    await reading(visit)
    const said = await listen(visit)
    const pass = await visit.stopClock()
    const id = await site.publish('Early')
    await expect(visit.announcement).toHaveText('New message: Early')
    await site.edit(id, { content: { en: { title: 'Corrected' } } })
    // Arrives after the edit on the same stream.
    await site.publish('Next')
    await expect(visit.pill).toHaveText('2 new messages')
    await pass(5_000)
    expect(await said.jsonValue()).toEqual(['New message: Early', 'New message: Next'])
})

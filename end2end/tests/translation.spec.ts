// Browsers that translate pages wrap each text in elements of their own; the inbox still works.
import { expect, test, type ReaderPage } from '../support/fixtures.ts'

/** As a browser does it, which skips elements with `translate="no"`. */
const translate = (readerPage: ReaderPage, everything = false) =>
    readerPage.frame.locator('body').evaluate((body, everything) => {
        const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT)
        const texts: Text[] = []
        while (walker.nextNode()) texts.push(walker.currentNode as Text)
        for (const text of texts) {
            if (!text.data.trim() || text.parentElement?.closest('script, style') || (!everything && text.parentElement?.closest('[translate=no]'))) continue
            const [outer, inner] = [document.createElement('font'), document.createElement('font')]
            text.replaceWith(outer)
            outer.append(inner)
            inner.append(everything || text.parentElement?.closest('.badge') ? text.data : `${text.data}*`)
        }
    }, everything)

for (const everything of [false, true]) {
    for (const when of ['before', 'after'] as const) {
        test(`translated ${when} it is interactive, ${everything ? 'all of it' : 'but for what must not be'}`, async ({ readerPage, site, context }) => {
            await site.fill(3)
            const held: (() => Promise<void>)[] = []
            let free = when === 'after'
            await context.route('**/*.wasm', route => (free ? route.continue() : void held.push(() => route.continue())))
            if (free) await readerPage.arrive()
            else await readerPage.go()
            await expect(readerPage.badge).toHaveText('3')
            if (!free) await expect.poll(() => held.length).toBe(1)
            await translate(readerPage, everything)
            free = true
            for (const go of held) await go()
            await readerPage.ready()
            await expect(readerPage.frame.locator('html[data-asleep]')).toHaveCount(0)
            await site.publish('Live')
            await expect(readerPage.badge).toHaveText('4')
            await site.publish('More')
            await expect(readerPage.badge).toHaveText('5')
            await expect(readerPage.bell).toHaveAccessibleName('Notifications, 5 unread')
            await readerPage.open()
            await expect(readerPage.badge).toHaveText('')
            await expect(readerPage.items).toHaveCount(5)
            await readerPage.items.filter({ hasText: 'Live' }).click()
            await readerPage.expectUnread(4)
            await readerPage.items.filter({ hasText: 'Message 1' }).getByRole('button', { name: 'Archive' }).dispatchEvent('click')
            await expect(readerPage.items).toHaveCount(4)
            await readerPage.undo.getByRole('button').click()
            await expect(readerPage.items).toHaveCount(5)
            await readerPage.selectFilter(everything ? 'Unread' : 'Unread*')
            await expect(readerPage.items).toHaveCount(4)
            expect((await readerPage.notes()).errors).toEqual([])
        })
    }
}

test('numbers and keys are not translated', async ({ readerPage, site }) => {
    await site.fill(1)
    await readerPage.arrive()
    await expect(readerPage.badge).toHaveAttribute('translate', 'no')
    const keys = readerPage.frame.locator('kbd, [data-keys]')
    expect(await keys.count()).toBeGreaterThan(8)
    expect(await keys.evaluateAll(keys => keys.every(key => (key as HTMLElement).translate === false))).toBe(true)
})

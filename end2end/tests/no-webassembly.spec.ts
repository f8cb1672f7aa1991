// The inbox in a browser without WebAssembly: links and forms, with the panel open throughout.
import { expect, test, type ReaderPage } from '../support/fixtures.ts'

test.beforeEach(async ({ context }) => {
    await context.route('**/*.wasm', route => route.abort())
})

test('opens and shows the count and the messages', async ({ readerPage, site }) => {
    await site.publish('Order shipped', { body: 'It is *on its way*.' })
    await site.fill(2)
    await readerPage.go()
    await expect(readerPage.bell).toHaveAccessibleName('Notifications, 3 unread')
    await expect(readerPage.badge).toHaveText('3')
    await readerPage.open()
    await expect(readerPage.frame.locator('html[data-asleep]')).toBeAttached()
    await expect(readerPage.item('Order shipped').locator('em')).toHaveText('on its way')
    await readerPage.page.keyboard.press('Escape')
    await expect(readerPage.panel).toBeHidden()
    await expect(readerPage.bell).toBeFocused()
})

/** Presses a button and waits for the page that its form leads to. */
const does = async (readerPage: ReaderPage, press: () => Promise<void>) => {
    const answered = readerPage.page.waitForResponse(response => /\/page\?/.test(response.url()))
    await press()
    await answered
    await expect(readerPage.frame.locator('html[data-asleep]')).toBeAttached()
    await expect(readerPage.panel).toBeVisible()
}

/** The list and the bell's name; no event reports the opened panel, so its badge stays. */
const shows = async (readerPage: ReaderPage, titles: string[], unread: number) => {
    await readerPage.expectList(titles)
    await expect(readerPage.bell).toHaveAccessibleName(unread ? `Notifications, ${unread} unread` : 'Notifications')
}

const all = ['*Message 4', '*Message 3', '*Message 2', '*Message 1']

test('all actions work by forms, with undo, and the panel stays open', async ({ readerPage, site }) => {
    test.setTimeout(40_000)
    await site.fill(4)
    await readerPage.go()
    await readerPage.open()
    const undo = () => does(readerPage, () => readerPage.undo.getByRole('button', { name: 'Undo' }).click())
    await does(readerPage, () => readerPage.clickTool('Message 2', 'Mark as read'))
    await shows(readerPage, ['*Message 4', '*Message 3', 'Message 2', '*Message 1'], 3)
    await expect(readerPage.undo).toBeHidden()
    await expect(readerPage.iframe).toHaveJSProperty('offsetWidth', 448)
    await does(readerPage, () => readerPage.clickTool('Message 2', 'Mark as unread'))
    await shows(readerPage, all, 4)
    for (const [press, said] of [['Archive', 'Archived'], ['Delete', 'Deleted']] as const) {
        await does(readerPage, () => readerPage.clickTool('Message 3', press))
        await shows(readerPage, ['*Message 4', '*Message 2', '*Message 1'], 3)
        await expect(readerPage.undo.getByRole('status')).toHaveText(said)
        await undo()
        await shows(readerPage, all, 4)
        await expect(readerPage.undo).toBeHidden()
    }
    await does(readerPage, () => readerPage.allRead.click())
    await shows(readerPage, ['Message 4', 'Message 3', 'Message 2', 'Message 1'], 0)
    await expect(readerPage.undo.getByRole('status')).toHaveText('All marked as read')
    await undo()
    await shows(readerPage, all, 4)
    await does(readerPage, () => readerPage.clickTool('Message 4', 'Archive'))
    await does(readerPage, () => readerPage.filter('Archive').click())
    await shows(readerPage, ['*Message 4'], 3)
    await does(readerPage, () => readerPage.clickTool('Message 4', 'Move to inbox'))
    await shows(readerPage, [], 4)
    await expect(readerPage.empty).toHaveText('Nothing archived')
    await expect(readerPage.filter('Archive')).toHaveAttribute('aria-current', 'true')
    expect((await readerPage.notes()).calls).toBe(1)
    expect((await readerPage.notes()).events.filter(({ type }) => type !== 'unread').map(({ type }) => type)).toEqual(['open'])
    await readerPage.page.keyboard.press('Escape')
    await expect(readerPage.panel).toBeHidden()
})

test('shows the unread list, stays there after a form, and paginates it', async ({ readerPage, site }) => {
    await site.fill(45)
    await readerPage.go()
    await readerPage.open()
    await does(readerPage, () => readerPage.clickTool('Message 44', 'Mark as read'))
    await does(readerPage, () => readerPage.filter('Unread').click())
    await expect(readerPage.titles.nth(1)).toContainText('Message 43')
    await does(readerPage, () => readerPage.clickTool('Message 45', 'Mark as read'))
    await expect(readerPage.titles.first()).toContainText('Message 43')
    await does(readerPage, () => readerPage.older.click())
    await expect(readerPage.titles.first()).toContainText('Message 23')
    await expect(readerPage.filter('Unread')).toHaveAttribute('aria-current', 'true')
    await does(readerPage, () => readerPage.older.click())
    await readerPage.expectList(['*Message 3', '*Message 2', '*Message 1'])
    await does(readerPage, () => readerPage.filter('All').click())
    await expect(readerPage.titles.first()).toContainText('Message 45')
})

test('the keyboard shortcuts work', async ({ readerPage, site }) => {
    await site.fill(4)
    await readerPage.go()
    await readerPage.open()
    await expect(readerPage.frame.locator('html[data-asleep]')).toBeAttached()
    await readerPage.panel.focus()
    for (const key of ['Home', 'j', 'j', 'k']) await readerPage.page.keyboard.press(key)
    await expect(readerPage.item('Message 3')).toBeFocused()
    await does(readerPage, () => readerPage.page.keyboard.press('e'))
    await shows(readerPage, ['*Message 4', '*Message 2', '*Message 1'], 3)
    await does(readerPage, () => readerPage.page.keyboard.press('z'))
    await shows(readerPage, all, 4)
    await readerPage.page.keyboard.press('?')
    await expect(readerPage.shortcuts).toBeVisible()
    await readerPage.page.keyboard.press('Escape')
    await expect(readerPage.shortcuts).toBeHidden()
    await readerPage.panel.focus()
    await readerPage.page.keyboard.press('End')
    await does(readerPage, () => readerPage.page.keyboard.press('r'))
    await shows(readerPage, ['*Message 4', '*Message 3', '*Message 2', 'Message 1'], 3)
})

test('paginates to older messages and back by links', async ({ readerPage, site }) => {
    await site.fill(45)
    await readerPage.go()
    await readerPage.open()
    await expect(readerPage.items).toHaveCount(20)
    await readerPage.frame.getByRole('link', { name: 'Show older' }).click()
    await expect(readerPage.titles.first()).toContainText('Message 25')
    await expect(readerPage.panel).toBeVisible()
    await readerPage.frame.getByRole('link', { name: 'Show older' }).click()
    await expect(readerPage.items).toHaveCount(5)
    await expect(readerPage.frame.getByRole('link', { name: 'Show older' })).toHaveCount(0)
    await readerPage.frame.getByRole('link', { name: 'Back to the newest' }).click()
    await expect(readerPage.titles.first()).toContainText('Message 45')
    await expect(readerPage.panel).toBeVisible()
})

test('keeps language and direction from page to page', async ({ readerPage, site }) => {
    await site.publish('', {}, { content: { en: { title: 'Hello' }, uk: { title: 'Привіт' } } })
    await readerPage.go({ language: 'uk' })
    await readerPage.open()
    await readerPage.items.hover()
    await readerPage.items.getByRole('button', { name: 'Позначити прочитаним' }).click()
    await expect(readerPage.unread).toHaveCount(0)
    await expect(readerPage.panel).toBeVisible()
    await expect(readerPage.titles).toContainText('Привіт')
    await expect(readerPage.frame.locator('html')).toHaveAttribute('lang', 'uk')
})

test('a link reaches the page', async ({ readerPage, site }) => {
    const message = await site.publish('Parcel', { body: 'See [the order](https://shop.example/order).' })
    await readerPage.go({ head: `<script nonce=page>addEventListener('belfry:click', event => event.preventDefault())</script>` })
    await readerPage.open()
    await readerPage.frame.getByRole('link', { name: 'the order' }).click()
    await expect(readerPage.panel).toBeHidden()
    expect((await readerPage.notes()).events.at(-1)).toEqual({ type: 'click', detail: { href: 'https://shop.example/order', id: message } })
})

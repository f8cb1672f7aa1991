// The inbox in a browser without WebAssembly: links and forms, with the panel open throughout.
import { expect, test, type Visit } from '../support/real.ts'

test.beforeEach(async ({ context }) => {
    await context.route('**/*.wasm', route => route.abort())
})

test('opens and shows the count and the messages', async ({ visit, site }) => {
    await site.publish('Order shipped', { body: 'It is *on its way*.' })
    await site.fill(2)
    await visit.go()
    await expect(visit.bell).toHaveAccessibleName('Notifications, 3 unread')
    await expect(visit.badge).toHaveText('3')
    await visit.open()
    await expect(visit.frame.locator('html[data-asleep]')).toBeAttached()
    await expect(visit.item('Order shipped').locator('em')).toHaveText('on its way')
    await visit.page.keyboard.press('Escape')
    await expect(visit.panel).toBeHidden()
    await expect(visit.bell).toBeFocused()
})

/** Presses a button and waits for the page that its form leads to. */
const does = async (visit: Visit, press: () => Promise<void>) => {
    const answered = visit.page.waitForResponse(response => /\/page\?/.test(response.url()))
    await press()
    await answered
    await expect(visit.frame.locator('html[data-asleep]')).toBeAttached()
    await expect(visit.panel).toBeVisible()
}

/** The list and the bell's name; no event reports the opened panel, so its badge stays. */
const shows = async (visit: Visit, titles: string[], unread: number) => {
    await visit.shows(titles)
    await expect(visit.bell).toHaveAccessibleName(unread ? `Notifications, ${unread} unread` : 'Notifications')
}

const all = ['*Message 4', '*Message 3', '*Message 2', '*Message 1']

test('all actions work by forms, with undo, and the panel stays open', async ({ visit, site }) => {
    test.setTimeout(40_000)
    await site.fill(4)
    await visit.go()
    await visit.open()
    const undo = () => does(visit, () => visit.undo.getByRole('button', { name: 'Undo' }).click())
    await does(visit, () => visit.does('Message 2', 'Mark as read'))
    await shows(visit, ['*Message 4', '*Message 3', 'Message 2', '*Message 1'], 3)
    await expect(visit.undo).toBeHidden()
    await expect(visit.iframe).toHaveJSProperty('offsetWidth', 448)
    await does(visit, () => visit.does('Message 2', 'Mark as unread'))
    await shows(visit, all, 4)
    for (const [press, said] of [['Archive', 'Archived'], ['Delete', 'Deleted']] as const) {
        await does(visit, () => visit.does('Message 3', press))
        await shows(visit, ['*Message 4', '*Message 2', '*Message 1'], 3)
        await expect(visit.undo.getByRole('status')).toHaveText(said)
        await undo()
        await shows(visit, all, 4)
        await expect(visit.undo).toBeHidden()
    }
    await does(visit, () => visit.allRead.click())
    await shows(visit, ['Message 4', 'Message 3', 'Message 2', 'Message 1'], 0)
    await expect(visit.undo.getByRole('status')).toHaveText('All marked as read')
    await undo()
    await shows(visit, all, 4)
    await does(visit, () => visit.does('Message 4', 'Archive'))
    await does(visit, () => visit.filter('Archive').click())
    await shows(visit, ['*Message 4'], 3)
    await does(visit, () => visit.does('Message 4', 'Move to inbox'))
    await shows(visit, [], 4)
    await expect(visit.empty).toHaveText('Nothing archived')
    await expect(visit.filter('Archive')).toHaveAttribute('aria-current', 'true')
    expect((await visit.notes()).calls).toBe(1)
    expect((await visit.notes()).events.filter(({ type }) => type !== 'unread').map(({ type }) => type)).toEqual(['open'])
    await visit.page.keyboard.press('Escape')
    await expect(visit.panel).toBeHidden()
})

test('shows the unread list, stays there after a form, and paginates it', async ({ visit, site }) => {
    await site.fill(45)
    await visit.go()
    await visit.open()
    await does(visit, () => visit.does('Message 44', 'Mark as read'))
    await does(visit, () => visit.filter('Unread').click())
    await expect(visit.titles.nth(1)).toContainText('Message 43')
    await does(visit, () => visit.does('Message 45', 'Mark as read'))
    await expect(visit.titles.first()).toContainText('Message 43')
    await does(visit, () => visit.older.click())
    await expect(visit.titles.first()).toContainText('Message 23')
    await expect(visit.filter('Unread')).toHaveAttribute('aria-current', 'true')
    await does(visit, () => visit.older.click())
    await visit.shows(['*Message 3', '*Message 2', '*Message 1'])
    await does(visit, () => visit.filter('All').click())
    await expect(visit.titles.first()).toContainText('Message 45')
})

test('the keyboard shortcuts work', async ({ visit, site }) => {
    await site.fill(4)
    await visit.go()
    await visit.open()
    await expect(visit.frame.locator('html[data-asleep]')).toBeAttached()
    await visit.panel.focus()
    for (const key of ['Home', 'j', 'j', 'k']) await visit.page.keyboard.press(key)
    await expect(visit.item('Message 3')).toBeFocused()
    await does(visit, () => visit.page.keyboard.press('e'))
    await shows(visit, ['*Message 4', '*Message 2', '*Message 1'], 3)
    await does(visit, () => visit.page.keyboard.press('z'))
    await shows(visit, all, 4)
    await visit.page.keyboard.press('?')
    await expect(visit.keys).toBeVisible()
    await visit.page.keyboard.press('Escape')
    await expect(visit.keys).toBeHidden()
    await visit.panel.focus()
    await visit.page.keyboard.press('End')
    await does(visit, () => visit.page.keyboard.press('r'))
    await shows(visit, ['*Message 4', '*Message 3', '*Message 2', 'Message 1'], 3)
})

test('paginates to older messages and back by links', async ({ visit, site }) => {
    await site.fill(45)
    await visit.go()
    await visit.open()
    await expect(visit.items).toHaveCount(20)
    await visit.frame.getByRole('link', { name: 'Show older' }).click()
    await expect(visit.titles.first()).toContainText('Message 25')
    await expect(visit.panel).toBeVisible()
    await visit.frame.getByRole('link', { name: 'Show older' }).click()
    await expect(visit.items).toHaveCount(5)
    await expect(visit.frame.getByRole('link', { name: 'Show older' })).toHaveCount(0)
    await visit.frame.getByRole('link', { name: 'Back to the newest' }).click()
    await expect(visit.titles.first()).toContainText('Message 45')
    await expect(visit.panel).toBeVisible()
})

test('keeps language and direction from page to page', async ({ visit, site }) => {
    await site.publish('', {}, { content: { en: { title: 'Hello' }, uk: { title: 'Привіт' } } })
    await visit.go({ language: 'uk' })
    await visit.open()
    await visit.items.hover()
    await visit.items.getByRole('button', { name: 'Позначити прочитаним' }).click()
    await expect(visit.unread).toHaveCount(0)
    await expect(visit.panel).toBeVisible()
    await expect(visit.titles).toContainText('Привіт')
    await expect(visit.frame.locator('html')).toHaveAttribute('lang', 'uk')
})

test('a link reaches the page', async ({ visit, site }) => {
    const message = await site.publish('Parcel', { body: 'See [the order](https://shop.example/order).' })
    await visit.go({ head: `<script nonce=page>addEventListener('belfry:click', event => event.preventDefault())</script>` })
    await visit.open()
    await visit.frame.getByRole('link', { name: 'the order' }).click()
    await expect(visit.panel).toBeHidden()
    expect((await visit.notes()).events.at(-1)).toEqual({ type: 'click', detail: { href: 'https://shop.example/order', id: message } })
})

// Browser notifications for agents about messages that arrive while the page is hidden.
import type { Page } from '@playwright/test'
import { ConsolePage, expect, test } from '../support/console.ts'
import { ConversationApi } from '../support/conversations.ts'

test.use({ viewport: { width: 1280, height: 800 } })

/** Replaces the browser's notifications, which tests can't click, and lets a test hide the page. */
const record = async (page: Page) =>
    page.addInitScript(() => {
        const notices: object[] = []
        class Recorded extends EventTarget {
            static get permission() {
                return real.permission
            }
            static requestPermission() {
                return real.requestPermission()
            }
            onclick?: () => void
            closed = false
            constructor(readonly title: string, readonly options: NotificationOptions) {
                super()
                notices.push(this)
            }
            close() {
                this.closed = true
            }
        }
        const real = window.Notification
        let state = 'visible'
        const turn = (to: string) => {
            state = to
            document.dispatchEvent(new Event('visibilitychange'))
        }
        Object.defineProperty(document, 'visibilityState', { get: () => state })
        document.hasFocus = () => state === 'visible'
        Object.assign(window, { Notification: Recorded, notices, turn })
    })
type Recorded = { title: string; options: { body: string; tag: string }; closed: boolean; onclick(): void }
const turn = (page: Page, state: 'visible' | 'hidden') => page.evaluate(to => (window as unknown as { turn(to: string): void }).turn(to), state)
const notices = (page: Page) =>
    page.evaluate(() => (window as unknown as { notices: Recorded[] }).notices.map(({ title, options, closed }) => ({ title, body: options.body, closed })))
const isLive = async (page: Page) => expect(page.locator('#talk')).toHaveAttribute('data-live', '1')

const begin = async (consolePage: ConsolePage) => {
    await record(consolePage.page)
    await consolePage.setUp()
    const chat = await ConversationApi.open(await consolePage.create('https://shop.example'))
    const number = await chat.startConversation('Is the green lamp in stock?')
    await consolePage.go('conversations')
    await isLive(consolePage.page)
    return { chat, number }
}

test('a hidden page notifies of a message, and the notification opens its conversation', async ({ consolePage }) => {
    const { chat, number } = await begin(consolePage)
    const { page } = consolePage
    const context = page.context()
    await context.grantPermissions(['notifications'])
    const notify = consolePage.button('Notify me')
    await expect(notify).toHaveAttribute('aria-pressed', 'false')
    await turn(page, 'hidden')
    await chat.contactWrites(number, 'Nobody asked to be told')
    await expect(page.locator('.excerpt')).toContainText('Nobody asked')
    await turn(page, 'visible')
    await notify.click()
    await expect(notify).toHaveAttribute('aria-pressed', 'true')
    await chat.contactWrites(number, 'While somebody looks')
    await expect(page.locator('.excerpt')).toContainText('While somebody looks')
    expect(await notices(page)).toEqual([])

    await turn(page, 'hidden')
    await chat.contactWrites(number, 'Are you **there**?')
    await expect.poll(() => notices(page)).toEqual([{ title: 'Ann Lee', body: 'Are you **there**?', closed: false }])
    await chat.contactWrites(number, 'Hello?')
    await expect.poll(() => notices(page)).toMatchObject([{ closed: true }, { title: 'Ann Lee', body: 'Hello?', closed: false }])
    await expect(page).toHaveTitle(/^\(1\) Conversations/)
    await page.evaluate(() => (window as unknown as { notices: Recorded[] }).notices.at(-1)?.onclick())
    await consolePage.titled('Ann Lee')

    // The setting persists, and another click turns it off.
    await isLive(page)
    await consolePage.go('conversations')
    await isLive(page)
    await expect(notify).toHaveAttribute('aria-pressed', 'true')
    await notify.click()
    await expect(notify).toHaveAttribute('aria-pressed', 'false')
    await turn(page, 'hidden')
    await chat.contactWrites(number, 'Not told any more')
    await expect(page.locator('.excerpt')).toContainText('Not told any more')
    expect(await notices(page)).toEqual([])
})

test('the displayed conversation notifies as well while the page is hidden', async ({ consolePage }) => {
    const { chat, number } = await begin(consolePage)
    const { page } = consolePage
    const context = page.context()
    await context.grantPermissions(['notifications'])
    await consolePage.button('Notify me').click()
    await consolePage.go(`conversations/${number}`)
    await isLive(page)
    await turn(page, 'hidden')
    await chat.contactWrites(number, 'Still here?')
    await expect.poll(() => notices(page)).toMatchObject([{ body: 'Still here?' }])
    await expect(page).toHaveTitle(/^\(1\) Ann Lee/)
    await turn(page, 'visible')
    await expect(page).toHaveTitle(/^Ann Lee/)
    expect(await notices(page)).toMatchObject([{ closed: true }])
})

test('a visible page suppresses notifications of the browser’s other pages', async ({ consolePage }) => {
    const { chat, number } = await begin(consolePage)
    const { page } = consolePage
    const context = page.context()
    await context.grantPermissions(['notifications'])
    await consolePage.button('Notify me').click()
    const second = new ConsolePage(await context.newPage(), consolePage.belfry)
    await record(second.page)
    await second.page.goto(page.url())
    await isLive(second.page)
    await turn(page, 'hidden')
    await chat.contactWrites(number, 'Seen over there')
    await expect(second.page.locator('.excerpt')).toContainText('Seen over there')
    await expect(page.locator('.excerpt')).toContainText('Seen over there')
    expect(await notices(page)).toEqual([])
    await turn(second.page, 'hidden')
    await chat.contactWrites(number, 'Seen nowhere')
    for (const own of [page, second.page]) await expect.poll(() => notices(own)).toMatchObject([{ body: 'Seen nowhere' }])
    // The browser displays one for both.
    const tags = [page, second.page].map(own => own.evaluate(() => (window as unknown as { notices: Recorded[] }).notices[0]?.options.tag))
    const [tag, other] = await Promise.all(tags)
    expect(tag).toBe(other)
})

test('replies of colleagues and activities of agents cause no notification', async ({ consolePage }) => {
    const { chat, number } = await begin(consolePage)
    const { page } = consolePage
    const context = page.context()
    await context.grantPermissions(['notifications'])
    await consolePage.button('Notify me').click()
    const agents = await chat.call<{ id: number; name: string }[]>('GET', '/agents')
    const bridge = agents.find(agent => agent.name === 'Bridge')
    await chat.call('POST', `/conversations/${number}/assignments`, { assignee_id: bridge?.id })
    const own = await chat.startConversation('Second', { name: 'Bo Kim' })
    await expect(page.locator('.talk-row')).toHaveCount(2)
    await turn(page, 'hidden')
    await chat.contactWrites(number, 'For the colleague')
    await chat.call('POST', `/conversations/${own}/messages`, { content: 'By an agent' })
    await chat.contactWrites(own, 'For anybody')
    await expect.poll(() => notices(page)).toEqual([{ title: 'Bo Kim', body: 'For anybody', closed: false }])
})

test('a browser that blocks notifications is reported', async ({ consolePage }) => {
    await begin(consolePage)
    await consolePage.page.evaluate(() => {
        Notification.requestPermission = async () => 'denied'
    })
    await consolePage.button('Notify me').click()
    await expect(consolePage.page.getByRole('alert')).toContainText('blocks notifications')
    await expect(consolePage.button('Notify me')).toHaveAttribute('aria-pressed', 'false')
})

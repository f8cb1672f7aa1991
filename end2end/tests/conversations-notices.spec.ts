// Browser notifications for agents about messages that arrive while the page is hidden.
import type { Page } from '@playwright/test'
import { Desk, expect, test } from '../support/console.ts'
import { Chat } from '../support/conversations.ts'

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

const begin = async (desk: Desk) => {
    await record(desk.page)
    await desk.setUp()
    const chat = await Chat.open(await desk.create('https://shop.example'))
    const number = await chat.begin('Is the green lamp in stock?')
    await desk.go('conversations')
    await isLive(desk.page)
    return { chat, number }
}

test('a hidden page notifies of a message, and the notification opens its conversation', async ({ desk }) => {
    const { chat, number } = await begin(desk)
    const { page } = desk
    const context = page.context()
    await context.grantPermissions(['notifications'])
    const notify = desk.button('Notify me')
    await expect(notify).toHaveAttribute('aria-pressed', 'false')
    await turn(page, 'hidden')
    await chat.says(number, 'Nobody asked to be told')
    await expect(page.locator('.excerpt')).toContainText('Nobody asked')
    await turn(page, 'visible')
    await notify.click()
    await expect(notify).toHaveAttribute('aria-pressed', 'true')
    await chat.says(number, 'While somebody looks')
    await expect(page.locator('.excerpt')).toContainText('While somebody looks')
    expect(await notices(page)).toEqual([])

    await turn(page, 'hidden')
    await chat.says(number, 'Are you **there**?')
    await expect.poll(() => notices(page)).toEqual([{ title: 'Ann Lee', body: 'Are you **there**?', closed: false }])
    await chat.says(number, 'Hello?')
    await expect.poll(() => notices(page)).toMatchObject([{ closed: true }, { title: 'Ann Lee', body: 'Hello?', closed: false }])
    await expect(page).toHaveTitle(/^\(1\) Conversations/)
    await page.evaluate(() => (window as unknown as { notices: Recorded[] }).notices.at(-1)?.onclick())
    await desk.titled('Ann Lee')

    // The setting persists, and another click turns it off.
    await isLive(page)
    await desk.go('conversations')
    await isLive(page)
    await expect(notify).toHaveAttribute('aria-pressed', 'true')
    await notify.click()
    await expect(notify).toHaveAttribute('aria-pressed', 'false')
    await turn(page, 'hidden')
    await chat.says(number, 'Not told any more')
    await expect(page.locator('.excerpt')).toContainText('Not told any more')
    expect(await notices(page)).toEqual([])
})

test('the displayed conversation notifies as well while the page is hidden', async ({ desk }) => {
    const { chat, number } = await begin(desk)
    const { page } = desk
    const context = page.context()
    await context.grantPermissions(['notifications'])
    await desk.button('Notify me').click()
    await desk.go(`conversations/${number}`)
    await isLive(page)
    await turn(page, 'hidden')
    await chat.says(number, 'Still here?')
    await expect.poll(() => notices(page)).toMatchObject([{ body: 'Still here?' }])
    await expect(page).toHaveTitle(/^\(1\) Ann Lee/)
    await turn(page, 'visible')
    await expect(page).toHaveTitle(/^Ann Lee/)
    expect(await notices(page)).toMatchObject([{ closed: true }])
})

test('a visible page suppresses notifications of the browser’s other pages', async ({ desk }) => {
    const { chat, number } = await begin(desk)
    const { page } = desk
    const context = page.context()
    await context.grantPermissions(['notifications'])
    await desk.button('Notify me').click()
    const second = new Desk(await context.newPage(), desk.belfry)
    await record(second.page)
    await second.page.goto(page.url())
    await isLive(second.page)
    await turn(page, 'hidden')
    await chat.says(number, 'Seen over there')
    await expect(second.page.locator('.excerpt')).toContainText('Seen over there')
    await expect(page.locator('.excerpt')).toContainText('Seen over there')
    expect(await notices(page)).toEqual([])
    await turn(second.page, 'hidden')
    await chat.says(number, 'Seen nowhere')
    for (const own of [page, second.page]) await expect.poll(() => notices(own)).toMatchObject([{ body: 'Seen nowhere' }])
    // The browser displays one for both.
    const tags = [page, second.page].map(own => own.evaluate(() => (window as unknown as { notices: Recorded[] }).notices[0]?.options.tag))
    const [tag, other] = await Promise.all(tags)
    expect(tag).toBe(other)
})

test('replies of colleagues and activities of agents cause no notification', async ({ desk }) => {
    const { chat, number } = await begin(desk)
    const { page } = desk
    const context = page.context()
    await context.grantPermissions(['notifications'])
    await desk.button('Notify me').click()
    const agents = await chat.call<{ id: number; name: string }[]>('GET', '/agents')
    const bridge = agents.find(agent => agent.name === 'Bridge')
    await chat.call('POST', `/conversations/${number}/assignments`, { assignee_id: bridge?.id })
    const own = await chat.begin('Second', { name: 'Bo Kim' })
    await expect(page.locator('.talk-row')).toHaveCount(2)
    await turn(page, 'hidden')
    await chat.says(number, 'For the colleague')
    await chat.call('POST', `/conversations/${own}/messages`, { content: 'By an agent' })
    await chat.says(own, 'For anybody')
    await expect.poll(() => notices(page)).toEqual([{ title: 'Bo Kim', body: 'For anybody', closed: false }])
})

test('a browser that blocks notifications is reported', async ({ desk }) => {
    await begin(desk)
    await desk.page.evaluate(() => {
        Notification.requestPermission = async () => 'denied'
    })
    await desk.button('Notify me').click()
    await expect(desk.page.getByRole('alert')).toContainText('blocks notifications')
    await expect(desk.button('Notify me')).toHaveAttribute('aria-pressed', 'false')
})

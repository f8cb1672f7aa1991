// "Write to us" in the demo shop: a page as a site would write it, using only the public client API
// and /cable.
import { AxeBuilder } from '@axe-core/playwright'
import type { Page, WebSocketRoute } from '@playwright/test'
import { Demo, demoFixture } from '../support/belfry.ts'
import { expect, test as base } from '../support/fixtures.ts'

const test = base.extend<{ demo: Demo }>(demoFixture)

type Conversation = { id: number; meta: { sender: { identifier: string | null; name: string }; hmac_verified: boolean } }
type Message = { content: string }

const messages = (page: Page) => page.locator('#chat-messages > li')
const write = async (page: Page, text: string) => {
    await page.getByLabel('Your message').fill(text)
    await page.getByRole('button', { name: 'Send', exact: true }).click()
}
const sent = (page: Page, text: string) => expect(messages(page).filter({ hasText: text }).and(page.locator('.mine:not(.sending)'))).toHaveCount(1)
const open = (demo: Demo) => demo.asAgent<{ data: { payload: Conversation[] } }>('/conversations').then(({ data }) => data.payload)

test('a signed-in visitor and an agent exchange messages live', async ({ demo, page }) => {
    await page.goto(`${demo.shop}/write`)
    await page.getByRole('button', { name: 'Sign in as Anna' }).click()
    await expect(page.getByText('You write as Anna')).toBeVisible()
    await write(page, 'Where is my lamp?')
    await sent(page, 'Where is my lamp?')
    const [conversation] = await open(demo)
    expect(conversation?.meta).toMatchObject({ hmac_verified: true, sender: { identifier: 'anna' } })
    await demo.asAgent(`/conversations/${conversation?.id}/toggle_typing_status`, { typing_status: 'on' })
    await expect(page.getByText('Nora is typing…')).toBeVisible()
    await demo.asAgent(`/conversations/${conversation?.id}/messages`, { content: '<b>Tomorrow</b> between 9 and 12.' })
    await expect(messages(page).last()).toContainText('<b>Tomorrow</b> between 9 and 12.')
    await expect(messages(page).last()).toHaveClass('theirs')
    await demo.asAgent(`/conversations/${conversation?.id}/messages`, { content: 'For us alone.', private: true })
    await demo.asAgent(`/conversations/${conversation?.id}/messages`, { content: 'Anything else?' })
    await expect(messages(page)).toHaveText([/Where is my lamp/, /Tomorrow/, /Anything else/])

    await page.reload()
    await expect(messages(page)).toHaveText([/Where is my lamp/, /Tomorrow/, /Anything else/])
    expect((await new AxeBuilder({ page }).exclude('iframe').analyze()).violations.map(({ id }) => id)).toEqual([])

    // The next visitor on this computer sees none of it.
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.goto(`${demo.shop}/write`)
    await page.getByRole('button', { name: 'Sign in as Olena' }).click()
    await expect(page.getByText('You write as Olena')).toBeVisible()
    await write(page, 'Hello')
    await sent(page, 'Hello')
    await expect(messages(page)).toHaveCount(1)
})

test('nothing is missed while the connection is down', async ({ demo, page }) => {
    let [reachable, socket] = [true, undefined as WebSocketRoute | undefined]
    await page.routeWebSocket(/\/cable$/, route => {
        if (!reachable) return void route.close()
        socket = route
        route.connectToServer()
    })
    await page.goto(`${demo.shop}/write`)
    await write(page, 'Are you there?')
    await sent(page, 'Are you there?')
    const [conversation] = await open(demo)
    const answer = (content: string) => demo.asAgent<Message>(`/conversations/${conversation?.id}/messages`, { content })
    await answer('Yes.')
    await expect(messages(page).last()).toContainText('Yes.')
    reachable = false
    await socket?.close()
    await expect(page.getByText('Connecting…')).toBeVisible()
    // More than one page of the list.
    for (let number = 1; number <= 25; number++) await answer(`Meanwhile ${number}.`)
    reachable = true
    await expect(messages(page)).toHaveCount(27, { timeout: 30_000 })
    await expect(messages(page).last()).toContainText('Meanwhile 25.')
    await answer('And live again.')
    await expect(messages(page).last()).toContainText('And live again.')
})

test('a message that is sent before the conversations are listed is answered in the same conversation', async ({ demo, page }) => {
    let [list, answer] = [() => {}, () => {}]
    const listed = new Promise<void>(resolve => (list = resolve))
    const held = new Promise<void>(resolve => (answer = resolve))
    await page.route(/\/conversations$/, async route => {
        if (route.request().method() !== 'GET') return route.continue()
        // The list without the conversation arrives after it was opened.
        const response = await route.fetch()
        list()
        await held
        await route.fulfill({ response })
    })
    await page.goto(`${demo.shop}/write`)
    await page.getByRole('button', { name: 'Sign in as Anna' }).click()
    await expect(page.getByText('You write as Anna')).toBeVisible()
    await listed
    await write(page, 'Where is my lamp?')
    await write(page, 'It is the blue one.')
    await sent(page, 'Where is my lamp?')
    await sent(page, 'It is the blue one.')
    answer()
    await expect(page.locator('#chat-state')).toHaveText('')
    const [conversation, ...others] = await open(demo)
    expect(others).toEqual([])
    await demo.asAgent(`/conversations/${conversation?.id}/messages`, { content: 'It comes tomorrow.' })
    await expect(messages(page).last()).toContainText('It comes tomorrow.')
})

test('a guest is stored only after writing, and finds the conversation again', async ({ demo, page }) => {
    await page.goto(`${demo.shop}/write`)
    await expect(page.getByText('You write as a guest')).toBeVisible()
    expect(await open(demo)).toEqual([])
    await write(page, 'Do you ship to Lviv?')
    await sent(page, 'Do you ship to Lviv?')
    const [conversation] = await open(demo)
    expect(conversation?.meta).toMatchObject({ hmac_verified: false, sender: { identifier: null } })
    await page.reload()
    await expect(messages(page)).toHaveText([/Do you ship to Lviv/])
})

test('what a guest writes at once is one conversation of one contact', async ({ demo, page }) => {
    await page.goto(`${demo.shop}/write`)
    for (const text of ['Do you', 'ship', 'to Lviv?']) await write(page, text)
    for (const text of ['Do you', 'ship', 'to Lviv?']) await sent(page, text)
    expect(await open(demo)).toHaveLength(1)
})

test('automatic messages are marked', async ({ demo, page }) => {
    const { payload: [inbox] } = await demo.asAgent<{ payload: { id: number }[] }>('/inboxes')
    await demo.asAgent(`/inboxes/${inbox?.id}`, { greeting_enabled: true, greeting_message: 'Hello! Nora will be with you in a minute.' }, 'PATCH')
    await page.goto(`${demo.shop}/write`)
    await write(page, 'Do you ship to Lviv?')
    await sent(page, 'Do you ship to Lviv?')
    const greeting = page.locator('#chat-messages > .automatic')
    await expect(greeting).toContainText('Automatic message')
    await expect(greeting).toContainText('Nora will be with you')
    await page.reload()
    await expect(messages(page)).toHaveText([/Do you ship to Lviv/, /Nora will be with you/])
    await expect(greeting).toHaveCount(1)
    expect((await new AxeBuilder({ page }).exclude('iframe').analyze()).violations.map(({ id }) => id)).toEqual([])
})

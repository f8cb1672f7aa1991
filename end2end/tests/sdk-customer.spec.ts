// The customer's client of the Inbox SDK, unmodified: it works once its host is changed.
import { expect, test as base } from '@playwright/test'
import { Belfry } from '../support/belfry.ts'
import { Pages } from '../support/pages.ts'
import { bubble, bubbleOn, chat, type Any, type Bubble } from '../support/customer.ts'

type Inbox = { account_id: number; inbox_id: number; inbox_identifier: string; bot_id: string }
type Agent = { user_id: number; api_access_token: string }

class Shop {
    constructor(readonly belfry: Belfry, readonly inbox: Inbox, readonly agent: Agent) {}

    static async open(): Promise<Shop> {
        const belfry = await Belfry.start()
        const site = await belfry.site(['https://shop.example'])
        const inbox = await belfry.command<Inbox>('inbox', 'create', site.id, '--name', 'Shop')
        const agent = await belfry.command<Agent>('agent', 'create', site.id, '--name', 'Olha', '--email', 'olha@shop.example', '--role', 'administrator')
        return new Shop(belfry, inbox, agent)
    }

    /** A page's description of itself. */
    get config() {
        return { botId: this.inbox.bot_id, hostname: new URL(this.belfry.origin).host }
    }

    private async call<T>(path: string, body?: object): Promise<T> {
        const headers = { 'content-type': 'application/json', api_access_token: this.agent.api_access_token }
        const answer = await fetch(`${this.belfry.origin}/api/v1/accounts/${this.inbox.account_id}${path}`, { method: body ? 'POST' : 'GET', headers, body: body && JSON.stringify(body) })
        const text = await answer.text()
        if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`)
        return JSON.parse(text) as T
    }

    answers(conversation: number, content: string, more: object = {}) {
        return this.call<{ id: number }>(`/conversations/${conversation}/messages`, { content, ...more })
    }

    async messages(conversation: number) {
        return (await this.call<{ payload: { content: string }[] }>(`/conversations/${conversation}/messages`)).payload.map(({ content }) => content)
    }

    async conversation(number: number) {
        return this.call<{ status: string; meta: { sender: { name: string; identifier: string | null } }; additional_attributes: Record<string, string> }>(`/conversations/${number}`)
    }
}

const test = base.extend<{ shop: Shop }>({
    shop: async ({}, use) => {
        const shop = await Shop.open()
        await use(shop)
        await shop.belfry.end()
    }
})

/** The latest state of the conversations, as reported by the client. */
const latest = (of: Bubble) => {
    const updates: Any[] = []
    of.onConversationsUpdate.subscribe((update: Any) => updates.push(update))
    return () => updates.at(-1)
}

test('a customer connects, identifies, sends a message and gets a reply', async ({ shop }) => {
    const mine = bubble({ ...shop.config, userId: '42' })
    const connected = await mine.connect()
    expect(connected).toMatchObject({ userId: '42', userInfo: null, bot: { id: shop.inbox.bot_id, title: 'Shop', profilePicture: '' } })
    expect(mine.getWebviewUrl()).toBeNull()
    expect(await mine.putUserInfo({ first_name: 'Ann', last_name: 'Lee', visitor_id: '7' })).toEqual({ first_name: 'Ann', last_name: 'Lee', visitor_id: '7' })
    await mine.sendPageView('https://shop.example/basket', 'Basket')
    await mine.sendPageScroll(50)
    await mine.sendChatOpenState(false)

    const state = latest(mine)
    const talk = await chat(mine, shop.inbox.bot_id, 'main', { delegate_token: connected.userToken })
    await talk.push('user_action', { type: 'user_message', payload: { type: 'text', text: 'Where is my order?' } })
    await expect.poll(() => shop.messages(1)).toEqual(['Where is my order?'])
    expect(await shop.conversation(1)).toMatchObject({ meta: { sender: { name: 'Ann Lee' } }, additional_attributes: { referer: 'https://shop.example/basket' } })

    // Another page of the same customer, whose chat is closed, counts unread messages.
    const elsewhere = bubble({ ...shop.config, userToken: connected.userToken })
    expect(await elsewhere.connect()).toMatchObject({ userToken: connected.userToken, userInfo: { first_name: 'Ann' } })
    await shop.answers(1, 'between us', { private: true })
    await shop.answers(1, 'It leaves today.')
    await expect.poll(talk.said).toEqual(['It leaves today.'])
    await expect.poll(() => state()?.conversations[0]).toMatchObject({ g: 'main', last_message: 'It leaves today.', unread_message_count: 0 })

    await mine.closeConversation('main')
    await expect.poll(async () => (await shop.conversation(1)).status).toBe('resolved')
    await expect.poll(() => state()?.conversations[0].status).toBe('closed')
    await Promise.all([mine.disconnect(), elsewhere.disconnect()])
})

test('an agent’s message while the page is hidden counts in the badge', async ({ shop }) => {
    const mine = bubble(shop.config)
    const { userToken } = await mine.connect()
    const talk = await chat(mine, shop.inbox.bot_id, 'main', { delegate_token: userToken })
    await talk.push('user_action', { type: 'user_message', payload: { type: 'text', text: 'hello' } })
    await mine.disconnect()
    await shop.answers(1, 'one')
    await shop.answers(1, 'two')
    const again = bubble({ ...shop.config, userToken, isPreview: true })
    await again.connect()
    const state = latest(again)
    await expect.poll(() => state()).toMatchObject({ badgeCount: 2, badgeConversation: 'main' })
    await shop.answers(1, 'three')
    await expect.poll(() => state().badgeCount).toBe(3)
    await again.disconnect()
})

test('a customer without a connection leaves a message, and gets no push notifications', async ({ shop }) => {
    const mine = bubble(shop.config)
    await mine.connect()
    const left = await mine.restClient.leaveMessage(shop.inbox.bot_id, { user_id: mine.getUserId(), name: 'Ann Lee', email: 'ann@shop.example', message: 'Call me' })
    expect(left).toEqual({ result: 'OK' })
    expect(await shop.messages(1)).toEqual(['Call me'])
    expect((await shop.conversation(1)).meta.sender).toMatchObject({ name: 'Ann Lee', identifier: null })
    await expect(mine.registerPushToken('web-push', {})).rejects.toThrow('501')
    await expect(mine.nudgeShown({ id: '1' })).rejects.toThrow('not_found')
    await mine.disconnect()
})

test('a claimed user id opens nothing', async ({ shop }) => {
    const mine = bubble({ ...shop.config, userId: '42' })
    const { userToken } = await mine.connect()
    const talk = await chat(mine, shop.inbox.bot_id, 'main', { delegate_token: userToken })
    await talk.push('user_action', { type: 'user_message', payload: { type: 'text', text: 'a secret' } })
    const thief = bubble({ ...shop.config, userId: '42' })
    const stolen = await thief.connect()
    expect(stolen.userInfo).toBeNull()
    expect(stolen.userToken).not.toBe(userToken)
    const state = latest(thief)
    await expect.poll(() => state()).toMatchObject({ badgeCount: 0, conversations: [] })
    await expect(chat(thief, shop.inbox.bot_id, '1', { delegate_token: stolen.userToken })).rejects.toEqual({ reason: 'not_found' })
    await Promise.all([mine.disconnect(), thief.disconnect()])
})

test('on a page it continues after a restart of the server', async ({ shop, page }) => {
    const pages = await Pages.start()
    await page.goto(pages.add('<!doctype html><title>Shop</title>'))
    const first = bubble(shop.config)
    const { userToken } = await first.connect()
    const talk = await chat(first, shop.inbox.bot_id, 'main', { delegate_token: userToken })
    await talk.push('user_action', { type: 'user_message', payload: { type: 'text', text: 'hello' } })
    await first.disconnect()
    await bubbleOn(page, { ...shop.config, userToken })
    const badge = () => page.evaluate(() => (globalThis as Any).updates.at(-1)?.badgeCount)
    await shop.answers(1, 'one')
    await expect.poll(badge).toBe(1)
    await shop.belfry.stop('SIGKILL')
    await shop.belfry.restart()
    await shop.answers(1, 'two')
    await expect.poll(badge, { timeout: 20_000 }).toBe(2)
    await page.evaluate(() => (globalThis as Any).bubble.disconnect())
    await pages.server.stop()
})

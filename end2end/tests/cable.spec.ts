// Real-time conversation events, with the clients that sites use.
import { expect, test as base } from '@playwright/test'
import { Belfry } from '../support/belfry.ts'
import { clients, type Client, type Update } from '../support/cable.ts'

type Inbox = { account_id: number; inbox_id: number; inbox_identifier: string }
type Agent = { user_id: number; api_access_token: string; pubsub_token: string }
type Contact = { source_id: string; pubsub_token: string; id: number }

class Channel {
    constructor(readonly belfry: Belfry, readonly inbox: Inbox, readonly agent: Agent) {}

    static async open(): Promise<Channel> {
        const belfry = await Belfry.start()
        const site = await belfry.site(['https://shop.example'])
        const inbox = await belfry.command<Inbox>('inbox', 'create', site.id, '--name', 'Shop')
        const agent = await belfry.command<Agent>('agent', 'create', site.id, '--name', 'Olha', '--email', 'olha@shop.example', '--role', 'administrator')
        return new Channel(belfry, inbox, agent)
    }

    get url() {
        return `${this.belfry.origin.replace('http', 'ws')}/cable`
    }

    async call<T>(path: string, body: object = {}): Promise<T> {
        const headers = { 'content-type': 'application/json', api_access_token: this.agent.api_access_token }
        const answer = await fetch(`${this.belfry.origin}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
        const text = await answer.text()
        if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`)
        return (text ? JSON.parse(text) : undefined) as T
    }

    get public() {
        return `/public/api/v1/inboxes/${this.inbox.inbox_identifier}/contacts`
    }

    contact(name: string) {
        return this.call<Contact>(this.public, { name })
    }

    async conversation(contact: Contact) {
        return (await this.call<{ id: number }>(`${this.public}/${contact.source_id}/conversations`)).id
    }

    writes(contact: Contact, conversation: number, content: string) {
        return this.call<{ id: number }>(`${this.public}/${contact.source_id}/conversations/${conversation}/messages`, { content, echo_id: `echo ${content}` })
    }

    answers(conversation: number, content: string, more: object = {}) {
        return this.call<{ id: number }>(`/api/v1/accounts/${this.inbox.account_id}/conversations/${conversation}/messages`, { content, ...more })
    }
}

const test = base.extend<object, { shop: Channel }>({
    shop: [
        async ({}, use) => {
            const shop = await Channel.open()
            await use(shop)
            await shop.belfry.end()
        },
        { scope: 'worker' }
    ]
})

/** The messages that a subscription received. */
const contents = (updates: Update[]) => updates.filter(({ event }) => event === 'message.created').map(({ data }) => data.content)

for (const [name, connect] of Object.entries(clients)) {
    test.describe(name, () => {
        let client: Client
        test.beforeEach(({ shop }) => void (client = connect(shop.url)))
        test.afterEach(() => client.close())

        test('a contact and an agent receive each other’s messages', async ({ shop }) => {
            const contact = await shop.contact('Ann')
            const conversation = await shop.conversation(contact)
            const visitor = client.subscribe({ pubsub_token: contact.pubsub_token })
            const { agent, inbox } = shop
            const params = { pubsub_token: agent.pubsub_token, account_id: inbox.account_id, user_id: agent.user_id }
            const colleague = client.subscribe(params)
            await expect.poll(() => [visitor.confirmed, colleague.confirmed]).toEqual([1, 1])
            await shop.writes(contact, conversation, 'Is it in stock?')
            await shop.answers(conversation, 'A note', { private: true })
            await shop.answers(conversation, 'It is.')
            await expect.poll(() => contents(visitor.updates)).toEqual(['Is it in stock?', 'It is.'])
            await expect.poll(() => contents(colleague.updates)).toEqual(['Is it in stock?', 'A note', 'It is.'])
            const said = visitor.updates.find(({ data }) => data.content === 'Is it in stock?')
            expect(said?.data).toMatchObject({ echo_id: 'echo Is it in stock?', message_type: 0, account_id: inbox.account_id, conversation_id: conversation })
            client.perform(params, 'update_presence')
            await expect.poll(() => colleague.updates.filter(({ event }) => event === 'presence.update').length).toBeGreaterThan(1)
            const presence = colleague.updates.findLast(({ event }) => event === 'presence.update')
            expect(presence?.data).toMatchObject({ users: { [agent.user_id]: 'online' }, contacts: { [contact.id]: 'online' } })
            expect([visitor.lost, colleague.lost]).toEqual([0, 0])
        })

        test('a long message is delivered completely', async ({ shop }) => {
            const contact = await shop.contact('Ann')
            const conversation = await shop.conversation(contact)
            const visitor = client.subscribe({ pubsub_token: contact.pubsub_token })
            await expect.poll(() => visitor.confirmed).toBe(1)
            const content = 'Ще не вмерла 🔔 '.repeat(3_000)
            await shop.answers(conversation, content)
            await expect.poll(() => contents(visitor.updates)).toEqual([content])
        })

        test('an invalid token is rejected, and other subscriptions continue', async ({ shop }) => {
            const contact = await shop.contact('Ann')
            const nobody = client.subscribe({ pubsub_token: 'nobody' })
            // A contact's token with an agent's id is invalid.
            const pretender = client.subscribe({ pubsub_token: contact.pubsub_token, account_id: shop.inbox.account_id, user_id: shop.agent.user_id })
            const visitor = client.subscribe({ pubsub_token: contact.pubsub_token })
            await expect.poll(() => [nobody.rejected, pretender.rejected, visitor.confirmed]).toEqual([1, 1, 1])
            const conversation = await shop.conversation(contact)
            await shop.answers(conversation, 'Hello')
            await expect.poll(() => contents(visitor.updates)).toEqual(['Hello'])
            expect([...nobody.updates, ...pretender.updates]).toEqual([])
        })
    })
}

for (const name of Object.keys(clients).filter(name => name !== 'a plain WebSocket')) {
    test(`${name} reconnects to a restarted server`, async () => {
        const shop = await Channel.open()
        const client = clients[name]!(shop.url)
        try {
            const contact = await shop.contact('Ann')
            const conversation = await shop.conversation(contact)
            const visitor = client.subscribe({ pubsub_token: contact.pubsub_token })
            await expect.poll(() => visitor.confirmed).toBe(1)
            await shop.belfry.stop()
            await shop.belfry.restart()
            await expect.poll(() => visitor.confirmed, { timeout: 45_000 }).toBe(2)
            await shop.answers(conversation, 'Here again')
            await expect.poll(() => contents(visitor.updates)).toEqual(['Here again'])
        } finally {
            client.close()
            await shop.belfry.end()
        }
    })
}

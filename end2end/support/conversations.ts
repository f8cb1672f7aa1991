// An inbox of conversations, as a site's own programs use it over the application API.
import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { Belfry, Site } from './belfry.ts'
import { pixel } from './hostile.ts'

type Message = { id: number; content: string | null; message_type: number; private: boolean; status: string; attachments?: { file_size: number }[] }

export class ConversationApi {
    private constructor(readonly belfry: Belfry, private readonly account: number, readonly inbox: number, private readonly agent: string) {}

    /** Creates an inbox of the site, and an agent with all permissions. */
    static async open(site: Site, name = 'Shop chat'): Promise<ConversationApi> {
        const inbox = await site.belfry.command<{ account_id: number; inbox_id: number }>('inbox', 'create', site.id, '--name', name)
        const agent = await site.belfry.command<{ api_access_token: string }>('agent', 'create', site.id, '--name', 'Bridge', '--email', 'bridge@shop.example', '--role', 'administrator')
        return new ConversationApi(site.belfry, inbox.account_id, inbox.inbox_id, agent.api_access_token)
    }

    async call<T>(method: string, path: string, body?: unknown): Promise<T> {
        const form = body instanceof FormData
        const answer = await fetch(`${this.belfry.origin}/api/v1/accounts/${this.account}${path}`, {
            method,
            headers: { api_access_token: this.agent, ...(body === undefined || form ? {} : { 'content-type': 'application/json' }) },
            ...(body === undefined ? {} : { body: form ? body : JSON.stringify(body) })
        })
        const text = await answer.text()
        if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
        return (text ? JSON.parse(text) : undefined) as T
    }

    /** A new contact starts a conversation; returns its number. */
    async startConversation(text: string, person: { name?: string; email?: string; identifier?: string } = { name: 'Ann Lee' }): Promise<number> {
        const contact = (await this.call<{ id: number }>('POST', '/contacts', { inbox_id: this.inbox, ...person })).id
        const { id } = await this.call<{ id: number }>('POST', '/conversations', { inbox_id: this.inbox, contact_id: contact })
        await this.contactWrites(id, text)
        return id
    }

    /** The contact sends a message. */
    async contactWrites(conversation: number, content: string) {
        return this.call<Message>('POST', `/conversations/${conversation}/messages`, { content, message_type: 'incoming' })
    }

    /** The contact sends files. */
    async contactSendsFiles(conversation: number, content: string, files: File[]) {
        const form = new FormData()
        form.set('message_type', 'incoming')
        form.set('content', content)
        for (const file of files) form.append('attachments[]', file)
        return this.call<Message>('POST', `/conversations/${conversation}/messages`, form)
    }

    async messages(conversation: number) {
        return (await this.call<{ payload: Message[] }>('GET', `/conversations/${conversation}/messages`)).payload
    }

    async conversation(conversation: number) {
        return this.call<{ status: string; priority: string | null; unread_count: number; labels: string[]; meta: { assignee?: { name: string } } }>('GET', `/conversations/${conversation}`)
    }
}

/** A screenshot of a drawing from the demo shop, as a substitute for a photograph. */
export const photograph = async (page: Page, name = 'hero'): Promise<Buffer> => {
    const drawing = readFileSync(new URL(`../../src/demo/shop/pictures/${name}.svg`, import.meta.url))
    const studio = await page.context().newPage()
    await studio.setViewportSize({ width: 480, height: 360 })
    await studio.setContent(`<style>body { margin: 0 } img { display: block; width: 480px; height: 360px; object-fit: cover }</style><img src="data:image/svg+xml;base64,${drawing.toString('base64')}">`)
    await studio.evaluate(() => document.images[0]?.decode())
    const picture = await studio.screenshot()
    await studio.close()
    return picture
}

/**
 * Creates typical conversations of a shop; returns the number of the longest one, which contains
 * this image.
 */
export const seedConversations = async (chat: ConversationApi, picture: Buffer = pixel): Promise<number> => {
    const long = 'Featherstonehaugh-Cholmondeley-Majoribanks von und zu Oberunterammergau'
    for (const [name, text] of [
        ['Oksana Melnyk', 'Чи можна забрати замовлення сьогодні?'],
        ['Bo Kim', 'Where is my order 1042? It was to be here on Tuesday.'],
        [long, 'I have a rather long question about each of the lamps that you have in your window at this very moment'],
        ['', 'Hi']
    ] as const) {
        const number = await chat.startConversation(text, name ? { name } : { email: 'visitor@shop.example' })
        if (name === 'Bo Kim') {
            await chat.call('PATCH', `/conversations/${number}`, { priority: 'high' })
            await chat.call('POST', `/conversations/${number}/labels`, { labels: ['delivery'] })
        }
    }
    const number = await chat.startConversation('Hello! Is the green lamp in stock? I saw it at https://shop.example/lamps/green', { name: 'Ann Lee', email: 'ann@shop.example', identifier: 'crm-42' })
    const write = (content: string, more: object = {}) => chat.call<Message>('POST', `/conversations/${number}/messages`, { content, message_type: 'outgoing', ...more })
    await chat.call('POST', `/conversations/${number}/labels`, { labels: ['lamps', 'vip'] })
    await chat.call('PATCH', `/conversations/${number}`, { priority: 'urgent' })
    await write('Hello Ann! Yes, **three** of them:\n\n- two in the shop\n- one in the window\n\nShall I put one aside?')
    await write('She bought the red one last year and is on the *pro* plan.', { private: true })
    await chat.contactSendsFiles(number, 'Yes please. This is where it will stand.', [new File([new Uint8Array(picture)], 'corner.png', { type: 'image/png' }), new File(['x'.repeat(48_000)], 'measurements of the room.pdf', { type: 'application/pdf' })])
    await write('A lovely corner.')
    const lost = await write('It will be there on Friday, between nine and twelve.')
    await chat.call('PATCH', `/conversations/${number}/messages/${lost.id}`, { status: 'failed', external_error: 'the shop’s server answered 503' })
    return number
}

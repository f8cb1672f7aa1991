// A server with a site and an inbox for the Inbox SDK, and a test run of a Phoenix client: the same
// steps in Node.js and in a browser.
import { createHmac, randomUUID } from 'node:crypto'
import { Belfry } from './belfry.ts'

type Made = { account_id: number; inbox_id: number; inbox_identifier: string; bot_id: string }
export type Key = { bot_id?: string; environment_id?: string; key: string }
export type Claims = Record<string, unknown>

export const claims = (key: Key, more: Claims = {}): Claims => {
    const now = Math.floor(Date.now() / 1_000)
    const scope = key.bot_id ? { bot_id: key.bot_id } : { environment_id: key.environment_id }
    return { ...scope, iss: 'office', id: 'office/ada', name: 'Ada', email: 'ada@office.example', iat: now, exp: now + 200, ...more }
}

export const sign = (key: Key, more: Claims = {}) => {
    const signed = [{ alg: 'HS256', typ: 'JWT' }, claims(key, more)].map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
    return `${signed}.${createHmac('sha256', key.key).update(signed).digest('base64url')}`
}

/** A server with a site that has one inbox, and customers who send messages. */
export class SdkServer {
    private constructor(readonly belfry: Belfry, readonly site: string, readonly inbox: Made, readonly key: Key, readonly inboxKey: Key) {}

    static async open(origins = ['https://office.example']): Promise<SdkServer> {
        const belfry = await Belfry.start()
        const { id } = await belfry.site(origins)
        const inbox = await belfry.command<Made>('inbox', 'create', id, '--name', 'Shop')
        const key = await belfry.command<Key>('sdk-key', 'create', id)
        const inboxKey = await belfry.command<Key>('sdk-key', 'create', id, '--inbox', String(inbox.inbox_id))
        return new SdkServer(belfry, id, inbox, key, inboxKey)
    }

    /** A customer starts a conversation with a message. */
    async startConversation(name: string, content: string) {
        const contacts = `/public/api/v1/inboxes/${this.inbox.inbox_identifier}/contacts`
        const { source_id: source } = await this.post<{ source_id: string }>(contacts, { name })
        const { id } = await this.post<{ id: number }>(`${contacts}/${source}/conversations`, {})
        const says = (content: string) => this.post(`${contacts}/${source}/conversations/${id}/messages`, { content })
        await says(content)
        return { says }
    }

    private async post<T>(path: string, body: object): Promise<T> {
        const answer = await fetch(this.belfry.origin + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
        const text = await answer.text()
        if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`)
        return (text ? JSON.parse(text) : undefined) as T
    }
}

export const unknownId = randomUUID()

// The packages have no types of their own.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Any = any

export type Steps = { url: string; topic: string; token: string; bad: string; nobody: string; asParam: boolean; transport: 'WebSocket' | 'LongPoll' }

/** Runs the client step by step. It runs in a page too, so it uses only its parameters. */
export const runSteps = async ({ Socket, Presence, transport }: Any, { url, topic, token, bad, nobody, asParam }: Steps) => {
    const open = (credential: string) => {
        const credentials = asParam ? { params: { jwt: credential } } : { authToken: credential }
        const socket = new Socket(url, { ...credentials, ...(transport ? { transport } : {}), heartbeatIntervalMs: 300, reconnectAfterMs: () => 100, rejoinAfterMs: () => 100 })
        socket.connect()
        return socket
    }
    const answer = (push: Any): Promise<[string, Any]> =>
        new Promise(resolve => ['ok', 'error', 'timeout'].reduce((push, status) => push.receive(status, (response: Any) => resolve([status, response])), push))
    const until = async (look: () => unknown) => {
        for (let left = 400; left > 0 && !look(); left--) await new Promise(resolve => setTimeout(resolve, 25))
        return Boolean(look())
    }

    const stranger = open(bad)
    const strange = stranger.channel(topic)
    const refused = await answer(strange.join())
    strange.leave()
    const elsewhere = stranger.channel('room:1')
    const unmatched = await answer(elsewhere.join())
    elsewhere.leave()
    stranger.disconnect()

    const socket = open(token)
    let heartbeats = 0
    socket.onMessage(({ topic, event, payload }: Any) => topic === 'phoenix' && (event === 'phx_reply' || payload?.status === 'ok') && heartbeats++)
    const channel = socket.channel(topic)
    let joins = 0
    const joined = await answer(channel.join().receive('ok', () => joins++))
    const subscribed = await answer(channel.push('subscribe', { inbox: 'new' }))
    const notFound = await answer(channel.push('open', { conversation_id: nobody }))
    const unknown = await answer(channel.push('no_such_event', {}))
    const beating = await until(() => heartbeats > 1)

    const [conversation] = subscribed[1].conversations
    const talk = socket.channel(`conversation:${conversation.id}`)
    const presence = new Presence(talk)
    let said: Any[] = []
    talk.on('history', ({ events }: Any) => (said = events))
    const talking = await answer(talk.join())
    const present = await until(() => presence.list((_: string, { metas }: Any) => metas.every((meta: Any) => meta.phx_ref)).some(Boolean))
    await until(() => said.length)

    // Drops the connection without a close frame, as a network does.
    if (socket.conn.terminate) socket.conn.terminate()
    else socket.conn.close(3000, 'dropped')
    const rejoined = await until(() => joins > 1 && channel.state === 'joined')
    const again = await answer(channel.push('subscribe', { inbox: 'new' }))
    let closed = 0
    channel.onClose(() => closed++)
    const left = await answer(channel.leave())
    await until(() => closed)
    socket.disconnect()
    return {
        refused,
        unmatched,
        joined: [joined[0], joined[1].user?.externalId, typeof joined[1].session_token, typeof joined[1].expires_at],
        subscribed: [subscribed[0], subscribed[1].conversations.map(({ contact, status }: Any) => [contact.name, status]), subscribed[1].seq],
        notFound,
        unknown,
        beating,
        talking: talking[0],
        said: said.length > 0,
        present,
        rejoined,
        again: again[0],
        left: [left[0], closed, channel.state]
    }
}

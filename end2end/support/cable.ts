// Clients of `/cable` that sites use, each behind the same small interface. They are written for
// browsers, and run in Node.js here.
import { createRequire } from 'node:module'
import { createCable, SubscriptionRejectedError, type Cable } from '@anycable/core'

const load = createRequire(import.meta.url)
// Their types need a browser.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Any = any

export type Update = { event: string; data: Record<string, unknown> & { content?: string } }
export type Params = Record<string, string | number>
/** What a client reports about one subscription. */
export type SubscriptionLog = { confirmed: number; rejected: number; lost: number; updates: Update[] }
export type Client = { subscribe(params: Params): SubscriptionLog; perform(params: Params, action: string): void; close(): void }

const nothing = (): SubscriptionLog => ({ confirmed: 0, rejected: 0, lost: 0, updates: [] })

/** Globals that older versions of the official client need while they are loaded. */
const pretend = () => {
    const target = { addEventListener: () => {}, removeEventListener: () => {} }
    Object.assign(globalThis, { self: globalThis, ...target, document: { visibilityState: 'visible', ...target } })
}

const official = (name: string) => (url: string): Client => {
    pretend()
    const library = load(name) as Any
    library.adapters.WebSocket = load('ws')
    const consumer = library.createConsumer(url)
    const subscriptions = new Map<string, Any>()
    return {
        subscribe: params => {
            const heard = nothing()
            const own = {
                connected: () => void heard.confirmed++,
                rejected: () => void heard.rejected++,
                disconnected: () => void heard.lost++,
                received: (update: Update) => void heard.updates.push(update)
            }
            subscriptions.set(JSON.stringify(params), consumer.subscriptions.create({ channel: 'RoomChannel', ...params }, own))
            return heard
        },
        perform: (params, action) => subscriptions.get(JSON.stringify(params)).perform(action),
        close: () => consumer.disconnect()
    }
}

const anycable = (url: string): Client => {
    const cable: Cable = createCable(url, { websocketImplementation: load('ws'), logLevel: 'error' })
    const channels = new Map<string, Any>()
    return {
        subscribe: params => {
            const heard = nothing()
            const channel = cable.subscribeTo('RoomChannel', params)
            channel.on('connect', () => void heard.confirmed++)
            channel.on('disconnect', () => void heard.lost++)
            channel.on('close', reason => void (reason instanceof SubscriptionRejectedError ? heard.rejected++ : heard.lost++))
            channel.on('message', update => void heard.updates.push(update as unknown as Update))
            channels.set(JSON.stringify(params), channel)
            return heard
        },
        perform: (params, action) => void channels.get(JSON.stringify(params)).perform(action),
        close: () => cable.disconnect()
    }
}

/** A socket without a subprotocol, as in many guides. */
const raw = (url: string): Client => {
    const socket = new (load('ws') as Any)(url)
    const all = new Map<string, SubscriptionLog>()
    const identify = (params: Params) => JSON.stringify({ channel: 'RoomChannel', ...params })
    const send = (frame: object) => {
        const text = JSON.stringify(frame)
        if (socket.readyState === 1) socket.send(text)
        else socket.once('open', () => socket.send(text))
    }
    socket.on('message', (bytes: Buffer) => {
        const { type, identifier, message } = JSON.parse(bytes.toString()) as { type?: string; identifier: string; message: Update }
        const heard = all.get(identifier)
        if (type === 'confirm_subscription') heard!.confirmed++
        else if (type === 'reject_subscription') heard!.rejected++
        else if (type === undefined) heard!.updates.push(message)
    })
    socket.on('close', () => all.forEach(heard => heard.lost++))
    return {
        subscribe: params => {
            const heard = nothing()
            all.set(identify(params), heard)
            send({ command: 'subscribe', identifier: identify(params) })
            return heard
        },
        perform: (params, action) => send({ command: 'message', identifier: identify(params), data: JSON.stringify({ action }) }),
        close: () => socket.close()
    }
}

export const clients: Record<string, (url: string) => Client> = {
    '@rails/actioncable 6.1': official('actioncable-6'),
    '@rails/actioncable 7.1': official('actioncable-7'),
    '@rails/actioncable 8.1': official('actioncable-8'),
    '@anycable/core': anycable,
    'a plain WebSocket': raw
}

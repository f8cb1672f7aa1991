// The published customer client of the Inbox SDK, unmodified, with another host; in Node.js and on
// a page.
import { createRequire } from 'node:module'
import type { Page } from '@playwright/test'

// Its types need a browser and another version of TypeScript.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Any = any

const load = createRequire(import.meta.url)
export const script = load.resolve('@botsquad/sdk')

export type Bubble = Any
export type Config = { botId: string; hostname: string; userId?: string; userToken?: string; isPreview?: boolean }

const config = (own: Config) => ({ userAgent: 'shop/1.0 (Linux)', locale: 'en_GB', timezone: 'Europe/Kyiv', secure: false, ...own })

/** In Node.js, which has no global WebSocket yet. The client expects one where browsers have it. */
export const bubble = (own: Config): Bubble => {
    Object.assign(globalThis, { self: globalThis, WebSocket: load('ws') })
    return new (load('@botsquad/sdk') as Any).ChatBubble(config(own))
}

/**
 * On a page, as `window.bubble`. The page provides the Node.js globals that it needs, as its users
 * do.
 */
export const bubbleOn = async (page: Page, own: Config) => {
    await page.addScriptTag({ content: 'globalThis.setImmediate ??= run => setTimeout(run, 0)' })
    await page.addScriptTag({ path: script })
    await page.evaluate(async config => {
        const window = globalThis as Any
        window.bubble = new window.sdk.ChatBubble(config)
        window.connected = await window.bubble.connect()
        window.updates = []
        window.bubble.onConversationsUpdate.subscribe((update: Any) => window.updates.push(update))
    }, config(own))
}

/** Joins a topic of its socket, as a page does that displays the chat itself. */
export const chat = async (of: Bubble, bot: string, g: string, params: object) => {
    const channel = of.getSocket().channel(`bot:${bot}~${g}`, params)
    const heard: { event: string; payload: Any }[] = []
    for (const event of ['history', 'future', 'message', 'typing', 'conversation_meta']) channel.on(event, (payload: Any) => heard.push({ event, payload }))
    const push = (event: string, payload: object) =>
        new Promise<Any>((resolve, reject) => channel.push(event, payload).receive('ok', resolve).receive('error', reject).receive('timeout', () => reject('timeout')))
    const joined = await new Promise<Any>((resolve, reject) => channel.join().receive('ok', resolve).receive('error', reject))
    return { joined, heard, push, said: () => heard.filter(({ event }) => event === 'message').map(({ payload }) => payload.payload.message ?? payload.payload.text) }
}

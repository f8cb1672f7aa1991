// The window of a conversation as another tool embeds it: a page of another origin with the iframe,
// and the messages between both.
import { createHmac } from 'node:crypto'
import { expect, type FrameLocator, type Locator, type Page } from '@playwright/test'
import type { Site } from './belfry.ts'
import type { ConversationApi } from './conversations.ts'
import { Pages } from './pages.ts'

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** The site's backend: signs agents' JWTs. */
export class SigningBackend {
    private constructor(readonly site: Site, private readonly scope: 'bot_id' | 'environment_id', private readonly uuid: string, private readonly key: string) {}

    /** The key of an inbox, or of the whole site. */
    static async of(site: Site, inbox?: number): Promise<SigningBackend> {
        const options = inbox === undefined ? [] : ['--inbox', String(inbox)]
        const made = await site.belfry.command<{ bot_id?: string; environment_id?: string; key: string }>('sdk-key', 'create', site.id, ...options)
        return new SigningBackend(site, made.bot_id ? 'bot_id' : 'environment_id', made.bot_id ?? made.environment_id ?? '', made.key)
    }

    /** Ends all sessions that its key opened. */
    async revoke() {
        for (const { key_id } of await this.site.belfry.command<{ key_id: number }[]>('sdk-key', 'list', this.site.id)) {
            await this.site.belfry.command('sdk-key', 'revoke', this.site.id, String(key_id))
        }
    }

    jwt(name: string): string {
        const now = Math.floor(Date.now() / 1000)
        const claims = { iss: 'shop', iat: now, exp: now + 200, id: `crm/${name}`, name, email: '', [this.scope]: this.uuid }
        const signed = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url(claims)}`
        return `${signed}.${createHmac('sha256', this.key).update(signed).digest('base64url')}`
    }

    /**
     * The URL of a conversation's window with a new code, requested from the inbox topic over long
     * polling.
     */
    async address(name: string, uuid: string): Promise<string> {
        type Polled = { token?: string; messages?: string[] }
        let token = ''
        const poll = async (init: RequestInit = {}) => {
            const query = token && `&token=${encodeURIComponent(token)}`
            const answer = (await (await fetch(`${this.site.belfry.origin}/socket/longpoll?vsn=2.0.0${query}`, init)).json()) as Polled
            token = answer.token ?? token
            return answer
        }
        await poll({ headers: { 'X-Phoenix-AuthToken': this.jwt(name) } })
        const topic = `inbox:${this.scope === 'bot_id' ? 'bot' : 'environment'}:${this.uuid}`
        const push = async (ref: string, event: string, payload: object) => {
            await poll({ method: 'POST', headers: { 'content-type': 'application/x-ndjson' }, body: JSON.stringify(['1', ref, topic, event, payload]) })
            for (let turn = 0; turn < 20; turn++) {
                for (const message of (await poll()).messages ?? []) {
                    const [, answered, , , said] = JSON.parse(message) as [string, string, string, string, { status: string; response: { url?: string; reason?: string } }]
                    if (answered !== ref) continue
                    if (said.status !== 'ok') throw new Error(`${event}: ${said.response.reason}`)
                    return said.response
                }
            }
            throw new Error(`${event} was not answered`)
        }
        await push('1', 'phx_join', {})
        const { url = '' } = await push('2', 'open', { conversation_id: uuid })
        return new URL(url, this.site.belfry.origin).href
    }
}

type ReceivedMessage = { type: string; payload: Record<string, unknown>; origin: string }

/** A page of the site's own tool, under a policy that allows only the frame. */
export class HostTool {
    private constructor(readonly page: Page, readonly pages: Pages, readonly chat: ConversationApi) {}

    static policy = (belfry: string) => `default-src 'none'; script-src 'nonce-page'; style-src 'nonce-page'; img-src data:; frame-src ${belfry}; connect-src 'none'; form-action 'none'; base-uri 'none'`

    static async at(page: Page, pages: Pages, chat: ConversationApi): Promise<HostTool> {
        return new HostTool(page, pages, chat)
    }

    async uuid(number: number): Promise<string> {
        return (await this.chat.call<{ uuid: string }>('GET', `/conversations/${number}`)).uuid
    }

    /** Displays the window at this URL. */
    async show(address: string, { width = 420, height = 640 } = {}) {
        const url = this.pages.add(
            `<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content="width=device-width"><title>Back office</title><link rel=icon href="data:,">
            <style nonce=page>:root { color-scheme: light dark } body { margin: 0 } iframe { display: block; border: 0; width: ${width}px; max-width: 100%; height: ${height}px }</style>
            <main><h1 hidden>Back office</h1><iframe title=Conversation allow="microphone; camera; clipboard-write" src="${address.replaceAll('&', '&amp;')}"></iframe></main>
            <script nonce=page>window.said = []; addEventListener('message', e => e.source === document.querySelector('iframe').contentWindow && said.push({ ...e.data, origin: e.origin }))
            window.say = (type, payload = {}) => document.querySelector('iframe').contentWindow.postMessage({ source: 'inbox-sdk', v: 1, type, payload }, '${this.chat.belfry.origin}')</script>`,
            { 'content-security-policy': HostTool.policy(this.chat.belfry.origin) }
        )
        await this.page.goto(url)
    }

    /** The messages that the window has sent to the page. */
    async received(type?: string): Promise<ReceivedMessage[]> {
        const said = await this.page.evaluate(() => (window as unknown as { said: ReceivedMessage[] }).said)
        return type ? said.filter(message => message.type === type) : said
    }

    async post(type: string, payload: object = {}) {
        await this.page.evaluate(([type, payload]) => (window as unknown as { say: (type: unknown, payload: unknown) => void }).say(type, payload), [type, payload] as const)
    }

    get frame(): FrameLocator {
        return this.page.frameLocator('iframe')
    }

    get thread(): Locator {
        return this.frame.locator('#messages')
    }

    get box(): Locator {
        return this.frame.locator('#content')
    }

    button(name: string): Locator {
        return this.frame.getByRole('button', { name, exact: true })
    }

    async isLive() {
        await expect(this.frame.locator('body')).toHaveAttribute('data-live', '1')
    }
}

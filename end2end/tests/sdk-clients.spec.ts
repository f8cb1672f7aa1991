// The socket of the Inbox SDK, with the published client of Phoenix channels, in Node.js and in a
// browser.
import { createRequire } from 'node:module'
import { expect, test as base } from '@playwright/test'
import { build } from 'esbuild'
import { SignJWT } from 'jose'
import { Pages } from '../support/pages.ts'
import { claims, runSteps, unknownId, SdkServer, sign, type Steps } from '../support/sdk.ts'

const load = createRequire(import.meta.url)

const test = base.extend<object, { office: SdkServer; pages: Pages }>({
    pages: [
        async ({}, use) => {
            const pages = await Pages.start()
            await use(pages)
            await pages.server.stop()
        },
        { scope: 'worker' }
    ],
    office: [
        async ({}, use) => {
            const office = await SdkServer.open()
            await office.startConversation('Anna', 'Where is my order?')
            await use(office)
            await office.belfry.end()
        },
        { scope: 'worker' }
    ]
})

const steps = (office: SdkServer, more: Partial<Steps> = {}): Steps => ({
    url: `${office.belfry.origin.replace('http', 'ws')}/socket`,
    topic: `inbox:environment:${office.key.environment_id}`,
    token: sign(office.key),
    bad: sign({ ...office.key, key: 'another' }),
    nobody: unknownId,
    asParam: false,
    transport: 'WebSocket',
    ...more
})

const expected = {
    refused: ['error', { reason: 'invalid_token' }],
    unmatched: ['error', { reason: 'unmatched topic' }],
    joined: ['ok', 'office/ada', 'string', 'number'],
    subscribed: ['ok', [['Anna', 'open']], 1],
    notFound: ['error', { reason: 'not_found' }],
    unknown: ['error', { reason: 'unknown_event' }],
    beating: true,
    talking: 'ok',
    said: true,
    present: true,
    rejoined: true,
    again: 'ok',
    left: ['ok', 1, 'closed']
}

const bundles = new Map<string, Promise<string>>()
const bundle = (name: string) => {
    const made = bundles.get(name) ?? build({ stdin: { contents: `export * from '${name}'`, resolveDir: import.meta.dirname }, bundle: true, write: false, format: 'iife', globalName: 'Phoenix' }).then(({ outputFiles }) => outputFiles[0]!.text)
    bundles.set(name, made)
    return made
}

for (const [version, name, asParam] of [['1.8.16', 'phoenix-1.8', false], ['1.8.16 by a parameter', 'phoenix-1.8', true], ['1.7.14', 'phoenix-1.7', true]] as const) {
    test(`phoenix ${version} in Node.js`, async ({ office }) => {
        const { Socket, Presence } = load(name)
        expect(await runSteps({ Socket, Presence, transport: load('ws') }, steps(office, { asParam }))).toEqual(expected)
    })

    for (const transport of ['WebSocket', 'LongPoll'] as const) {
        test(`phoenix ${version} in Chromium by ${transport}`, async ({ office, page, pages }) => {
            // A page without a URL has no storage, which the client uses, and a page that isn't
            // served may not connect to this machine.
            await page.goto(pages.add('<!doctype html><title>Office</title>'))
            await page.addScriptTag({ content: await bundle(name) })
            await page.addScriptTag({ content: `exercise = ${runSteps.toString()}` })
            const found = await page.evaluate(
                // Defined in the page by the scripts above.
                // eslint-disable-next-line @typescript-eslint/no-explicit-any
                ({ steps }) => (window as any).exercise({ ...(window as any).Phoenix, transport: steps.transport === 'LongPoll' ? (window as any).Phoenix.LongPoll : undefined }, steps),
                { steps: steps(office, { asParam, transport }) }
            )
            // Over long polling the client sends no heartbeat.
            expect(found).toEqual({ ...expected, beating: transport === 'WebSocket' })
        })
    }
}

test('tokens of jose and jsonwebtoken are accepted for the inbox and for the site', async ({ office }) => {
    const { Socket } = load('phoenix-1.8')
    const jsonwebtoken = load('jsonwebtoken')
    for (const [key, topic] of [[office.key, `inbox:environment:${office.key.environment_id}`], [office.inboxKey, `inbox:bot:${office.inboxKey.bot_id}`]] as const) {
        const ofJose = await new SignJWT(claims(key, { id: 'office/jose' })).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(key.key))
        const ofOther: string = jsonwebtoken.sign(claims(key, { id: 'office/jsonwebtoken' }), key.key)
        for (const [token, id] of [[ofJose, 'office/jose'], [ofOther, 'office/jsonwebtoken']]) {
            const socket = new Socket(steps(office).url, { authToken: token, transport: load('ws') })
            socket.connect()
            const user = await new Promise<{ externalId: string } | string>(resolve =>
                socket
                    .channel(topic)
                    .join()
                    .receive('ok', (response: { user: { externalId: string } }) => resolve(response.user))
                    .receive('error', ({ reason }: { reason: string }) => resolve(reason))
            )
            socket.disconnect()
            expect(user).toMatchObject({ externalId: id })
        }
    }
})

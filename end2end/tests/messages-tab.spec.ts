// The tab "Messages" of the widget: a reader exchanges messages with the site's agents, on a page
// of the site.
import { AxeBuilder } from '@axe-core/playwright'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { browse } from '../support/browse.ts'
import { Chat } from '../support/conversations.ts'
import { expect, test as base, Visit } from '../support/real.ts'

const folder = process.env.BELFRY_PICTURES
if (folder) mkdirSync(folder, { recursive: true })

const test = base.extend<{ chat: Chat }>({
    chat: async ({ site }, use) => {
        const chat = await Chat.open(site)
        await site.call('PUT', '/site/settings', { messagesInbox: chat.inbox })
        await use(chat)
    }
})

const reply = (label: string) => ({ type: 'reply', label })
const tab = (visit: Visit) => visit.frame.locator('form.tab button')
const badge = (visit: Visit) => visit.frame.locator('#answers b')
const box = (visit: Visit) => visit.frame.getByLabel('Your message')
const thread = (visit: Visit) => visit.frame.locator('.message')
const answers = (chat: Chat, conversation: number, content: string) =>
    chat.call<{ id: number }>('POST', `/conversations/${conversation}/messages`, { content, message_type: 'outgoing' })

const enter = async (visit: Visit) => {
    await visit.open()
    await tab(visit).click()
    await expect(visit.frame.locator('#messages-title')).toBeVisible()
}
const write = async (visit: Visit, text: string) => {
    await box(visit).fill(text)
    await visit.frame.getByRole('button', { name: 'Send' }).click()
    await expect(box(visit)).toHaveValue('')
}
/** The newest conversation of the site, as agents see it. */
const newest = async (chat: Chat) => {
    const { data } = await chat.call<{ data: { payload: { id: number }[] } }>('GET', '/conversations?status=all')
    return data.payload[0]?.id ?? 0
}
const shot = async (visit: Visit, name: string) => {
    if (folder) await visit.page.screenshot({ path: join(folder, `messages-${name}.png`), animations: 'disabled' })
}
const clean = async (visit: Visit) => {
    const { violations } = await new AxeBuilder({ page: visit.page }).include('belfry-bell').analyze()
    expect(violations).toEqual([])
}

test('a site without the tab has no trace of it, and loads nothing for it', async ({ visit, context }) => {
    const paths: string[] = []
    context.on('request', request => paths.push(new URL(request.url()).pathname))
    await visit.arrive()
    await visit.open()
    await expect(tab(visit)).toHaveCount(0)
    expect(paths.filter(path => path.includes('/pkg/messages') || path.endsWith('/conversations'))).toEqual([])
})

test('reader and agent exchange messages live', async ({ visit, chat, context }) => {
    const fetched: string[] = []
    context.on('request', request => fetched.push(new URL(request.url()).pathname))
    await visit.arrive()
    expect(fetched.filter(path => path.includes('/pkg/messages'))).toEqual([])
    await enter(visit)
    await expect(visit.panel).toHaveAccessibleName('Messages')
    await expect(visit.frame.locator('.empty-title').filter({ visible: true })).toHaveText('Write to us')
    await expect(box(visit)).toBeFocused()
    await shot(visit, 'empty')
    await write(visit, 'Where is <b>my</b> lamp?')
    await expect(thread(visit)).toHaveCount(1)
    await expect(thread(visit)).toContainText('Where is <b>my</b> lamp?')
    const number = await newest(chat)
    await expect.poll(async () => (await chat.messages(number)).map(message => message.content)).toContain('Where is <b>my</b> lamp?')
    await answers(chat, number, 'On its **way**')
    await expect(thread(visit)).toHaveCount(2)
    await expect(thread(visit).last().locator('strong, b')).toHaveText('way')
    // A displayed message is marked as seen.
    await expect.poll(async () => (await chat.messages(number)).at(-1)?.status).toBe('read')
    // The typing event is repeated; a thread that is re-rendered meanwhile starts without it.
    await expect(async () => {
        await chat.call('POST', `/conversations/${number}/toggle_typing_status`, { typing_status: 'on' })
        await expect(visit.frame.locator('.typing')).toHaveText('Bridge is typing…', { timeout: 1500 })
    }).toPass()
    await chat.call('POST', `/conversations/${number}/toggle_typing_status`, { typing_status: 'off' })
    await expect(visit.frame.locator('.typing')).toHaveText('')
    await chat.call('POST', `/conversations/${number}/update_last_seen`)
    await expect(visit.frame.locator('.standing')).toHaveText('Seen')
    // By keyboard; a draft survives an arriving message.
    await box(visit).fill('Half a sen')
    await answers(chat, number, 'It comes tomorrow')
    await expect(thread(visit)).toHaveCount(3)
    await expect(box(visit)).toHaveValue('Half a sen')
    await box(visit).press('End')
    await box(visit).pressSequentially('tence')
    await box(visit).press('Enter')
    await expect(thread(visit).last()).toContainText('Half a sentence')
    await clean(visit)
    // To the notifications and back.
    await visit.frame.locator('[data-back]').click()
    await expect(visit.panel).toHaveAccessibleName('Notifications')
    await expect(tab(visit)).toBeFocused()
    await expect(thread(visit)).toHaveCount(0)
    expect((await visit.notes()).errors).toEqual([])
})

test('the bell counts replies separately from notifications, in all tabs, until they are seen', async ({ visit, chat, site }) => {
    await visit.arrive()
    const other = await visit.another()
    await other.arrive()
    await enter(visit)
    await write(visit, 'Hello')
    const number = await newest(chat)
    await visit.page.keyboard.press('Escape')
    await expect(visit.panel).toBeHidden()
    await answers(chat, number, 'Hi')
    await expect(badge(visit)).toHaveText('1')
    await expect(visit.bell).toHaveAccessibleName('Notifications; 1 unread answer')
    await expect(visit.badge).toHaveText('')
    await site.publish('News')
    await expect(visit.badge).toHaveText('1')
    await expect(visit.bell).toHaveAccessibleName('Notifications, 1 unread; 1 unread answer')
    await answers(chat, number, 'Are you there?')
    await expect(badge(visit)).toHaveText('2')
    await other.page.bringToFront()
    await expect(badge(other)).toHaveText('2')
    await visit.page.bringToFront()
    await shot(visit, 'bell')
    // The document shows the same without a script.
    await visit.page.reload()
    await visit.awake()
    await expect(badge(visit)).toHaveText('2')
    await expect(visit.bell).toHaveAccessibleName('Notifications, 1 unread; 2 unread answers')
    await visit.open()
    await expect(tab(visit)).toContainText('2')
    await shot(visit, 'tabs')
    await tab(visit).click()
    await expect(thread(visit)).toHaveCount(3)
    await expect(badge(visit)).toHaveText('')
    await expect(visit.bell).toHaveAccessibleName('Notifications, 1 unread')
    await other.page.bringToFront()
    await expect(badge(other)).toHaveText('')
    expect((await chat.messages(number)).filter(message => message.message_type === 1).map(message => message.status)).toEqual(['read', 'read'])
})

test('a reply to a notification tells the agent what it is about', async ({ visit, chat, site }) => {
    await site.call('POST', '/messages', { audience: 'everyone', content: { en: { title: 'Order 7 <shipped>', body: 'On its way.', actions: [reply('Ask us'), { label: 'Track', link: '/track' }] } } })
    await visit.arrive()
    await visit.open()
    await shot(visit, 'action')
    await visit.frame.getByRole('button', { name: 'Ask us' }).click()
    await expect(visit.frame.locator('.write .about')).toContainText('Order 7 <shipped>')
    await expect(box(visit)).toBeFocused()
    await shot(visit, 'quote')
    await write(visit, 'When will it be here?')
    await expect(thread(visit).locator('.about')).toContainText('Order 7 <shipped>')
    await shot(visit, 'quoted')
    const [first] = await chat.call<{ payload: { content: string; content_attributes: object }[] }>('GET', `/conversations/${await newest(chat)}/messages`).then(list => list.payload)
    expect(first).toMatchObject({ content: 'When will it be here?', content_attributes: { notification: { title: 'Order 7 <shipped>' } } })
    // A second reply is another conversation; both are in the list.
    await visit.frame.getByRole('button', { name: 'All conversations' }).click()
    await visit.frame.getByRole('button', { name: 'New conversation' }).click()
    await write(visit, 'Something else')
    await visit.frame.getByRole('button', { name: 'All conversations' }).click()
    await expect(visit.frame.locator('.row-title')).toHaveText([/./, 'Order 7 <shipped>'])
    await shot(visit, 'list')
    await clean(visit)
    await visit.frame.locator('.row').last().click()
    await expect(thread(visit)).toContainText('When will it be here?')
    // If the tab is turned off, the button disappears.
    await site.call('PUT', '/site/settings', {})
    await expect(async () => {
        await visit.page.reload()
        await visit.open()
        await expect(visit.frame.getByRole('link', { name: 'Track' })).toBeVisible()
        await expect(visit.frame.getByRole('button', { name: 'Ask us' })).toHaveCount(0, { timeout: 500 })
    }).toPass()
})

test('a message that cannot be sent stays in the composer', async ({ visit, chat, context }) => {
    await visit.arrive()
    await enter(visit)
    await write(visit, 'One')
    await context.route('**/conversations', route => route.abort())
    await box(visit).fill('Two')
    await box(visit).press('Enter')
    await expect(visit.frame.locator('.write .wrong')).toHaveText('Your message was not sent. Please try again.')
    await expect(box(visit)).toHaveValue('Two')
    await context.unroute('**/conversations')
    await box(visit).press('Enter')
    await expect(thread(visit).last()).toContainText('Two')
    expect((await chat.messages(await newest(chat))).map(message => message.content)).toEqual(['One', 'Two'])
})

test('works with cookies blocked', async ({ site, backend, launchOptions, chat }) => {
    const blocked = { [`${new URL(site.belfry.origin).host},*`]: { setting: 2 } }
    await browse(launchOptions, { profile: { content_settings: { exceptions: { cookies: blocked } } } }, async context => {
        const visit = new Visit(await context.newPage(), site, backend)
        await visit.arrive()
        await enter(visit)
        await write(visit, 'Hello')
        await answers(chat, await newest(chat), 'Hi')
        await expect(thread(visit)).toHaveCount(2)
    })
})

test('works without WebAssembly, and polls', async ({ visit, context, chat }) => {
    await context.route('**/*.wasm', route => route.abort())
    await visit.go()
    await expect(visit.frame.locator('html[data-asleep]')).toBeAttached()
    await enter(visit)
    await write(visit, 'Hello')
    await answers(chat, await newest(chat), 'Hi')
    await expect(thread(visit)).toHaveCount(2, { timeout: 30_000 })
})

test('without scripts it is a page', async ({ browser, site, backend, chat }) => {
    const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage()
    const token = await site.token('anna')
    // What the button of a page without scripts posts.
    const address = backend.pages.add(`<form method=post action="${site.belfry.origin}/embed/${site.id}?view=page"><input name=token value="${token}"><button>Inbox</button></form>`)
    await page.goto(address)
    await page.getByRole('button', { name: 'Inbox' }).click()
    await page.locator('form.tab button').click()
    await expect(page.locator('.empty-title')).toHaveText('Write to us')
    await page.getByLabel('Your message').fill('Hello')
    await page.getByRole('button', { name: 'Send' }).click()
    await expect(page.locator('.message')).toHaveText([/Hello/])
    await answers(chat, await newest(chat), 'Hi **there**')
    await page.reload()
    await expect(page.locator('.message')).toHaveCount(2)
    await page.getByRole('button', { name: 'All conversations' }).click()
    await expect(page.locator('.row')).toHaveCount(1)
    await page.locator('.tab').click()
    await expect(page.locator('#panel-title')).toHaveText('Notifications')
    await page.context().close()
})

for (const colorScheme of ['light', 'dark'] as const) {
    for (const [width, language] of [[390, 'en'], [1280, 'en'], [390, 'ar'], [1280, 'uk']] as const) {
        test(`appearance: ${colorScheme}, ${width} px, ${language}`, async ({ browser, site, backend, chat }) => {
            const page = await (await browser.newContext({ colorScheme, viewport: { width, height: 800 }, hasTouch: width < 500 })).newPage()
            const visit = new Visit(page, site, backend)
            await site.publish('Your parcel is on its way', { body: 'It arrives on Tuesday.', actions: [reply('Ask us')] as never })
            await visit.arrive({ language })
            await visit.open()
            await visit.frame.locator('.actions button').click()
            await visit.frame.locator('#write').fill('Can it be left with the neighbours? Nobody is at home before six.')
            await visit.frame.locator('.send').click()
            await expect(thread(visit)).toHaveCount(1)
            const number = await newest(chat)
            await answers(chat, number, 'Of course! Which of them?\n\n- the **left** one\n- the [right one](https://shop.example/right)')
            await answers(chat, number, 'Or shall it wait at the shop?')
            await expect(thread(visit)).toHaveCount(3)
            // It is inside the panel, in both text directions.
            const panel = await visit.panel.boundingBox()
            for (const part of ['.bubble', '.write', '.send']) {
                // A part has no box for a moment while it is re-rendered.
                await expect(async () => {
                    const at = await visit.frame.locator(part).last().boundingBox()
                    expect(at && panel && at.x >= panel.x && at.x + at.width <= panel.x + panel.width + 0.5, part).toBe(true)
                }).toPass()
            }
            await shot(visit, `${width}-${colorScheme}-${language}`)
            await clean(visit)
            await page.context().close()
        })
    }
}

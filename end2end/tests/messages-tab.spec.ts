// The tab "Messages" of the widget: a reader exchanges messages with the site's agents, on a page
// of the site.
import { AxeBuilder } from '@axe-core/playwright'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { browse } from '../support/browse.ts'
import { ConversationApi } from '../support/conversations.ts'
import { expect, test as base, ReaderPage } from '../support/fixtures.ts'

const folder = process.env.BELFRY_PICTURES
if (folder) mkdirSync(folder, { recursive: true })

const test = base.extend<{ chat: ConversationApi }>({
    chat: async ({ site }, use) => {
        const chat = await ConversationApi.open(site)
        await site.call('PUT', '/site/settings', { messagesInbox: chat.inbox })
        await use(chat)
    }
})

const reply = (label: string) => ({ type: 'reply', label })
const tab = (readerPage: ReaderPage) => readerPage.frame.locator('form.tab button')
const badge = (readerPage: ReaderPage) => readerPage.frame.locator('#answers b')
const box = (readerPage: ReaderPage) => readerPage.frame.getByLabel('Your message')
const thread = (readerPage: ReaderPage) => readerPage.frame.locator('.message')
const answers = (chat: ConversationApi, conversation: number, content: string) =>
    chat.call<{ id: number }>('POST', `/conversations/${conversation}/messages`, { content, message_type: 'outgoing' })

const enter = async (readerPage: ReaderPage) => {
    await readerPage.open()
    await tab(readerPage).click()
    await expect(readerPage.frame.locator('#messages-title')).toBeVisible()
}
const write = async (readerPage: ReaderPage, text: string) => {
    await box(readerPage).fill(text)
    await readerPage.frame.getByRole('button', { name: 'Send' }).click()
    await expect(box(readerPage)).toHaveValue('')
}
/** The newest conversation of the site, as agents see it. */
const newest = async (chat: ConversationApi) => {
    const { data } = await chat.call<{ data: { payload: { id: number }[] } }>('GET', '/conversations?status=all')
    return data.payload[0]?.id ?? 0
}
const shot = async (readerPage: ReaderPage, name: string) => {
    if (folder) await readerPage.page.screenshot({ path: join(folder, `messages-${name}.png`), animations: 'disabled' })
}
const clean = async (readerPage: ReaderPage) => {
    const { violations } = await new AxeBuilder({ page: readerPage.page }).include('belfry-bell').analyze()
    expect(violations).toEqual([])
}

test('a site without the tab has no trace of it, and loads nothing for it', async ({ readerPage, context }) => {
    const paths: string[] = []
    context.on('request', request => paths.push(new URL(request.url()).pathname))
    await readerPage.arrive()
    await readerPage.open()
    await expect(tab(readerPage)).toHaveCount(0)
    expect(paths.filter(path => path.includes('/pkg/messages') || path.endsWith('/conversations'))).toEqual([])
})

test('reader and agent exchange messages live', async ({ readerPage, chat, context }) => {
    const fetched: string[] = []
    context.on('request', request => fetched.push(new URL(request.url()).pathname))
    await readerPage.arrive()
    expect(fetched.filter(path => path.includes('/pkg/messages'))).toEqual([])
    await enter(readerPage)
    await expect(readerPage.panel).toHaveAccessibleName('Messages')
    await expect(readerPage.frame.locator('.empty-title').filter({ visible: true })).toHaveText('Write to us')
    await expect(box(readerPage)).toBeFocused()
    await shot(readerPage, 'empty')
    await write(readerPage, 'Where is <b>my</b> lamp?')
    await expect(thread(readerPage)).toHaveCount(1)
    await expect(thread(readerPage)).toContainText('Where is <b>my</b> lamp?')
    const number = await newest(chat)
    await expect.poll(async () => (await chat.messages(number)).map(message => message.content)).toContain('Where is <b>my</b> lamp?')
    await answers(chat, number, 'On its **way**')
    await expect(thread(readerPage)).toHaveCount(2)
    await expect(thread(readerPage).last().locator('strong, b')).toHaveText('way')
    // A displayed message is marked as seen.
    await expect.poll(async () => (await chat.messages(number)).at(-1)?.status).toBe('read')
    // The typing event is repeated; a thread that is re-rendered meanwhile starts without it.
    await expect(async () => {
        await chat.call('POST', `/conversations/${number}/toggle_typing_status`, { typing_status: 'on' })
        await expect(readerPage.frame.locator('.typing')).toHaveText('Bridge is typing…', { timeout: 1500 })
    }).toPass()
    await chat.call('POST', `/conversations/${number}/toggle_typing_status`, { typing_status: 'off' })
    await expect(readerPage.frame.locator('.typing')).toHaveText('')
    await chat.call('POST', `/conversations/${number}/update_last_seen`)
    await expect(readerPage.frame.locator('.standing')).toHaveText('Seen')
    // By keyboard; a draft survives an arriving message.
    await box(readerPage).fill('Half a sen')
    await answers(chat, number, 'It comes tomorrow')
    await expect(thread(readerPage)).toHaveCount(3)
    await expect(box(readerPage)).toHaveValue('Half a sen')
    await box(readerPage).press('End')
    await box(readerPage).pressSequentially('tence')
    await box(readerPage).press('Enter')
    await expect(thread(readerPage).last()).toContainText('Half a sentence')
    await clean(readerPage)
    // To the notifications and back.
    await readerPage.frame.locator('[data-back]').click()
    await expect(readerPage.panel).toHaveAccessibleName('Notifications')
    await expect(tab(readerPage)).toBeFocused()
    await expect(thread(readerPage)).toHaveCount(0)
    expect((await readerPage.notes()).errors).toEqual([])
})

test('the bell counts replies separately from notifications, in all tabs, until they are seen', async ({ readerPage, chat, site }) => {
    await readerPage.arrive()
    const other = await readerPage.newTab()
    await other.arrive()
    await enter(readerPage)
    await write(readerPage, 'Hello')
    const number = await newest(chat)
    await readerPage.page.keyboard.press('Escape')
    await expect(readerPage.panel).toBeHidden()
    await answers(chat, number, 'Hi')
    await expect(badge(readerPage)).toHaveText('1')
    await expect(readerPage.bell).toHaveAccessibleName('Notifications; 1 unread answer')
    await expect(readerPage.badge).toHaveText('')
    await site.publish('News')
    await expect(readerPage.badge).toHaveText('1')
    await expect(readerPage.bell).toHaveAccessibleName('Notifications, 1 unread; 1 unread answer')
    await answers(chat, number, 'Are you there?')
    await expect(badge(readerPage)).toHaveText('2')
    await other.page.bringToFront()
    await expect(badge(other)).toHaveText('2')
    await readerPage.page.bringToFront()
    await shot(readerPage, 'bell')
    // The document shows the same without a script.
    await readerPage.page.reload()
    await readerPage.ready()
    await expect(badge(readerPage)).toHaveText('2')
    await expect(readerPage.bell).toHaveAccessibleName('Notifications, 1 unread; 2 unread answers')
    await readerPage.open()
    await expect(tab(readerPage)).toContainText('2')
    await shot(readerPage, 'tabs')
    await tab(readerPage).click()
    await expect(thread(readerPage)).toHaveCount(3)
    await expect(badge(readerPage)).toHaveText('')
    await expect(readerPage.bell).toHaveAccessibleName('Notifications, 1 unread')
    await other.page.bringToFront()
    await expect(badge(other)).toHaveText('')
    expect((await chat.messages(number)).filter(message => message.message_type === 1).map(message => message.status)).toEqual(['read', 'read'])
})

test('a reply to a notification tells the agent what it is about', async ({ readerPage, chat, site }) => {
    await site.call('POST', '/messages', { audience: 'everyone', content: { en: { title: 'Order 7 <shipped>', body: 'On its way.', actions: [reply('Ask us'), { label: 'Track', link: '/track' }] } } })
    await readerPage.arrive()
    await readerPage.open()
    await shot(readerPage, 'action')
    await readerPage.frame.getByRole('button', { name: 'Ask us' }).click()
    await expect(readerPage.frame.locator('.write .about')).toContainText('Order 7 <shipped>')
    await expect(box(readerPage)).toBeFocused()
    await shot(readerPage, 'quote')
    await write(readerPage, 'When will it be here?')
    await expect(thread(readerPage).locator('.about')).toContainText('Order 7 <shipped>')
    await shot(readerPage, 'quoted')
    const [first] = await chat.call<{ payload: { content: string; content_attributes: object }[] }>('GET', `/conversations/${await newest(chat)}/messages`).then(list => list.payload)
    expect(first).toMatchObject({ content: 'When will it be here?', content_attributes: { notification: { title: 'Order 7 <shipped>' } } })
    // A second reply is another conversation; both are in the list.
    await readerPage.frame.getByRole('button', { name: 'All conversations' }).click()
    await readerPage.frame.getByRole('button', { name: 'New conversation' }).click()
    await write(readerPage, 'Something else')
    await readerPage.frame.getByRole('button', { name: 'All conversations' }).click()
    await expect(readerPage.frame.locator('.row-title')).toHaveText([/./, 'Order 7 <shipped>'])
    await shot(readerPage, 'list')
    await clean(readerPage)
    await readerPage.frame.locator('.row').last().click()
    await expect(thread(readerPage)).toContainText('When will it be here?')
    // If the tab is turned off, the button disappears.
    await site.call('PUT', '/site/settings', {})
    await expect(async () => {
        await readerPage.page.reload()
        await readerPage.open()
        await expect(readerPage.frame.getByRole('link', { name: 'Track' })).toBeVisible()
        await expect(readerPage.frame.getByRole('button', { name: 'Ask us' })).toHaveCount(0, { timeout: 500 })
    }).toPass()
})

test('a message that cannot be sent stays in the composer', async ({ readerPage, chat, context }) => {
    await readerPage.arrive()
    await enter(readerPage)
    await write(readerPage, 'One')
    await context.route('**/conversations', route => route.abort())
    await box(readerPage).fill('Two')
    await box(readerPage).press('Enter')
    await expect(readerPage.frame.locator('.write .wrong')).toHaveText('Your message was not sent. Please try again.')
    await expect(box(readerPage)).toHaveValue('Two')
    await context.unroute('**/conversations')
    await box(readerPage).press('Enter')
    await expect(thread(readerPage).last()).toContainText('Two')
    expect((await chat.messages(await newest(chat))).map(message => message.content)).toEqual(['One', 'Two'])
})

test('works with cookies blocked', async ({ site, backend, launchOptions, chat }) => {
    const blocked = { [`${new URL(site.belfry.origin).host},*`]: { setting: 2 } }
    await browse(launchOptions, { profile: { content_settings: { exceptions: { cookies: blocked } } } }, async context => {
        const readerPage = new ReaderPage(await context.newPage(), site, backend)
        await readerPage.arrive()
        await enter(readerPage)
        await write(readerPage, 'Hello')
        await answers(chat, await newest(chat), 'Hi')
        await expect(thread(readerPage)).toHaveCount(2)
    })
})

test('works without WebAssembly, and polls', async ({ readerPage, context, chat }) => {
    await context.route('**/*.wasm', route => route.abort())
    await readerPage.go()
    await expect(readerPage.frame.locator('html[data-asleep]')).toBeAttached()
    await enter(readerPage)
    await write(readerPage, 'Hello')
    await answers(chat, await newest(chat), 'Hi')
    await expect(thread(readerPage)).toHaveCount(2, { timeout: 30_000 })
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
            const readerPage = new ReaderPage(page, site, backend)
            await site.publish('Your parcel is on its way', { body: 'It arrives on Tuesday.', actions: [reply('Ask us')] as never })
            await readerPage.arrive({ language })
            await readerPage.open()
            await readerPage.frame.locator('.actions button').click()
            await readerPage.frame.locator('#write').fill('Can it be left with the neighbours? Nobody is at home before six.')
            await readerPage.frame.locator('.send').click()
            await expect(thread(readerPage)).toHaveCount(1)
            const number = await newest(chat)
            await answers(chat, number, 'Of course! Which of them?\n\n- the **left** one\n- the [right one](https://shop.example/right)')
            await answers(chat, number, 'Or shall it wait at the shop?')
            await expect(thread(readerPage)).toHaveCount(3)
            // It is inside the panel, in both text directions.
            const panel = await readerPage.panel.boundingBox()
            for (const part of ['.bubble', '.write', '.send']) {
                // A part has no box for a moment while it is re-rendered.
                await expect(async () => {
                    const at = await readerPage.frame.locator(part).last().boundingBox()
                    expect(at && panel && at.x >= panel.x && at.x + at.width <= panel.x + panel.width + 0.5, part).toBe(true)
                }).toPass()
            }
            await shot(readerPage, `${width}-${colorScheme}-${language}`)
            await clean(readerPage)
            await page.context().close()
        })
    }
}

// The window of a conversation in an iframe on a page of another origin, under a policy that allows
// only the frame: live updates, its form without scripts, and messages of the embedding page.
import { AxeBuilder } from '@axe-core/playwright'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test as base, expect, type BrowserContextOptions, type Page } from '@playwright/test'
import { Belfry } from '../support/belfry.ts'
import { ConversationApi, seedConversations, photograph } from '../support/conversations.ts'
import { pixel } from '../support/hostile.ts'
import { Pages } from '../support/pages.ts'
import { SigningBackend, HostTool } from '../support/window.ts'

type Office = { belfry: Belfry; pages: Pages; chat: ConversationApi; backend: SigningBackend }

/**
 * A server with a site, an inbox and its backend for all tests of a worker, and for each test a
 * page of the site's tool.
 */
const test = base.extend<{ tool: HostTool; lines: string[] }, { office: Office }>({
    office: [
        async ({}, use) => {
            const [belfry, pages] = await Promise.all([Belfry.start(), Pages.start()])
            const site = await belfry.site([pages.origin])
            const chat = await ConversationApi.open(site)
            await use({ belfry, pages, chat, backend: await SigningBackend.of(site, chat.inbox) })
            await Promise.all([belfry.end(), pages.server.stop()])
        },
        { scope: 'worker' }
    ],
    tool: async ({ page, office }, use) => use(await HostTool.at(page, office.pages, office.chat)),
    /** Errors that the browser logs. */
    lines: async ({ page }, use) => {
        const lines: string[] = []
        page.on('console', message => /error|warning/.test(message.type()) && lines.push(message.text()))
        page.on('pageerror', error => lines.push(String(error)))
        await use(lines)
    }
})

/** A conversation with this first message, in its window. */
const open = async ({ tool, office, agent = 'Ada Byron', said = 'Is the green lamp in stock?', contact = 'Ann Lee', lang = 'en', size = {} }: { tool: HostTool; office: Office; agent?: string; said?: string; contact?: string; lang?: string; size?: object }) => {
    const number = await office.chat.startConversation(said, { name: contact })
    const address = new URL(await office.backend.address(agent, await tool.uuid(number)))
    address.searchParams.set('lang', lang)
    await tool.show(address.href, size)
    await expect(tool.thread).toContainText(said)
    return { number, address: address.href }
}

test('a conversation is joined, answered and resolved, and the page gets events', async ({ tool, office, lines }) => {
    const { number } = await open({ tool, office })
    await tool.isLive()
    const id = await tool.uuid(number)
    expect((await tool.received()).map(({ type }) => type).slice(0, 3)).toEqual(['ready', 'conversation_opened', 'unread'])
    expect(await tool.received('conversation_opened')).toEqual([{ source: 'inbox-sdk', v: 1, type: 'conversation_opened', payload: { conversation_id: id }, origin: office.belfry.origin }])
    await expect.poll(async () => (await tool.received('unread')).at(-1)?.payload).toEqual({ count: 0 })
    await expect.poll(async () => (await office.chat.conversation(number)).unread_count).toBe(0)
    await expect.poll(async () => Number((await tool.received('resize')).at(-1)?.payload.height)).toBeGreaterThan(100)

    await expect(tool.box).toBeHidden()
    await tool.button('Join').click()
    await expect(tool.box).toBeFocused()
    await tool.box.fill('Yes, **three** of them.')
    await tool.box.press('Control+Enter')
    await expect(tool.thread.locator('.ours strong')).toHaveText('three')
    await expect(tool.box).toHaveValue('')
    await tool.frame.getByRole('radio', { name: 'Private note' }).check({ force: true })
    await tool.box.fill('A regular.')
    await tool.button('Send').click()
    await expect(tool.thread.locator('.note')).toContainText('A regular.')
    const said = (await office.chat.messages(number)).filter(message => message.message_type === 1)
    expect(said.map(message => [message.content, message.private])).toEqual([['Yes, **three** of them.', false], ['A regular.', true]])

    await tool.button('Resolve').click()
    await expect(tool.frame.locator('#head .badge')).toHaveText('Resolved')
    await expect.poll(async () => (await tool.received('conversation_closed')).length).toBe(1)
    await tool.button('Reopen').click()
    await expect(tool.frame.locator('#head .badge')).toHaveText('Open')
    await tool.frame.locator('summary').click()
    await tool.button('Watch').click()
    await tool.frame.locator('summary').click()
    await expect(tool.button('Stop watching')).toBeVisible()
    await tool.button('Leave').click()
    await expect(tool.button('Join')).toBeVisible()
    expect(await office.chat.conversation(number)).toMatchObject({ status: 'open', meta: {} })
    expect(lines).toEqual([])
})

test('everything works by the form if the script does not load', async ({ page, tool, office }) => {
    let asked = 0
    // The page for the code needs scripts; the window doesn't.
    await page.route('**/pkg/window-*.js', route => (asked++ ? route.abort() : route.continue()))
    const { number } = await open({ tool, office })
    await tool.button('Join').click()
    await expect(tool.box).toBeVisible()
    await tool.box.fill('Here is **a picture**.')
    await tool.frame.locator('input[type=file]').setInputFiles({ name: 'lamp.png', mimeType: 'image/png', buffer: Buffer.from(pixel) })
    await tool.button('Send').click()
    await expect(tool.thread.locator('.ours strong')).toHaveText('a picture')
    await expect(tool.thread.locator('.ours img')).toBeVisible()
    await tool.button('Send').click()
    await expect(tool.frame.getByRole('alert')).toHaveText('write something, or attach a file')
    await tool.box.fill('half a sentence')
    await tool.frame.locator('summary').click()
    await tool.button('Watch').click()
    await expect(tool.box).toHaveValue('half a sentence')
    await tool.button('Resolve').click()
    await expect(tool.frame.locator('#head .badge')).toHaveText('Resolved')
    expect(asked).toBeGreaterThan(4)
    expect(await office.chat.conversation(number)).toMatchObject({ status: 'resolved', unread_count: 0 })
})

test('contact and agents get live updates, and no typed text is lost', async ({ tool, office, browser }) => {
    const { number } = await open({ tool, office })
    await tool.isLive()
    await tool.button('Join').click()
    await tool.box.fill('half a sen')
    await tool.box.evaluate((box: HTMLTextAreaElement) => box.setSelectionRange(2, 4))
    await office.chat.contactWrites(number, 'Are you there?')
    await expect(tool.thread.locator('.theirs')).toHaveCount(2)
    await expect(tool.box).toHaveValue('half a sen')
    await expect(tool.box).toBeFocused()
    expect(await tool.box.evaluate((box: HTMLTextAreaElement) => [box.selectionStart, box.selectionEnd])).toEqual([2, 4])

    const other = await HostTool.at(await (await browser.newContext()).newPage(), office.pages, office.chat)
    await other.show(await office.backend.address('Ben Reed', await tool.uuid(number)))
    await other.isLive()
    await expect(other.frame.locator('#head')).toContainText('Ada Byron answers')
    await tool.box.press('End')
    await tool.box.pressSequentially('tence')
    // The typing event is repeated every few seconds.
    await expect(async () => {
        await tool.box.pressSequentially('.')
        await expect(other.frame.locator('#typing')).toHaveText('Ada Byron is typing…', { timeout: 1000 })
    }).toPass()
    await expect(tool.frame.locator('#typing')).toHaveText('')
    await tool.box.press('Control+Enter')
    await expect(other.thread).toContainText('half a sentence')
    await expect(other.frame.locator('#typing')).toHaveText('')
    await other.frame.locator('summary').click()
    await other.button('Assign to me').click()
    await expect(tool.frame.locator('#head')).toContainText('Ben Reed answers')
    await expect(tool.box).toBeVisible()

    // A reader of older messages isn't scrolled.
    for (let line = 0; line < 25; line++) await office.chat.contactWrites(number, `Line ${line} of a long story that fills the window.`)
    await expect(tool.thread).toContainText('Line 24')
    await tool.frame.locator('#thread').evaluate(thread => thread.scrollTo(0, -300))
    const shown = async () => tool.frame.locator('#thread').evaluate(thread => document.elementFromPoint(thread.clientWidth / 4, 200)?.closest('li')?.id)
    const before = await shown()
    await office.chat.contactWrites(number, 'One more')
    await expect(tool.thread).toContainText('One more')
    expect(await shown()).toBe(before)
    await other.page.context().close()
})

test('older messages load by a button, and new ones are marked', async ({ tool, office }) => {
    const number = await office.chat.startConversation('The very first', { name: 'Ann Lee' })
    for (let line = 1; line <= 25; line++) await office.chat.contactWrites(number, `Line ${line}.`)
    await tool.show(await office.backend.address('Ada Byron', await tool.uuid(number)))
    await tool.isLive()
    await expect(tool.thread.locator('.unread-line')).toHaveCount(1)
    await expect(tool.thread).not.toContainText('The very first')
    await tool.button('Older messages').click()
    await expect(tool.thread).toContainText('The very first')
    await expect(tool.button('Older messages')).toBeHidden()
    await expect(tool.thread.locator('li[data-key]')).toHaveCount(26)
})

test('a hidden window leaves its messages unread', async ({ page, tool, office }) => {
    const { number } = await open({ tool, office })
    await tool.isLive()
    await expect.poll(async () => (await office.chat.conversation(number)).unread_count).toBe(0)
    await page.locator('iframe').evaluate((iframe: HTMLElement) => (iframe.style.display = 'none'))
    await office.chat.contactWrites(number, 'Anybody?')
    await expect.poll(async () => (await tool.received('unread')).at(-1)?.payload).toEqual({ count: 1 })
    expect((await office.chat.conversation(number)).unread_count).toBe(1)
    await page.locator('iframe').evaluate((iframe: HTMLElement) => (iframe.style.display = 'block'))
    await expect.poll(async () => (await tool.received('unread')).at(-1)?.payload).toEqual({ count: 0 })
    await expect.poll(async () => (await office.chat.conversation(number)).unread_count).toBe(0)
    await expect(tool.thread.locator('.unread-line + li')).toContainText('Anybody?')
})

test('images and files are sent in both directions', async ({ page, tool, office }) => {
    const picture = new File([new Uint8Array(await photograph(page))], 'corner.png', { type: 'image/png' })
    await page.bringToFront()
    const { number } = await open({ tool, office })
    await tool.isLive()
    await office.chat.contactSendsFiles(number, 'This is the corner.', [picture, new File(['%PDF-1.7'], 'measurements <of> it.pdf')])
    await expect(tool.thread.locator('.theirs .file')).toContainText('measurements of it.pdf')
    await expect.poll(() => tool.thread.locator('.theirs img').evaluate((image: HTMLImageElement) => (image.scrollIntoView(), image.naturalWidth))).toBeGreaterThan(100)
    await tool.button('Join').click()
    const file = (name: string) => ({ name, mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7') })
    await tool.frame.locator('input[type=file]').setInputFiles(file('manual.pdf'))
    await tool.frame.locator('input[type=file]').setInputFiles(file('warranty.pdf'))
    await tool.button('Leave out manual.pdf').click()
    await tool.button('Send').click()
    await expect(tool.thread.locator('.ours .file')).toHaveText(/^warranty\.pdf/)
    await expect(tool.frame.locator('#files')).toBeHidden()
    expect((await office.chat.messages(number)).at(-1)?.attachments).toHaveLength(1)
})

test('the window reloads by itself, and requests a new code if its page reloads', async ({ page, tool, office }) => {
    const { address } = await open({ tool, office })
    await tool.isLive()
    expect(page.frames().map(frame => frame.url()).filter(url => url.includes('#') || url.includes('bfo_') || url.includes('bfw_'))).toEqual([])
    await tool.button('Join').click()
    await tool.box.fill('to be continued')
    await page.frames()[1]?.evaluate(() => location.reload())
    await tool.isLive()
    await expect(tool.box).toHaveValue('to be continued')

    // The page was loaded with a used code, and the tab remembers the window.
    await page.reload()
    await expect(tool.frame.getByText('This window has ended')).toBeVisible()
    await expect.poll(async () => (await tool.received('auth_required')).length).toBe(1)
    await tool.show(address.replace(/t=.*/, 't=bfo_nobody'))
    await expect(tool.frame.getByText('Open the conversation again from your list.')).toBeVisible()
})

test('events during an outage appear once the server is back', async ({ page }) => {
    const [belfry, pages] = await Promise.all([Belfry.start(), Pages.start()])
    try {
        const site = await belfry.site([pages.origin])
        const chat = await ConversationApi.open(site)
        const backend = await SigningBackend.of(site)
        const own = await HostTool.at(page, pages, chat)
        const { number } = await open({ tool: own, office: { belfry, pages, chat, backend } })
        await own.isLive()
        await own.button('Join').click()
        await own.box.fill('I am still here')
        await belfry.stop()
        await expect(own.frame.locator('#offline')).toBeVisible()
        await own.button('Send').click()
        await expect(own.frame.locator('#problem')).toHaveText('It was not sent. Your text is still here; try again.')
        await belfry.restart()
        await chat.contactWrites(number, 'Back again?')
        await own.isLive()
        await expect(own.thread).toContainText('Back again?')
        await expect(own.frame.locator('#offline')).toBeHidden()
        await own.button('Send').click()
        await expect(own.thread.locator('.ours')).toContainText('I am still here')
    } finally {
        await Promise.all([belfry.end(), pages.server.stop()])
    }
})

test('only the embedding page may send it messages', async ({ page, tool, office }) => {
    const { number } = await open({ tool, office })
    await tool.isLive()
    await tool.button('Join').click()
    await tool.box.fill('мій текст')
    // Invalid messages.
    await page.evaluate(origin => {
        const target = document.querySelector('iframe')?.contentWindow
        for (const message of [{ source: 'inbox-sdk', v: 2, type: 'logout' }, { source: 'other', v: 1, type: 'logout' }, 'logout', null, { source: 'inbox-sdk', v: 1, type: 'constructor' }]) target?.postMessage(message, origin)
    }, office.belfry.origin)
    await tool.post('init', { languageCode: 'en' })
    await tool.post('init', { languageCode: '"><script>' })
    await tool.post('init', { languageCode: 'uk' })
    await expect(tool.button('Завершити')).toBeVisible()
    await tool.isLive()
    await expect(tool.box).toHaveValue('мій текст')
    await page.locator('h1').evaluate(heading => (heading.tabIndex = -1, heading.focus()))
    await tool.post('focus')
    await expect(tool.box).toBeFocused()
    await tool.post('open', { conversation_id: 'another' })
    await expect.poll(async () => (await tool.received('error')).at(-1)?.payload).toEqual({ reason: 'not_found' })
    await tool.post('logout')
    await expect(tool.frame.getByText('Це вікно завершилося')).toBeVisible()
    await expect.poll(async () => (await tool.received('conversation_closed')).length).toBe(1)
    await office.chat.contactWrites(number, 'Hello?')
    expect((await office.chat.conversation(number)).unread_count).toBe(1)
})

test('a page of another site cannot display it', async ({ page, tool, office }) => {
    const stranger = await Pages.start()
    try {
        const number = await office.chat.startConversation('A secret', { name: 'Ann Lee' })
        const refused: string[] = []
        page.on('console', message => message.type() === 'error' && refused.push(message.text()))
        const there = await HostTool.at(page, stranger, office.chat)
        await there.show(await office.backend.address('Ada Byron', await tool.uuid(number)))
        await expect.poll(() => refused.join('\n')).toContain('frame-ancestors')
        expect(await there.received()).toEqual([])
        await expect(there.frame.getByText('A secret')).toHaveCount(0)
    } finally {
        await stranger.server.stop()
    }
})

test('a revoked key ends the window at once', async ({ page, office }) => {
    const site = await office.belfry.site([office.pages.origin])
    const chat = await ConversationApi.open(site)
    const backend = await SigningBackend.of(site)
    const tool = await HostTool.at(page, office.pages, chat)
    await open({ tool, office: { ...office, chat, backend } })
    await tool.isLive()
    await backend.revoke()
    await expect(tool.frame.getByText('This window has ended')).toBeVisible({ timeout: 15_000 })
    await expect.poll(async () => (await tool.received('auth_required')).length).toBe(1)
})

test('everything works with the keyboard', async ({ page, tool, office }) => {
    await open({ tool, office })
    await tool.isLive()
    const focus = () => tool.frame.locator(':focus')
    await page.keyboard.press('Tab')
    await expect(focus()).toHaveText('Resolve')
    await page.keyboard.press('Tab')
    await expect(focus()).toHaveAccessibleName('More')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await expect(focus()).toHaveText('Assign to me')
    await page.keyboard.press('Escape')
    await expect(focus()).toHaveAccessibleName('More')
    await page.keyboard.press('Tab')
    await expect(focus()).toHaveAccessibleName('Messages')
    await page.keyboard.press('Tab')
    await expect(focus()).toHaveText('Join')
    await page.keyboard.press('Enter')
    await expect(tool.box).toBeFocused()
    await page.keyboard.type('By keys')
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('ArrowRight')
    await expect(tool.box).toBeFocused()
    await page.keyboard.press('Control+Enter')
    await expect(tool.thread.locator('.note')).toContainText('By keys')
})

/** The conversations for the screenshots, once per server. */
const chats = new WeakMap<ConversationApi, Promise<number>>()
const seeded = (chat: ConversationApi, page: Page) => {
    const number = chats.get(chat) ?? photograph(page).then(picture => seedConversations(chat, picture))
    chats.set(chat, number)
    return number
}

/** What axe finds in the page and in its frame; on a busy machine axe now and then leaves the frame out. */
const violationsWithFrame = async (page: Page) => {
    let found = await new AxeBuilder({ page }).analyze()
    const isComplete = () => found.passes.some(({ nodes }) => nodes.some(({ target }) => target.length > 1))
    for (let more = 3; more && !isComplete(); more--) found = await new AxeBuilder({ page }).analyze()
    expect(isComplete(), 'the frame was examined').toBe(true)
    return found.violations
}

const folder = process.env.BELFRY_PICTURES
for (const colorScheme of ['light', 'dark'] as const) {
    for (const [lang, width, contact] of [['en', 320, 'Ann Lee'], ['en', 420, 'Ann Lee'], ['uk', 760, 'Оксана Мельник'], ['ar', 360, 'نورا الأحمد'], ['he', 500, 'נועה כהן']] as const) {
        test(`is legible and accessible: ${lang}, ${width} pixels, ${colorScheme}`, async ({ browser, office }) => {
            const options: BrowserContextOptions = { colorScheme, viewport: { width, height: 680 } }
            const context = await browser.newContext(options)
            const page = await context.newPage()
            const tool = await HostTool.at(page, office.pages, office.chat)
            const number = await seeded(office.chat, page)
            const more = await office.chat.startConversation(lang === 'ar' ? 'مرحبا، أين طلبي؟' : lang === 'he' ? 'שלום, איפה ההזמנה שלי?' : 'Hello', { name: contact })
            const name = `window-${lang}-${width}-${colorScheme}`
            const take = async (what: string) => folder && writeFileSync(join(folder, `${name}-${what}.png`), await page.screenshot({ animations: 'disabled' }))
            const check = async () => {
                const violations = await violationsWithFrame(page)
                expect(violations.map(({ id, nodes }) => [id, nodes.map(node => node.html)])).toEqual([])
                expect(await tool.frame.locator('body').evaluate(body => body.scrollWidth - body.clientWidth), 'nothing is wider than the window').toBeLessThanOrEqual(0)
            }
            const show = async (shown: number) => {
                const address = new URL(await office.backend.address('Ada Byron', await tool.uuid(shown)))
                address.searchParams.set('lang', lang)
                await tool.show(address.href, { width, height: 680 })
                await tool.isLive()
                await expect(tool.frame.locator('html')).toHaveAttribute('dir', lang === 'ar' || lang === 'he' ? 'rtl' : 'ltr')
            }
            await show(more)
            await check()
            await take('join')
            await show(number)
            if (await tool.frame.locator('#join').isVisible()) await tool.frame.locator('#join button').click()
            await tool.box.fill('Here is **the manual**.')
            await tool.frame.locator('input[type=file]').setInputFiles({ name: 'manual of the lamp.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7') })
            await tool.frame.locator('summary').click()
            await check()
            await take('menu')
            await page.keyboard.press('Escape')
            await tool.frame.locator('label', { has: page.locator('[value=note]') }).click()
            await check()
            await take('note')
            await tool.frame.locator('#thread').evaluate(thread => thread.scrollTo(0, -10_000))
            await take('first')
            await tool.show(`${office.belfry.origin}/inbox/embed/${await tool.uuid(number)}?lang=${lang}#t=bfo_nobody`, { width, height: 680 })
            await expect(tool.frame.locator('[role=alert]')).toBeVisible()
            await check()
            await take('ended')
            await context.close()
        })
    }
}

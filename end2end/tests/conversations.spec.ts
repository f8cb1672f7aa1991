// Agents in the console reply to contacts: live with a script, by plain forms without, and by
// keyboard.
import { AxeBuilder } from '@axe-core/playwright'
import type { Page, Request } from '@playwright/test'
import { ConsolePage, expect, person, test } from '../support/console.ts'
import { ConversationApi } from '../support/conversations.ts'

test.use({ viewport: { width: 1280, height: 800 } })

const begin = async (consolePage: ConsolePage, text = 'Is the green lamp in stock?') => {
    await consolePage.setUp()
    const chat = await ConversationApi.open(await consolePage.create('https://shop.example'))
    return { chat, number: await chat.startConversation(text) }
}
const thread = (page: Page) => page.locator('#messages')
const row = (page: Page, number: number) => page.locator(`.talk-row[data-number="${number}"]`)
const box = (page: Page) => page.locator('#talk-content')
const isLive = async (page: Page) => expect(page.locator('#talk')).toHaveAttribute('data-live', '1')

for (const javaScriptEnabled of [true, false]) {
    test.describe(javaScriptEnabled ? 'with scripts' : 'without scripts', () => {
        test.use({ javaScriptEnabled })

        test('a conversation is assigned, answered and resolved', async ({ consolePage }) => {
            const { chat, number } = await begin(consolePage)
            const { page } = consolePage
            await consolePage.go()
            await page.locator('.side').getByRole('link', { name: 'Conversations' }).click()
            await expect(row(page, number)).toContainText('Is the green lamp in stock?')
            await expect(row(page, number).locator('.pill')).toContainText('1')
            await row(page, number).getByRole('link').click()
            await consolePage.titled('Ann Lee')
            await expect(thread(page)).toContainText('Is the green lamp in stock?')
            await expect.poll(async () => (await chat.conversation(number)).unread_count).toBe(0)

            await consolePage.button('Assign to me').click()
            await expect(thread(page)).toContainText('self-assigned this conversation')
            await box(page).fill('Yes, **three** of them.')
            await consolePage.button('Send').click()
            await expect(thread(page).locator('.ours strong')).toHaveText('three')
            await page.getByRole('radio', { name: 'Private note' }).check({ force: true })
            await box(page).fill('A regular.')
            await consolePage.button('Send').click()
            await expect(thread(page).locator('.note')).toContainText('Private note')
            const said = await chat.messages(number)
            expect(said.filter(message => message.message_type === 1).map(message => [message.content, message.private])).toEqual([
                ['Yes, **three** of them.', false],
                ['A regular.', true]
            ])

            await page.locator('#talk-details select[name=priority]').selectOption('high')
            if (!javaScriptEnabled) await page.locator('#talk-details').getByRole('button', { name: 'Save' }).click()
            await expect(thread(page)).toContainText('set the priority to high')
            await consolePage.button('Resolve').click()
            await expect(page.locator('#talk-head .badge')).toHaveText('Resolved')
            expect(await chat.conversation(number)).toMatchObject({ status: 'resolved', priority: 'high', meta: { assignee: { name: person.name } } })
            await page.locator('.talk-list').getByRole('link', { name: /^All/ }).click()
            await expect(page.getByText('No conversations yet').or(page.getByText('No conversations found')).first()).toBeVisible()
        })
    })
}

test('a contact and two agents get live updates', async ({ consolePage, browser }) => {
    const { chat, number } = await begin(consolePage)
    const { page } = consolePage
    await consolePage.go('conversations')
    await isLive(page)
    const second = await chat.startConversation('Where is my order?', { name: 'Bo Kim' })
    await expect(row(page, second)).toContainText('Where is my order?')
    await row(page, number).getByRole('link').click()
    await isLive(page)
    await box(page).fill('half a sen')
    await chat.contactWrites(number, 'Are you there?')
    await expect(thread(page).locator('.theirs')).toHaveCount(2)
    await expect(box(page)).toHaveValue('half a sen')
    await expect(box(page)).toBeFocused()
    await chat.contactWrites(second, 'Hello?')
    await expect(row(page, second).locator('.pill')).toContainText('2')

    // The same account in another browser: each sees the other's actions.
    const colleague = await ConsolePage.at(browser, consolePage.belfry, { storageState: await page.context().storageState() })
    await colleague.page.goto(page.url())
    await isLive(colleague.page)
    await box(page).fill('A note of mine')
    await page.getByRole('radio', { name: 'Private note' }).check({ force: true })
    await page.keyboard.press('Control+Enter')
    await expect(box(page)).toHaveValue('')
    await expect(thread(colleague.page).locator('.note')).toContainText('A note of mine')
    await colleague.button('Resolve').click()
    await expect(page.locator('#talk-head .badge')).toHaveText('Resolved')
    await chat.contactWrites(number, 'One more thing')
    await expect(page.locator('#talk-head .badge')).toHaveText('Open')
    await colleague.page.context().close()
})

/** Delay before a part that changed during a fetch is fetched again. */
const PAUSE_MS = 200

test('an idle page sends no requests', async ({ consolePage }) => {
    const { chat, number } = await begin(consolePage)
    const { page } = consolePage
    await consolePage.go(`conversations/${number}`)
    await isLive(page)
    let requests = 0
    let looks = 0
    const isPart = (request: Request) => request.url().includes('part=')
    page.on('request', request => {
        if (isPart(request)) requests++
        if (request.url().endsWith('/seen')) looks++
    })
    // A response counts, too: one request may follow it, after a delay.
    page.on('requestfinished', request => isPart(request) && requests++)
    await chat.contactWrites(number, 'Are you there?')
    await expect(thread(page).locator('.theirs')).toHaveCount(2)
    await expect.poll(async () => (await chat.conversation(number)).unread_count).toBe(0)
    await consolePage.button('Assign to me').click()
    await expect(thread(page)).toContainText('self-assigned')
    // Requests in flight end; then unrelated events arrive, and cause no requests.
    const asked = async () => {
        const before = requests
        await page.waitForTimeout(2 * PAUSE_MS)
        for (const typing_status of ['on', 'off', 'on', 'off']) {
            await chat.call('POST', `/conversations/${number}/toggle_typing_status`, { typing_status })
            await expect(page.locator('#talk-typing')).toHaveText(typing_status === 'on' ? 'Bridge is typing…' : '')
        }
        return requests - before
    }
    await expect.poll(asked).toBe(0)
    expect(await asked()).toBe(0)
    expect(looks).toBeGreaterThan(0)
    expect(looks, 'one message is looked at once, or twice where it was told in two events').toBeLessThanOrEqual(2)
})

test('typing agents are shown to the others by name', async ({ consolePage }) => {
    const { chat, number } = await begin(consolePage)
    await consolePage.go(`conversations/${number}`)
    await isLive(consolePage.page)
    await chat.call('POST', `/conversations/${number}/toggle_typing_status`, { typing_status: 'on' })
    await expect(consolePage.page.locator('#talk-typing')).toHaveText('Bridge is typing…')
    await chat.call('POST', `/conversations/${number}/toggle_typing_status`, { typing_status: 'off' })
    await expect(consolePage.page.locator('#talk-typing')).toHaveText('')
    const typing = consolePage.page.waitForRequest(request => request.url().endsWith('/typing') && (request.postData() ?? '').includes('typing=on'))
    await box(consolePage.page).pressSequentially('Yes')
    await typing
})

test('a draft survives a reload, and is removed once it is sent', async ({ consolePage }) => {
    const { number } = await begin(consolePage)
    const { page } = consolePage
    await consolePage.go(`conversations/${number}`)
    await page.getByRole('radio', { name: 'Private note' }).check({ force: true })
    await box(page).fill('To be continued')
    await page.reload()
    await expect(box(page)).toHaveValue('To be continued')
    await expect(page.getByRole('radio', { name: 'Private note' })).toBeChecked()
    await box(page).press('Control+Enter')
    await expect(thread(page).locator('.note')).toContainText('To be continued')
    await page.reload()
    await expect(thread(page).locator('.note')).toHaveCount(1)
    await expect(box(page)).toHaveValue('')
})

test('a failed message is reported and stays', async ({ consolePage }) => {
    const { number } = await begin(consolePage)
    const { page } = consolePage
    await consolePage.go(`conversations/${number}`)
    await isLive(page)
    await consolePage.button('Send').click()
    await expect(page.getByRole('alert')).toContainText('write something, or attach a file')
    await page.route('**/messages', route => route.abort())
    await box(page).fill('Into the void')
    await page.keyboard.press('Control+Enter')
    await expect(page.getByRole('alert')).toContainText('It was not sent')
    await expect(box(page)).toHaveValue('Into the void')
    await page.unroute('**/messages')
    await page.keyboard.press('Control+Enter')
    await expect(thread(page).locator('.ours')).toContainText('Into the void')
    await expect(page.getByRole('alert')).toBeHidden()
})

test('the stream reconnects after an outage, and nothing is missed', async ({ consolePage }) => {
    test.setTimeout(90_000)
    const { chat, number } = await begin(consolePage)
    await consolePage.go(`conversations/${number}`)
    await isLive(consolePage.page)
    await consolePage.belfry.stop()
    await expect(consolePage.page.locator('#talk-offline')).toBeVisible({ timeout: 20_000 })
    await consolePage.belfry.restart()
    await chat.contactWrites(number, 'While you were away')
    await expect(thread(consolePage.page)).toContainText('While you were away', { timeout: 30_000 })
    await expect(consolePage.page.locator('#talk-offline')).toBeHidden()
})

test('everything works with the keyboard', async ({ consolePage }) => {
    const { chat, number } = await begin(consolePage)
    const second = await chat.startConversation('Second', { name: 'Bo Kim' })
    const { page } = consolePage
    await consolePage.go('conversations')
    await isLive(page)
    await page.keyboard.press('?')
    await expect(page.getByRole('dialog')).toContainText('Next conversation')
    const dialog = await page.getByRole('dialog').boundingBox()
    expect(dialog && Math.abs(dialog.x + dialog.width / 2 - 640), 'it stands in the middle').toBeLessThan(2)
    await page.keyboard.press('Escape')
    await page.keyboard.press('j')
    await expect(row(page, second).getByRole('link')).toBeFocused()
    await page.keyboard.press('j')
    await expect(row(page, number).getByRole('link')).toBeFocused()
    await page.keyboard.press('k')
    await page.keyboard.press('Enter')
    await consolePage.titled('Bo Kim')
    await isLive(page)
    await page.keyboard.press('j')
    await consolePage.titled('Ann Lee')
    await isLive(page)
    await page.keyboard.press('a')
    await expect(thread(page)).toContainText('self-assigned')
    await page.keyboard.press('r')
    await expect(box(page)).toBeFocused()
    await page.keyboard.type('e is a letter')
    await page.keyboard.press('Control+Enter')
    await expect(thread(page).locator('.ours')).toContainText('e is a letter')
    await page.keyboard.press('Escape')
    await page.keyboard.press('n')
    await expect(page.getByRole('radio', { name: 'Private note' })).toBeChecked()
    await page.keyboard.press('Escape')
    await page.keyboard.press('e')
    await expect(page.locator('#talk-head .badge')).toHaveText('Resolved')
    await page.keyboard.press('/')
    await expect(page.getByRole('searchbox')).toBeFocused()
    await page.keyboard.type('second')
    await page.keyboard.press('Enter')
    await expect(page.locator('.talk-row')).toHaveCount(1)
    expect((await chat.conversation(number)).status).toBe('resolved')
})

test('files are sent in both directions', async ({ consolePage }) => {
    const { chat, number } = await begin(consolePage)
    const { page } = consolePage
    await chat.contactSendsFiles(number, 'Look', [new File(['<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'], 'hostile.svg', { type: 'image/svg+xml' })])
    await consolePage.go(`conversations/${number}`)
    await isLive(page)
    const file = thread(page).locator('.files a')
    await expect(file).toHaveAttribute('target', '_blank')
    await expect(file.locator('img')).toHaveCount(0)
    await page.locator('input[name=attachments]').setInputFiles({ name: 'manual.txt', mimeType: 'text/plain', buffer: Buffer.from('read me') })
    await consolePage.button('Send').click()
    await expect(thread(page).locator('.ours .files')).toContainText('manual.txt')
    expect((await chat.messages(number)).at(-1)?.attachments?.[0]?.file_size).toBe(7)
})

test('files are listed before they are sent, and can be removed', async ({ consolePage }) => {
    const { chat, number } = await begin(consolePage)
    const { page } = consolePage
    await consolePage.go(`conversations/${number}`)
    await isLive(page)
    const file = (name: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(name) })
    const chooser = page.locator('input[name=attachments]')
    await chooser.setInputFiles([file('one.txt'), file('two.txt')])
    // A second selection adds to the first, and so do dropped and pasted files.
    await chooser.setInputFiles(file('three.txt'))
    await page.locator('#talk-composer').evaluate(composer => {
        for (const [type, name, field] of [['drop', 'four.txt', 'dataTransfer'], ['paste', 'five.txt', 'clipboardData']] as const) {
            const data = new DataTransfer()
            data.items.add(new File([name], name, { type: 'text/plain' }))
            const event = type === 'drop' ? new DragEvent(type, { bubbles: true, cancelable: true, [field]: data }) : new ClipboardEvent(type, { bubbles: true, cancelable: true, [field]: data })
            composer.dispatchEvent(event)
        }
    })
    const chosen = page.locator('#talk-files li')
    await expect(chosen).toHaveText([/one/, /two/, /three/, /four/, /five/])
    await page.getByRole('button', { name: 'Leave out two.txt' }).click()
    await expect(chosen).toHaveText([/one/, /three/, /four/, /five/])
    await consolePage.button('Send').click()
    await expect(thread(page).locator('.ours .file')).toHaveText([/one\.txt/, /three\.txt/, /four\.txt/, /five\.txt/])
    await expect(chosen).toHaveCount(0)
    // The next message has no files.
    await box(page).fill('That is all')
    await consolePage.button('Send').click()
    await expect(thread(page).locator('.ours')).toHaveCount(2)
    expect((await chat.messages(number)).at(-1)?.attachments ?? []).toEqual([])
})

test('consecutive messages of one sender are grouped', async ({ consolePage }) => {
    const { chat, number } = await begin(consolePage)
    const { page } = consolePage
    await chat.contactWrites(number, 'One more thing')
    const write = (content: string, more: object = {}) => chat.call('POST', `/conversations/${number}/messages`, { content, message_type: 'outgoing', ...more })
    await write('Yes')
    await write('A note', { private: true })
    await write('Of course')
    await consolePage.go(`conversations/${number}`)
    await isLive(page)
    const together = () => thread(page).locator('.message').evaluateAll(items => items.map(item => item.classList.contains('goes-on')))
    expect(await together()).toEqual([false, true, false, false, false])
    await write('And more')
    await expect.poll(together).toEqual([false, true, false, false, false, true])
    await chat.contactWrites(number, 'Thank you')
    await expect.poll(together).toEqual([false, true, false, false, false, true, false])
    // Screen readers still get the sender of each.
    await expect(thread(page).locator('.goes-on .who').first()).toHaveText('Ann Lee')
})

test('hostile names and messages execute nothing', async ({ consolePage }) => {
    const hostile = '"><img src=x onerror="window.owned=1"><script>window.owned=1</script>'
    const { chat } = await begin(consolePage)
    const number = await chat.startConversation(`${hostile} https://shop.example/"onmouseover=alert(1)`, { name: hostile.slice(0, 200), identifier: hostile.slice(0, 100) })
    const { page } = consolePage
    await consolePage.go(`conversations/${number}`)
    await isLive(page)
    await chat.contactWrites(number, `again ${hostile}`)
    await expect(thread(page)).toContainText('again ">')
    await box(page).fill(hostile)
    await page.keyboard.press('Control+Enter')
    await expect(thread(page).locator('.ours')).toContainText('<script>')
    await expect(thread(page).locator('img, script')).toHaveCount(0)
    expect(await page.evaluate(() => 'owned' in window)).toBe(false)
})

test('on a phone one pane is shown at a time', async ({ consolePage }) => {
    const { number } = await begin(consolePage, 'A word that is too long: ' + 'x'.repeat(300))
    const { page } = consolePage
    await page.setViewportSize({ width: 390, height: 800 })
    for (const path of ['conversations', `conversations/${number}`]) {
        await consolePage.go(path)
        await isLive(page)
        expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0)
    }
    await expect(page.locator('.talk-list')).toBeHidden()
    await expect(box(page)).toBeInViewport()
    await page.locator('.thread-name a').click()
    await expect(page.locator('#contact')).toBeInViewport()
    await page.locator('#contact .close').click()
    await page.getByRole('link', { name: 'Back to the list' }).click()
    await expect(row(page, number)).toBeVisible()
    await expect(page.locator('.talk-thread')).toBeHidden()
})

for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(colorScheme, () => {
        test.use({ colorScheme })

        test('each page is accessible', async ({ consolePage }) => {
            test.setTimeout(120_000)
            const { page } = consolePage
            await consolePage.setUp()
            const site = await consolePage.create('https://shop.example')
            const found: string[] = []
            const examine = async (name: string) => {
                const { violations } = await new AxeBuilder({ page }).analyze()
                found.push(...violations.map(({ id, nodes }) => `${name}: ${id}: ${nodes.map(node => `${node.html.slice(0, 140)} ${node.any[0]?.message ?? ''}`).join(' | ')}`))
            }
            await consolePage.go('conversations')
            await examine('no inbox')
            const chat = await ConversationApi.open(site)
            await consolePage.go('conversations')
            await examine('no conversation')
            await isLive(page)
            const number = await chat.startConversation('Is the green lamp in stock?')
            // The page loads itself again.
            await expect(page.locator('#talk-list')).toBeVisible()
            await chat.startConversation('Second', { email: 'bo@shop.example' })
            await chat.call('POST', `/conversations/${number}/messages`, { content: 'Yes, **three**', message_type: 'outgoing' })
            await chat.call('POST', `/conversations/${number}/messages`, { content: 'A *regular*', message_type: 'outgoing', private: true })
            await chat.call('POST', `/conversations/${number}/labels`, { labels: ['lamps', 'vip'] })
            await chat.call('PATCH', `/conversations/${number}`, { priority: 'urgent' })
            for (const width of [1280, 390]) {
                await page.setViewportSize({ width, height: 800 })
                for (const [name, path] of [['list', 'conversations'], ['nothing', 'conversations?q=zzzz'], ['thread', `conversations/${number}`]] as const) {
                    await consolePage.go(path)
                    await isLive(page)
                    await examine(`${name} ${width}`)
                }
            }
            await page.locator('#talk-head [data-popup] summary').click()
            await examine('snooze')
            await page.keyboard.press('Escape')
            await page.keyboard.press('?')
            await examine('keys')
            expect(found).toEqual([])
        })
    })
}

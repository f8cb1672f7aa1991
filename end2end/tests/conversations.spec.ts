// Agents at the console answer those who write to the site: live with a script, by plain forms without, and by the keyboard alone.
import { AxeBuilder } from '@axe-core/playwright'
import type { Page, Request } from '@playwright/test'
import { Desk, expect, person, test } from '../support/console.ts'
import { Chat } from '../support/conversations.ts'

test.use({ viewport: { width: 1280, height: 800 } })

const begin = async (desk: Desk, text = 'Is the green lamp in stock?') => {
    await desk.setUp()
    const chat = await Chat.open(await desk.create('https://shop.example'))
    return { chat, number: await chat.begin(text) }
}
const thread = (page: Page) => page.locator('#messages')
const row = (page: Page, number: number) => page.locator(`.talk-row[data-number="${number}"]`)
const box = (page: Page) => page.locator('#talk-content')
const isLive = async (page: Page) => expect(page.locator('#talk')).toHaveAttribute('data-live', '1')

for (const javaScriptEnabled of [true, false]) {
    test.describe(javaScriptEnabled ? 'with scripts' : 'without scripts', () => {
        test.use({ javaScriptEnabled })

        test('a question is taken, answered and resolved', async ({ desk }) => {
            const { chat, number } = await begin(desk)
            const { page } = desk
            await desk.go()
            await page.locator('.side').getByRole('link', { name: 'Conversations' }).click()
            await expect(row(page, number)).toContainText('Is the green lamp in stock?')
            await expect(row(page, number).locator('.pill')).toContainText('1')
            await row(page, number).getByRole('link').click()
            await desk.titled('Ann Lee')
            await expect(thread(page)).toContainText('Is the green lamp in stock?')
            await expect.poll(async () => (await chat.conversation(number)).unread_count).toBe(0)

            await desk.button('Assign to me').click()
            await expect(thread(page)).toContainText('self-assigned this conversation')
            await box(page).fill('Yes, **three** of them.')
            await desk.button('Send').click()
            await expect(thread(page).locator('.ours strong')).toHaveText('three')
            await page.getByRole('radio', { name: 'Private note' }).check({ force: true })
            await box(page).fill('A regular.')
            await desk.button('Send').click()
            await expect(thread(page).locator('.note')).toContainText('Private note')
            const said = await chat.messages(number)
            expect(said.filter(message => message.message_type === 1).map(message => [message.content, message.private])).toEqual([
                ['Yes, **three** of them.', false],
                ['A regular.', true]
            ])

            await page.locator('#talk-details select[name=priority]').selectOption('high')
            if (!javaScriptEnabled) await page.locator('#talk-details').getByRole('button', { name: 'Save' }).click()
            await expect(thread(page)).toContainText('set the priority to high')
            await desk.button('Resolve').click()
            await expect(page.locator('#talk-head .badge')).toHaveText('Resolved')
            expect(await chat.conversation(number)).toMatchObject({ status: 'resolved', priority: 'high', meta: { assignee: { name: person.name } } })
            await page.locator('.talk-list').getByRole('link', { name: /^All/ }).click()
            await expect(page.getByText('No conversations yet').or(page.getByText('No conversations found')).first()).toBeVisible()
        })
    })
}

test('contact and two agents hear of each other live', async ({ desk, browser }) => {
    const { chat, number } = await begin(desk)
    const { page } = desk
    await desk.go('conversations')
    await isLive(page)
    const second = await chat.begin('Where is my order?', { name: 'Bo Kim' })
    await expect(row(page, second)).toContainText('Where is my order?')
    await row(page, number).getByRole('link').click()
    await isLive(page)
    await box(page).fill('half a sen')
    await chat.says(number, 'Are you there?')
    await expect(thread(page).locator('.theirs')).toHaveCount(2)
    await expect(box(page)).toHaveValue('half a sen')
    await expect(box(page)).toBeFocused()
    await chat.says(second, 'Hello?')
    await expect(row(page, second).locator('.pill')).toContainText('2')

    // Somebody else at another desk, with the same account in another browser: what one does, the other sees.
    const colleague = await Desk.at(browser, desk.belfry, { storageState: await page.context().storageState() })
    await colleague.page.goto(page.url())
    await isLive(colleague.page)
    await box(page).fill('A note of mine')
    await page.getByRole('radio', { name: 'Private note' }).check({ force: true })
    await page.keyboard.press('Control+Enter')
    await expect(box(page)).toHaveValue('')
    await expect(thread(colleague.page).locator('.note')).toContainText('A note of mine')
    await colleague.button('Resolve').click()
    await expect(page.locator('#talk-head .badge')).toHaveText('Resolved')
    await chat.says(number, 'One more thing')
    await expect(page.locator('#talk-head .badge')).toHaveText('Open')
    await colleague.page.context().close()
})

/** How long the page waits before it asks once more for a part that changed while it was fetched. */
const PAUSE_MS = 200

test('a page asks for nothing while nothing happens', async ({ desk }) => {
    const { chat, number } = await begin(desk)
    const { page } = desk
    await desk.go(`conversations/${number}`)
    await isLive(page)
    let requests = 0
    let looks = 0
    const isPart = (request: Request) => request.url().includes('part=')
    page.on('request', request => {
        if (isPart(request)) requests++
        if (request.url().endsWith('/seen')) looks++
    })
    // An answer counts, too: one request may follow it, after a pause.
    page.on('requestfinished', request => isPart(request) && requests++)
    await chat.says(number, 'Are you there?')
    await expect(thread(page).locator('.theirs')).toHaveCount(2)
    await expect.poll(async () => (await chat.conversation(number)).unread_count).toBe(0)
    await desk.button('Assign to me').click()
    await expect(thread(page)).toContainText('self-assigned')
    // What is still under way ends; then some other events come, and nothing is asked for by them.
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

test('whoever types is named to the others', async ({ desk }) => {
    const { chat, number } = await begin(desk)
    await desk.go(`conversations/${number}`)
    await isLive(desk.page)
    await chat.call('POST', `/conversations/${number}/toggle_typing_status`, { typing_status: 'on' })
    await expect(desk.page.locator('#talk-typing')).toHaveText('Bridge is typing…')
    await chat.call('POST', `/conversations/${number}/toggle_typing_status`, { typing_status: 'off' })
    await expect(desk.page.locator('#talk-typing')).toHaveText('')
    const typing = desk.page.waitForRequest(request => request.url().endsWith('/typing') && (request.postData() ?? '').includes('typing=on'))
    await box(desk.page).pressSequentially('Yes')
    await typing
})

test('a draft survives a reload, and is gone once it is sent', async ({ desk }) => {
    const { number } = await begin(desk)
    const { page } = desk
    await desk.go(`conversations/${number}`)
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

test('what could not be sent is said and stays', async ({ desk }) => {
    const { number } = await begin(desk)
    const { page } = desk
    await desk.go(`conversations/${number}`)
    await isLive(page)
    await desk.button('Send').click()
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

test('the stream comes back after the server was away, and nothing is missed', async ({ desk }) => {
    test.setTimeout(90_000)
    const { chat, number } = await begin(desk)
    await desk.go(`conversations/${number}`)
    await isLive(desk.page)
    await desk.belfry.stop()
    await expect(desk.page.locator('#talk-offline')).toBeVisible({ timeout: 20_000 })
    await desk.belfry.restart()
    await chat.says(number, 'While you were away')
    await expect(thread(desk.page)).toContainText('While you were away', { timeout: 30_000 })
    await expect(desk.page.locator('#talk-offline')).toBeHidden()
})

test('everything is done by the keyboard', async ({ desk }) => {
    const { chat, number } = await begin(desk)
    const second = await chat.begin('Second', { name: 'Bo Kim' })
    const { page } = desk
    await desk.go('conversations')
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
    await desk.titled('Bo Kim')
    await isLive(page)
    await page.keyboard.press('j')
    await desk.titled('Ann Lee')
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

test('files go both ways', async ({ desk }) => {
    const { chat, number } = await begin(desk)
    const { page } = desk
    await chat.sends(number, 'Look', [new File(['<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'], 'hostile.svg', { type: 'image/svg+xml' })])
    await desk.go(`conversations/${number}`)
    await isLive(page)
    const file = thread(page).locator('.files a')
    await expect(file).toHaveAttribute('target', '_blank')
    await expect(file.locator('img')).toHaveCount(0)
    await page.locator('input[name=attachments]').setInputFiles({ name: 'manual.txt', mimeType: 'text/plain', buffer: Buffer.from('read me') })
    await desk.button('Send').click()
    await expect(thread(page).locator('.ours .files')).toContainText('manual.txt')
    expect((await chat.messages(number)).at(-1)?.attachments?.[0]?.file_size).toBe(7)
})

test('files are listed before they are sent, and one can be left out', async ({ desk }) => {
    const { chat, number } = await begin(desk)
    const { page } = desk
    await desk.go(`conversations/${number}`)
    await isLive(page)
    const file = (name: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(name) })
    const chooser = page.locator('input[name=attachments]')
    await chooser.setInputFiles([file('one.txt'), file('two.txt')])
    // A second choice adds to the first, and so do what is dropped and what is pasted.
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
    await desk.button('Send').click()
    await expect(thread(page).locator('.ours .file')).toHaveText([/one\.txt/, /three\.txt/, /four\.txt/, /five\.txt/])
    await expect(chosen).toHaveCount(0)
    // The next message has none of them.
    await box(page).fill('That is all')
    await desk.button('Send').click()
    await expect(thread(page).locator('.ours')).toHaveCount(2)
    expect((await chat.messages(number)).at(-1)?.attachments ?? []).toEqual([])
})

test('what one says in one breath stands under one name', async ({ desk }) => {
    const { chat, number } = await begin(desk)
    const { page } = desk
    await chat.says(number, 'One more thing')
    const write = (content: string, more: object = {}) => chat.call('POST', `/conversations/${number}/messages`, { content, message_type: 'outgoing', ...more })
    await write('Yes')
    await write('A note', { private: true })
    await write('Of course')
    await desk.go(`conversations/${number}`)
    await isLive(page)
    const together = () => thread(page).locator('.message').evaluateAll(items => items.map(item => item.classList.contains('goes-on')))
    expect(await together()).toEqual([false, true, false, false, false])
    await write('And more')
    await expect.poll(together).toEqual([false, true, false, false, false, true])
    await chat.says(number, 'Thank you')
    await expect.poll(together).toEqual([false, true, false, false, false, true, false])
    // Who said it is there for those who listen.
    await expect(thread(page).locator('.goes-on .who').first()).toHaveText('Ann Lee')
})

test('hostile names and messages run nothing', async ({ desk }) => {
    const hostile = '"><img src=x onerror="window.owned=1"><script>window.owned=1</script>'
    const { chat } = await begin(desk)
    const number = await chat.begin(`${hostile} https://shop.example/"onmouseover=alert(1)`, { name: hostile.slice(0, 200), identifier: hostile.slice(0, 100) })
    const { page } = desk
    await desk.go(`conversations/${number}`)
    await isLive(page)
    await chat.says(number, `again ${hostile}`)
    await expect(thread(page)).toContainText('again ">')
    await box(page).fill(hostile)
    await page.keyboard.press('Control+Enter')
    await expect(thread(page).locator('.ours')).toContainText('<script>')
    await expect(thread(page).locator('img, script')).toHaveCount(0)
    expect(await page.evaluate(() => 'owned' in window)).toBe(false)
})

test('on a phone one thing is shown at a time', async ({ desk }) => {
    const { number } = await begin(desk, 'A word that is too long: ' + 'x'.repeat(300))
    const { page } = desk
    await page.setViewportSize({ width: 390, height: 800 })
    for (const path of ['conversations', `conversations/${number}`]) {
        await desk.go(path)
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

        test('each of the pages is accessible', async ({ desk }) => {
            test.setTimeout(120_000)
            const { page } = desk
            await desk.setUp()
            const site = await desk.create('https://shop.example')
            const found: string[] = []
            const examine = async (name: string) => {
                const { violations } = await new AxeBuilder({ page }).analyze()
                found.push(...violations.map(({ id, nodes }) => `${name}: ${id}: ${nodes.map(node => `${node.html.slice(0, 140)} ${node.any[0]?.message ?? ''}`).join(' | ')}`))
            }
            await desk.go('conversations')
            await examine('no inbox')
            const chat = await Chat.open(site)
            await desk.go('conversations')
            await examine('no conversation')
            const number = await chat.begin('Is the green lamp in stock?')
            await chat.begin('Second', { email: 'bo@shop.example' })
            await chat.call('POST', `/conversations/${number}/messages`, { content: 'Yes, **three**', message_type: 'outgoing' })
            await chat.call('POST', `/conversations/${number}/messages`, { content: 'A *regular*', message_type: 'outgoing', private: true })
            await chat.call('POST', `/conversations/${number}/labels`, { labels: ['lamps', 'vip'] })
            await chat.call('PATCH', `/conversations/${number}`, { priority: 'urgent' })
            for (const width of [1280, 390]) {
                await page.setViewportSize({ width, height: 800 })
                for (const [name, path] of [['list', 'conversations'], ['nothing', 'conversations?q=zzzz'], ['thread', `conversations/${number}`]] as const) {
                    await desk.go(path)
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

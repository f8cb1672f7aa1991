// Hostile names, messages and files, as agents and customers see them: no script runs, nothing
// covers or moves its surroundings, and files other than images are downloaded.
import type { Locator, Page } from '@playwright/test'
import { Demo } from '../support/belfry.ts'
import { expect, test } from '../support/console.ts'
import { ConversationApi } from '../support/conversations.ts'
import { files, longest, MARK, pixel, texts } from '../support/hostile.ts'

/** Fails if hostile content was executed. */
const isCalm = async (page: Page) => {
    expect(await page.evaluate(mark => mark in window, MARK)).toBe(false)
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 'the page is as wide as its window').toBe(0)
}

/** Records every dialog and every tab that a page opens. */
const watch = (page: Page) => {
    const seen: string[] = []
    page.on('dialog', dialog => (seen.push(dialog.message()), void dialog.dismiss()))
    page.on('pageerror', error => seen.push(error.message))
    page.on('popup', popup => seen.push(popup.url()))
    return seen
}

/** Asserts that all content of these messages is inside the scrolling box. */
const isWithin = async (messages: Locator, box: Locator) => {
    expect(await box.evaluate(element => element.scrollWidth - element.clientWidth), 'nothing is wider than the thread').toBe(0)
    const room = await box.boundingBox()
    for (const message of await messages.all()) {
        const place = await message.boundingBox()
        expect(place && room && place.x >= room.x && place.x + place.width <= room.x + room.width, await message.innerText()).toBe(true)
    }
}

/** Opens a URL in a tab as a click on a link does, and asserts a download. */
const isDownloaded = async (page: Page, link: Locator) => {
    const href = (await link.getAttribute('href')) ?? ''
    const address = new URL(href, page.url()).href
    const tab = await page.context().newPage()
    const [download] = await Promise.all([tab.waitForEvent('download'), tab.goto(address).catch(() => undefined)])
    expect(tab.url(), 'nothing of the file is shown').toBe('about:blank')
    expect(download.suggestedFilename()).not.toMatch(/[\u202A-\u202E\u2066-\u2069/\\<>"]/)
    await download.cancel()
    await tab.close()
}

for (const width of [1280, 390]) {
    test.describe(`${width} px wide`, () => {
        test.use({ viewport: { width, height: 800 } })

        test('hostile content is harmless for agents', async ({ consolePage }) => {
            test.setTimeout(120_000)
            const { page } = consolePage
            const seen = watch(page)
            await consolePage.setUp()
            const chat = await ConversationApi.open(await consolePage.create('https://shop.example'), texts.markup?.slice(0, 100))
            const numbers: number[] = []
            for (const text of Object.values(texts)) {
                // A name is one line without control characters, or rejected.
                const name = text.slice(0, 250).replace(/[\p{Cc}\u2028]/gu, ' ').trim()
                const number = await chat.startConversation(text, { name, identifier: `id ${numbers.length}` })
                await chat.call('POST', `/conversations/${number}/messages`, { content: text, message_type: 'outgoing' })
                await chat.call('POST', `/conversations/${number}/messages`, { content: text, message_type: 'outgoing', private: true })
                numbers.push(number)
            }
            await consolePage.go('conversations')
            await expect(page.locator('.talk-row')).toHaveCount(numbers.length)
            await isWithin(page.locator('.talk-row'), page.locator('#talk-rows'))
            for (const row of await page.locator('.talk-row').all()) expect((await row.boundingBox())?.height, 'each row is as high as any other').toBeLessThan(90)
            await isCalm(page)
            for (const number of numbers) {
                await consolePage.go(`conversations/${number}`)
                await expect(page.locator('#talk')).toHaveAttribute('data-live', '1')
                await expect(page.locator('#messages > .message')).toHaveCount(3)
                await isWithin(page.locator('#messages > .message'), page.locator('#talk-messages'))
                await expect(page.locator('#talk-head')).toBeInViewport()
                await expect(page.locator('#talk-content')).toBeInViewport()
                expect((await page.locator('#talk-head').boundingBox())?.height).toBeLessThan(140)
                expect(await page.locator('#messages').locator('img, script, style, svg, iframe, form:not([data-quick])').count()).toBe(0)
                for (const link of await page.locator('#messages a').all()) expect(await link.getAttribute('href')).toMatch(/^(https?|mailto):/)
                await isCalm(page)
            }
            // The same, inserted by the script.
            for (const text of Object.values(texts)) await chat.contactWrites(numbers[0] ?? 0, text)
            await consolePage.go(`conversations/${numbers[0]}`)
            for (const text of Object.values(texts)) await chat.contactWrites(numbers[0] ?? 0, `again ${text}`)
            await expect(page.locator('#messages > .theirs').last()).toContainText('again')
            await isWithin(page.locator('#messages > .message'), page.locator('#talk-messages'))
            await isCalm(page)
            expect(seen).toEqual([])
        })

        test('a message of 150,000 characters leaves the thread usable', async ({ consolePage }) => {
            const { page } = consolePage
            await consolePage.setUp()
            const chat = await ConversationApi.open(await consolePage.create('https://shop.example'))
            const number = await chat.startConversation('short')
            await consolePage.go(`conversations/${number}`)
            await expect(page.locator('#talk')).toHaveAttribute('data-live', '1')
            await chat.contactWrites(number, longest)
            const whole = page.getByRole('link', { name: 'Show the whole message' })
            await expect(whole).toBeAttached()
            await isWithin(page.locator('#messages > .message'), page.locator('#talk-messages'))
            await expect(page.locator('#talk-content')).toBeInViewport()
            const [tab] = await Promise.all([page.waitForEvent('popup'), whole.click()])
            await expect(tab.locator('body')).toContainText(longest.slice(-2_000).trim())
            expect(await tab.evaluate(() => document.contentType)).toBe('text/plain')
            await tab.close()
            await isCalm(page)
        })

        test('agents get mislabelled files as downloads', async ({ consolePage }) => {
            test.setTimeout(120_000)
            const { page } = consolePage
            await consolePage.setUp()
            const chat = await ConversationApi.open(await consolePage.create('https://shop.example'))
            const number = await chat.startConversation('Look')
            await chat.contactSendsFiles(number, '', files.map(({ name, type, bytes }) => new File([new Uint8Array(bytes)], name, { type })))
            await chat.contactSendsFiles(number, '', [new File([new Uint8Array(pixel)], 'real.html', { type: 'text/html' })])
            await consolePage.go(`conversations/${number}`)
            const links = page.locator('#messages .file')
            await expect(links).toHaveCount(files.length)
            await expect(page.locator('#messages img')).toHaveCount(1)
            await isWithin(page.locator('#messages > .message'), page.locator('#talk-messages'))
            await isWithin(links, page.locator('#talk-messages'))
            for (const link of await links.all()) await isDownloaded(page, link)
            await isCalm(page)
        })

        test('hostile content is harmless for customers', async ({ browser }) => {
            test.setTimeout(120_000)
            const demo = await Demo.start()
            const context = await browser.newContext({ viewport: { width, height: 800 } })
            const page = await context.newPage()
            const seen = watch(page)
            try {
                const list = page.locator('#chat-messages > li')
                // An agent may have any name.
                await page.route('**/messages', async route => {
                    if (route.request().method() !== 'GET') return route.continue()
                    const response = await route.fetch()
                    const messages = (await response.json()) as { sender?: { name: string }; content: string }[]
                    for (const message of messages) if (message.sender) message.sender.name = message.content
                    await route.fulfill({ response, json: messages })
                })
                await page.goto(`${demo.shop}/write`)
                await page.getByLabel('Your message').fill('Hello')
                await page.getByRole('button', { name: 'Send', exact: true }).click()
                await expect(page.locator('.mine:not(.sending)')).toHaveCount(1)
                const [conversation] = (await demo.asAgent<{ data: { payload: { id: number }[] } }>('/conversations')).data.payload
                for (const content of Object.values(texts)) await demo.asAgent(`/conversations/${conversation?.id}/messages`, { content })
                const form = new FormData()
                for (const { name, type, bytes } of files) form.append('attachments[]', new File([new Uint8Array(bytes)], name, { type }))
                await demo.asAgent(`/conversations/${conversation?.id}/messages`, form)
                const all = 2 + Object.keys(texts).length
                for (const reload of [false, true]) {
                    if (reload) await page.reload()
                    await expect(list).toHaveCount(all)
                    await expect(page.locator('.chat-attached a')).toHaveCount(files.length)
                    await isWithin(list, page.locator('.chat-log'))
                    expect(await list.locator('img, script, style, svg, iframe').count()).toBe(0)
                    for (const link of await list.locator('a').all()) expect(await link.getAttribute('href')).toMatch(/^https?:/)
                    await isCalm(page)
                }
                for (const link of await page.locator('.chat-attached a').all()) await isDownloaded(page, link)
                await demo.asAgent(`/conversations/${conversation?.id}/messages`, { content: longest })
                await expect(list).toHaveCount(all + 1)
                await isWithin(list, page.locator('.chat-log'))
                await expect(page.getByLabel('Your message')).toBeVisible()
                expect(seen).toEqual([])
            } finally {
                await context.close()
                await demo.end()
            }
        })
    })
}

test('stacked combining marks do not cover the previous message', async ({ consolePage }) => {
    const { page } = consolePage
    await consolePage.setUp()
    const chat = await ConversationApi.open(await consolePage.create('https://shop.example'))
    const number = await chat.startConversation('A plain question, with nothing above it')
    await consolePage.go(`conversations/${number}`)
    await expect(page.locator('#talk')).toHaveAttribute('data-live', '1')
    const before = page.locator('#messages > .theirs .said').first()
    const plain = await before.screenshot()
    await chat.contactWrites(number, texts.zalgo ?? '')
    await expect(page.locator('#messages > .theirs')).toHaveCount(2)
    expect(plain.equals(await before.screenshot())).toBe(true)
})

// Canned responses: stored replies that agents insert by a short code.
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { type ConsolePage, expect, person, test } from '../support/console.ts'
import { ConversationApi } from '../support/conversations.ts'

test.use({ viewport: { width: 1280, height: 800 } })

const begin = async (consolePage: ConsolePage) => {
    await consolePage.setUp()
    const chat = await ConversationApi.open(await consolePage.create('https://shop.example'))
    return { chat, number: await chat.startConversation('Is the green lamp in stock?') }
}
const stock = async (chat: ConversationApi) => {
    for (const [short_code, content] of [
        ['hello', 'Hello {{contact.first_name}}! I am {{agent.name}}.'],
        ['stock', 'Yes, it is in stock.\n\nShall I put one aside?'],
        ['late', 'Sorry for the delay, {{ contact.last_name | default: "dear customer" }}.'],
        ['order', 'Your order {{ order }} is on its way.']
    ]) {
        await chat.call('POST', '/canned_responses', { short_code, content })
    }
}
const box = (page: Page) => page.locator('#talk-content')
const list = (page: Page) => page.getByRole('listbox', { name: 'Canned responses' })
const option = (page: Page, name: string | RegExp) => list(page).getByRole('option', { name })
const chosen = (page: Page) => list(page).locator('[aria-selected="true"] b')
const open = async (consolePage: ConsolePage, number: number) => {
    await consolePage.go(`conversations/${number}`)
    await expect(consolePage.page.locator('#talk')).toHaveAttribute('data-live', '1')
}

for (const javaScriptEnabled of [true, false]) {
    test.describe(javaScriptEnabled ? 'with scripts' : 'without scripts', () => {
        test.use({ javaScriptEnabled })

        test('a response is created, inserted, changed and deleted', async ({ consolePage }) => {
            const { chat, number } = await begin(consolePage)
            const { page } = consolePage
            await consolePage.go('conversations')
            await consolePage.link('Canned responses').click()
            await expect(page.getByText('No canned responses yet')).toBeVisible()
            await consolePage.link('New canned response').click()
            await consolePage.fill({ 'Short code': '/stock', Content: 'Yes, {{contact.first_name}}!\nShall I put one aside?' })
            await consolePage.button('Save').click()
            await expect(page.getByRole('cell', { name: 'stock' })).toBeVisible()

            await consolePage.go(`conversations/${number}`)
            await box(page).fill('Good morning.')
            await box(page).press('End')
            await page.locator('.canned summary').click()
            await page.locator('.canned').getByRole('button', { name: 'stock' }).click()
            await expect(box(page)).toHaveValue('Good morning.\nYes, Ann!\nShall I put one aside?')
            await consolePage.button('Send').click()
            await expect(page.locator('#messages .ours')).toContainText('Yes, Ann!')
            expect((await chat.messages(number)).at(-1)?.content).toContain('Shall I put one aside?')

            await consolePage.go('conversations/canned-responses')
            await consolePage.link('stock').click()
            await consolePage.fill({ Content: 'Yes' })
            await consolePage.button('Save').click()
            await expect(page.getByRole('cell', { name: 'Yes', exact: true })).toBeVisible()
            await consolePage.link('stock').click()
            await consolePage.link('Delete').click()
            await consolePage.titled('Delete this canned response?')
            await consolePage.button('Delete').click()
            await expect(page.getByText('No canned responses yet')).toBeVisible()
        })
    })
}

test('a slash opens the list, and the pointer selects', async ({ consolePage }) => {
    const { chat, number } = await begin(consolePage)
    await stock(chat)
    const { page } = consolePage
    await open(consolePage, number)
    await box(page).pressSequentially('Well, /')
    await expect(list(page).getByRole('option')).toHaveCount(4)
    await box(page).pressSequentially('HEL')
    await expect(list(page).getByRole('option')).toHaveCount(1)
    await option(page, 'hello').click()
    await expect(box(page)).toBeFocused()
    await expect(box(page)).toHaveValue(`Well, Hello Ann! I am ${person.name}.`)
    await expect(list(page)).toBeHidden()
    await page.keyboard.press('Control+Enter')
    await expect(page.locator('#messages .ours')).toContainText(`Well, Hello Ann! I am ${person.name}.`)
    // Unknown variables stay, and defaults are used.
    const nameless = await chat.startConversation('Hi', { name: 'Bo' })
    await open(consolePage, nameless)
    await box(page).pressSequentially('/late')
    await option(page, 'late').click()
    await box(page).pressSequentially(' /order')
    await option(page, 'order').click()
    await expect(box(page)).toHaveValue('Sorry for the delay, dear customer. Your order {{ order }} is on its way.')
    // The draft contains the inserted text.
    await page.reload()
    await expect(box(page)).toHaveValue(/^Sorry for the delay, dear customer\./)
})

test('the keyboard selects, dismisses and sends', async ({ consolePage }) => {
    const { chat, number } = await begin(consolePage)
    await stock(chat)
    const { page } = consolePage
    await open(consolePage, number)
    await page.keyboard.press('r')
    await page.keyboard.type('/')
    await expect(chosen(page)).toHaveText('hello')
    await expect(box(page)).toHaveAttribute('aria-controls', 'talk-canned')
    await expect(page.locator('#talk-canned-status')).toContainText('4')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await expect(chosen(page)).toHaveText('order')
    await expect(list(page).locator(`#${await box(page).getAttribute('aria-activedescendant')} b`)).toHaveText('order')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('ArrowUp')
    await expect(chosen(page)).toHaveText('stock')
    await page.keyboard.press('Escape')
    await expect(list(page)).toBeHidden()
    await expect(box(page)).toBeFocused()
    await expect(box(page)).not.toHaveAttribute('aria-activedescendant')
    // It stays closed for this word, and opens for the next one.
    await page.keyboard.type('st')
    await page.keyboard.press('Enter')
    await expect(box(page)).toHaveValue('/st\n')
    await page.keyboard.type('/st')
    await expect(chosen(page)).toHaveText('stock')
    await page.keyboard.press('Tab')
    await expect(box(page)).toHaveValue('/st\nYes, it is in stock.\n\nShall I put one aside?')
    await expect(box(page)).toBeFocused()
    await page.keyboard.press('Control+z')
    await expect(box(page)).toHaveValue('/st\n/st')
    await page.keyboard.press('Control+a')
    await page.keyboard.type('/stock')
    await expect(chosen(page)).toHaveText('stock')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Control+Enter')
    await expect(page.locator('#messages .ours')).toContainText('Shall I put one aside?')
    await expect(box(page)).toHaveValue('')

    // A slash in a note, a URL or a fraction doesn't open it.
    await page.keyboard.type('https://shop.example/st 1/st')
    await expect(list(page)).toBeHidden()
    await page.getByRole('radio', { name: 'Private note' }).check({ force: true })
    await page.keyboard.type(' /st')
    await expect(list(page)).toBeHidden()
    await page.getByRole('radio', { name: 'Reply' }).check({ force: true })
    await expect(chosen(page)).toHaveText('stock')
})

test('a slow network sends no half-typed code', async ({ consolePage }) => {
    const { chat, number } = await begin(consolePage)
    await stock(chat)
    const { page } = consolePage
    await open(consolePage, number)
    let answered = () => {}
    const typed = async (code: string, key: string) => {
        await page.unroute('**/canned?q=*')
        await box(page).fill('')
        await page.keyboard.type('/')
        await expect(chosen(page)).toHaveText('hello')
        const answer = new Promise<void>(resolve => (answered = resolve))
        await page.route('**/canned?q=*', async route => {
            await answer
            await route.continue()
        })
        await page.keyboard.type(code)
        await page.keyboard.press(key)
    }
    // A listed response that matches is taken at once.
    await typed('he', 'Tab')
    await expect(box(page)).toHaveValue(/^Hello Ann!/)
    // Another one is waited for.
    await typed('stock', 'Enter')
    await page.keyboard.press('Control+Enter')
    await expect(box(page)).toHaveValue('/stock')
    answered()
    await expect(page.locator('#messages .ours')).toContainText('Shall I put one aside?')
    await expect(box(page)).toHaveValue('')
})

for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(colorScheme, () => {
        test.use({ colorScheme })

        test('each page is accessible', async ({ consolePage }) => {
            test.setTimeout(120_000)
            const { chat, number } = await begin(consolePage)
            const { page } = consolePage
            const found: string[] = []
            const examine = async (name: string) => {
                await consolePage.quiet()
                const { violations } = await new AxeBuilder({ page }).analyze()
                found.push(...violations.map(({ id, nodes }) => `${name}: ${id}: ${nodes.map(node => `${node.html.slice(0, 140)} ${node.any[0]?.message ?? ''}`).join(' | ')}`))
            }
            await consolePage.go('conversations/canned-responses')
            await examine('none')
            await consolePage.go(`conversations/${number}`)
            await page.locator('.canned summary').click()
            await examine('empty menu')
            await stock(chat)
            for (const width of [1280, 390]) {
                await page.setViewportSize({ width, height: 800 })
                await consolePage.go('conversations/canned-responses')
                await examine(`all ${width}`)
                await consolePage.link('hello').click()
                await page.locator('.canned-variables summary').click()
                await examine(`one ${width}`)
                await consolePage.link('Delete').click()
                await examine(`delete ${width}`)
                await open(consolePage, number)
                await page.locator('.canned summary').click()
                await examine(`menu ${width}`)
                await page.keyboard.press('Escape')
                await box(page).pressSequentially('/')
                await expect(list(page).getByRole('option')).toHaveCount(4)
                await expect(list(page)).toBeInViewport()
                expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0)
                await examine(`list ${width}`)
                await box(page).fill('')
            }
            expect(found).toEqual([])
        })
    })
}

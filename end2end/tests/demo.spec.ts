// `belfry demo` as a new user sees it: two people, two languages, and strict separation between
// them.
import type { Page } from '@playwright/test'
import { Demo, demoFixture } from '../support/belfry.ts'
import { expect, test as base } from '../support/fixtures.ts'

const test = base.extend<{ demo: Demo }>(demoFixture)

const frame = (page: Page) => page.frameLocator('belfry-bell > iframe')
const signIn = (page: Page, name: string) => page.getByRole('button', { name: `Sign in as ${name}` }).click()
const awake = (page: Page) => expect(frame(page).locator('html[data-awake][data-stream=open]')).toBeAttached({ timeout: 15_000 })

test('Anna finds her messages, and new ones arrive by themselves', async ({ demo, page }) => {
    await page.goto(demo.shop)
    await signIn(page, 'Anna')
    const bell = frame(page).getByRole('button', { name: 'Notifications, 11 unread' })
    await expect(bell).toBeVisible()
    await expect(frame(page).locator('.badge')).toHaveText('11')
    await bell.click()
    await expect(frame(page).getByRole('dialog', { name: 'Notifications' })).toBeVisible()
    await expect(frame(page).locator('.item')).toHaveCount(11)
    await expect(frame(page).locator('.item').first()).toContainText('Pinned')
    await expect(frame(page).locator('.item').first()).toContainText('Welcome to Acme Shop')
    await awake(page)
    await page.keyboard.press('Escape')
    await expect(frame(page).locator('#panel')).toBeHidden()
    await expect(frame(page).locator('.badge')).toHaveText('')

    await page.evaluate(() => Object.assign(window, { sameDocument: true }))
    await page.getByRole('button', { name: 'Send me something' }).click()
    await expect(frame(page).locator('.badge')).toHaveText('1')
    await demo.publish({ content: { en: { title: 'Hello from the terminal' }, uk: { title: 'Привіт із термінала' } } })
    await expect(frame(page).locator('.badge')).toHaveText('2')
    await expect(frame(page).locator('#bell')).toHaveAccessibleName('Notifications, 13 unread')
    await frame(page).locator('#bell').click()
    await expect(frame(page).locator('.item .title').nth(1)).toContainText('Hello from the terminal')
    await expect(frame(page).locator('.item .title').nth(2)).toContainText('Your courier waves hello')
    expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true)
})

test('Olena, after Anna on the same computer, never sees a message of Anna’s', async ({ demo, page }) => {
    // Recording every text takes time.
    test.slow()
    // Every text that any document displays at any time, from its start, together with the
    // signed-in account.
    const seen: { text: string; frame: boolean }[] = []
    await page.exposeBinding('note', ({ frame }, text: string) => void seen.push({ text, frame: frame.parentFrame() !== null }))
    await page.addInitScript(() => {
        const { note } = window as unknown as { note: (text: string) => void }
        const tell = (node: Node) => void note((node as Element).textContent ?? '')
        new MutationObserver(records => {
            for (const { target, addedNodes } of records) {
                for (const node of addedNodes) tell(node)
                if (target.nodeType === Node.TEXT_NODE) tell(target)
            }
        }).observe(document, { childList: true, subtree: true, characterData: true })
    })
    await page.goto(demo.shop)
    await signIn(page, 'Anna')
    await awake(page)
    await frame(page).locator('#bell').click()
    await expect(frame(page).locator('.item', { hasText: 'Order 1042' })).toBeVisible()
    await page.keyboard.press('Escape')
    // Until then a click beside the panel only closes it.
    await expect(frame(page).locator('#panel')).toBeHidden()
    expect(seen.some(({ text, frame }) => frame && text.includes('Order 1042'))).toBe(true)

    await page.getByRole('button', { name: 'Sign out' }).click()
    await expect(page.getByRole('button', { name: 'Sign in as Olena' })).toBeVisible()
    expect(page.frames()).toHaveLength(1)
    seen.length = 0
    await signIn(page, 'Olena')
    await expect(frame(page).locator('#bell')).toHaveAccessibleName('Сповіщення, 11 непрочитаних')
    await awake(page)
    await frame(page).locator('#bell').click()
    await expect(frame(page).getByRole('dialog', { name: 'Сповіщення' })).toBeVisible()
    await expect(frame(page).locator('.item', { hasText: 'Замовлення 1043 прибуло' })).toBeVisible()
    await expect(frame(page).getByRole('button', { name: 'Позначити все прочитаним' })).toBeEnabled()
    await page.keyboard.press('Escape')
    await expect(frame(page).locator('#panel')).toBeHidden()
    await page.getByRole('button', { name: 'Send me something' }).click()
    await expect(frame(page).locator('.item', { hasText: "Ваш кур'єр махає" })).toBeAttached()
    const shown = seen.filter(({ frame }) => frame).map(({ text }) => text).join('\n')
    expect(shown).toContain('Замовлення 1043 прибуло')
    for (const anna of ['1042', '1038', 'Anna', 'Анно', 'лляний плед?', 'Perch', 'Notifications']) expect(shown, anna).not.toContain(anna)
})

test('the shop logs no error and blocks nothing that Belfry does', async ({ demo, page }) => {
    const problems: string[] = []
    page.on('console', message => message.type() === 'error' && problems.push(message.text()))
    page.on('pageerror', error => problems.push(error.message))
    await page.goto(demo.shop)
    await signIn(page, 'Anna')
    await awake(page)
    await frame(page).locator('#bell').click()
    await frame(page).getByRole('link', { name: 'Track the parcel' }).click()
    await expect(page).toHaveURL(`${demo.shop}/orders/1042`)
    await expect(frame(page).locator('#bell')).toHaveAccessibleName('Notifications, 10 unread')
    expect(problems).toEqual([])
})

// Keyboard operation of the inbox: tab stops, shortcuts in the list, and the focus when a message
// disappears.
import { expect, test, type ReaderPage } from '../support/fixtures.ts'
import type { Locator } from '@playwright/test'

const press = async (readerPage: ReaderPage, ...keys: string[]) => {
    for (const key of keys) await readerPage.page.keyboard.press(key)
}

const begin = async (readerPage: ReaderPage, page = {}) => {
    await readerPage.arrive(page)
    await readerPage.bell.focus()
    await press(readerPage, 'Enter')
    await expect(readerPage.panel).toBeFocused()
}

/** The elements that Tab reaches, in order. */
const stops = async (readerPage: ReaderPage, ...expected: Locator[]) => {
    for (const stop of expected) {
        await press(readerPage, 'Tab')
        await expect(stop).toBeFocused()
    }
}

/** The notices above the list. */
const head = (readerPage: ReaderPage) => [readerPage.allRead, readerPage.frame.getByRole('button', { name: 'Close' }).first(), readerPage.filter('All'), readerPage.filter('Unread'), readerPage.filter('Archive'), readerPage.frame.getByRole('button', { name: 'Keyboard shortcuts' })]

test.describe('with four messages', () => {
    test.beforeEach(async ({ readerPage, site }) => {
        await site.fill(3)
        await site.publish('Parcel', { body: 'See [the order](https://shop.example/order).', link: 'https://shop.example/', actions: [{ label: 'Track', link: 'https://shop.example/track' }] })
        await begin(readerPage, { head: `<script nonce=page>addEventListener('belfry:click', event => event.preventDefault())</script>` })
    })

    test('tab stops: the header, the filters, one message with its links, and undo', async ({ readerPage }) => {
        test.setTimeout(40_000)
        const link = (name: string) => readerPage.item('Parcel').getByRole('link', { name, exact: true })
        await stops(readerPage, ...head(readerPage), readerPage.item('Parcel'), link('Parcel'), link('the order'), link('Track'), readerPage.tool('Parcel', 'Mark as read'), readerPage.tool('Parcel', 'Archive'), readerPage.tool('Parcel', 'Delete'))
        await expect(readerPage.item('Parcel').locator('form')).toHaveCSS('opacity', '1')
        await press(readerPage, 'ArrowDown')
        await expect(readerPage.item('Message 3')).toBeFocused()
        await press(readerPage, 'Shift+Tab')
        await expect(readerPage.frame.getByRole('button', { name: 'Keyboard shortcuts' })).toBeFocused()
        await stops(readerPage, readerPage.item('Message 3'), readerPage.tool('Message 3', 'Mark as read'), readerPage.tool('Message 3', 'Archive'))
        await press(readerPage, 'Enter')
        await expect(readerPage.item('Message 2')).toBeFocused()
        await stops(readerPage, readerPage.tool('Message 2', 'Mark as read'), readerPage.tool('Message 2', 'Archive'), readerPage.tool('Message 2', 'Delete'), readerPage.undo.getByRole('button'))
        await press(readerPage, 'Enter')
        await expect(readerPage.item('Message 3')).toBeFocused()
        await readerPage.expectList(['*Parcel', '*Message 3', '*Message 2', '*Message 1'], 4)
    })

    test('arrows, j and k, Home and End move within the list', async ({ readerPage }) => {
        for (const [key, title] of [
            ['ArrowDown', 'Parcel'],
            ['ArrowUp', 'Parcel'],
            ['ArrowDown', 'Message 3'],
            ['j', 'Message 2'],
            ['k', 'Message 3'],
            ['End', 'Message 1'],
            ['ArrowDown', 'Message 1'],
            ['j', 'Message 1'],
            ['ArrowUp', 'Message 2'],
            ['Home', 'Parcel'],
            ['k', 'Parcel']
        ] as const) {
            await press(readerPage, key)
            await expect(readerPage.item(title)).toBeFocused()
        }
        await expect(readerPage.item('Parcel')).toHaveCSS('outline-style', 'solid')
        await expect(readerPage.item('Parcel')).toHaveCSS('outline-width', '2px')
    })

    test('End moves to the last message from the panel, too', async ({ readerPage }) => {
        await press(readerPage, 'End')
        await expect(readerPage.item('Message 1')).toBeFocused()
    })

    test('Enter follows a message’s link, and reads one without a link', async ({ readerPage }) => {
        await press(readerPage, 'Home', 'ArrowDown', 'Enter')
        await readerPage.expectList(['*Parcel', 'Message 3', '*Message 2', '*Message 1'], 3)
        await expect(readerPage.item('Message 3')).toBeFocused()
        await press(readerPage, 'Enter')
        await readerPage.expectUnread(3)
        await press(readerPage, 'ArrowUp', 'Enter')
        await expect(readerPage.panel).toBeHidden()
        expect((await readerPage.notes()).events.find(({ type }) => type === 'click')?.detail).toMatchObject({ href: 'https://shop.example/' })
        await expect(readerPage.bell).toHaveAccessibleName('Notifications, 2 unread')
    })

    test('r reads and unreads, e archives, # and Delete delete, z undoes', async ({ readerPage }) => {
        await press(readerPage, 'Home', 'ArrowDown', 'r')
        await readerPage.expectList(['*Parcel', 'Message 3', '*Message 2', '*Message 1'], 3)
        await press(readerPage, 'r')
        await readerPage.expectList(['*Parcel', '*Message 3', '*Message 2', '*Message 1'], 4)
        await press(readerPage, 'e')
        await expect(readerPage.item('Message 2')).toBeFocused()
        await press(readerPage, 'z')
        await expect(readerPage.item('Message 3')).toBeFocused()
        await readerPage.expectList(['*Parcel', '*Message 3', '*Message 2', '*Message 1'], 4)
        await press(readerPage, '#')
        await expect(readerPage.undo).toContainText('Deleted')
        await press(readerPage, 'Delete')
        await readerPage.expectList(['*Parcel', '*Message 1'], 2)
        await press(readerPage, 'z', 'z')
        await readerPage.expectList(['*Parcel', '*Message 2', '*Message 1'], 3)
        await expect(readerPage.item('Message 2')).toBeFocused()
        await readerPage.selectFilter('Archive')
        await expect(readerPage.empty).toBeVisible()
    })

    test('letters work with other keyboard layouts', async ({ readerPage }) => {
        const type = (key: string, code: string) => readerPage.frame.locator(':focus').evaluate((target, init) => void target.dispatchEvent(new KeyboardEvent('keydown', { ...init, bubbles: true, cancelable: true })), { key, code })
        await press(readerPage, 'Home')
        await type('о', 'KeyJ')
        await expect(readerPage.item('Message 3')).toBeFocused()
        await type('к', 'KeyR')
        await readerPage.expectList(['*Parcel', 'Message 3', '*Message 2', '*Message 1'], 3)
        await type('у', 'KeyE')
        await readerPage.expectList(['*Parcel', '*Message 2', '*Message 1'], 3)
        await type('я', 'KeyZ')
        await expect(readerPage.item('Message 3')).toBeFocused()
    })

    test('e removes a message from the archive', async ({ readerPage }) => {
        await press(readerPage, 'Home', 'ArrowDown', 'e')
        await readerPage.selectFilter('Archive')
        await readerPage.expectList(['*Message 3'], 3)
        await press(readerPage, 'Tab', 'Tab', 'e')
        await readerPage.expectList([], 4)
        await expect(readerPage.panel).toBeFocused()
    })

    test('the focus moves to the next message, at the end to the previous one, and in an empty list to the panel', async ({ readerPage }) => {
        await press(readerPage, 'End', 'ArrowUp', 'e')
        await expect(readerPage.item('Message 1')).toBeFocused()
        await press(readerPage, 'e')
        await expect(readerPage.item('Message 3')).toBeFocused()
        await press(readerPage, 'k', 'Delete')
        await expect(readerPage.item('Message 3')).toBeFocused()
        await press(readerPage, 'e')
        await expect(readerPage.panel).toBeFocused()
        await expect(readerPage.empty).toBeVisible()
        await press(readerPage, 'z')
        await expect(readerPage.item('Message 3')).toBeFocused()
        await expect(readerPage.empty).toBeHidden()
    })

    test('after "read all" the shortcuts still work', async ({ readerPage }) => {
        await stops(readerPage, readerPage.allRead)
        await press(readerPage, 'Enter')
        await readerPage.expectUnread(0)
        await press(readerPage, 'z')
        await readerPage.expectUnread(4)
        await press(readerPage, 'ArrowDown')
        await expect(readerPage.item('Parcel')).toBeFocused()
    })

    test('the focus stays on an edited message, and moves on when it is recalled', async ({ readerPage, site }) => {
        const id = await site.publish('Early')
        await readerPage.expectUnread(5)
        await stops(readerPage, ...head(readerPage), readerPage.item('Early'))
        await site.edit(id, { content: { en: { title: 'Late' } } })
        await expect(readerPage.item('Late')).toBeFocused()
        await site.publish('Above')
        await expect(readerPage.items).toHaveCount(6)
        await expect(readerPage.item('Late')).toBeFocused()
        await press(readerPage, 'k')
        await expect(readerPage.item('Above')).toBeFocused()
        await press(readerPage, 'j')
        await site.recall(id)
        await expect(readerPage.item('Parcel')).toBeFocused()
    })

    test('? lists the shortcuts; ? and Escape close that list and not the panel', async ({ readerPage }) => {
        await press(readerPage, 'Home')
        for (const close of ['?', 'Escape']) {
            await press(readerPage, '?')
            await expect(readerPage.shortcuts).toBeVisible()
            await expect(readerPage.shortcuts.locator('dt')).toHaveCount(8)
            await press(readerPage, 'e')
            await press(readerPage, close)
            await expect(readerPage.shortcuts).toBeHidden()
            await expect(readerPage.panel).toBeVisible()
            await expect(readerPage.item('Parcel')).toBeFocused()
        }
        await press(readerPage, '?')
        await readerPage.shortcuts.getByRole('button', { name: 'Close' }).click()
        await expect(readerPage.shortcuts).toBeHidden()
        await readerPage.frame.getByRole('button', { name: 'Keyboard shortcuts' }).click()
        await expect(readerPage.shortcuts).toBeVisible()
        await press(readerPage, 'Escape', 'Escape')
        await expect(readerPage.panel).toBeHidden()
        await expect(readerPage.bell).toBeFocused()
        await press(readerPage, '?')
        await expect(readerPage.shortcuts).toBeHidden()
        await readerPage.open()
        await readerPage.expectList(['*Parcel', '*Message 3', '*Message 2', '*Message 1'], 4)
    })

    test('shortcuts of the browser and keys in text fields are left alone', async ({ readerPage }) => {
        await press(readerPage, 'Home', 'ArrowDown')
        for (const held of ['Control', 'Meta', 'Alt']) {
            for (const key of ['e', 'r', '#', '?', 'z', 'k', 'ArrowDown', 'Delete']) {
                const taken = await readerPage.frame.locator(':focus').evaluate((target, init) => !target.dispatchEvent(new KeyboardEvent('keydown', { ...init, bubbles: true, cancelable: true })), { key, [`${held === 'Control' ? 'ctrl' : held.toLowerCase()}Key`]: true })
                expect(taken, `${held}+${key}`).toBe(false)
            }
        }
        await expect(readerPage.item('Message 3')).toBeFocused()
        await readerPage.item('Message 3').evaluate(item => {
            item.append(document.createElement('input'))
            item.querySelector<HTMLInputElement>('input:not([type])')?.focus()
        })
        await readerPage.page.keyboard.type('ejkrz#?')
        await expect(readerPage.frame.locator('input:not([type])')).toHaveValue('ejkrz#?')
        await expect(readerPage.shortcuts).toBeHidden()
        await readerPage.expectList(['*Parcel', '*Message 3', '*Message 2', '*Message 1'], 4)
    })

    test('Escape closes the panel from within the list and restores the focus', async ({ readerPage }) => {
        await press(readerPage, 'Home', 'j', 'Escape')
        await expect(readerPage.panel).toBeHidden()
        await expect(readerPage.bell).toBeFocused()
    })
})

test('older messages load by Tab and Enter, and the shortcuts work among them', async ({ readerPage, site }) => {
    await site.fill(25)
    await begin(readerPage)
    // Scrolling would load them earlier.
    await readerPage.page.route('**/messages?*', route => route.abort())
    await press(readerPage, 'End')
    await expect(readerPage.item('Message 6')).toBeFocused()
    await stops(readerPage, readerPage.tool('Message 6', 'Mark as read'), readerPage.tool('Message 6', 'Archive'), readerPage.tool('Message 6', 'Delete'), readerPage.older)
    await expect(readerPage.notice).toBeVisible()
    // Reaching the link scrolls, which may have started a request: while it is in flight, the link
    // does nothing.
    await expect(readerPage.frame.locator('#loading')).toBeHidden()
    await readerPage.page.unroute('**/messages?*')
    await press(readerPage, 'Enter')
    await expect(readerPage.items).toHaveCount(25)
    await expect(readerPage.older).toBeHidden()
    await press(readerPage, 'j')
    await expect(readerPage.item('Message 6')).toBeFocused()
    await press(readerPage, 'j')
    await expect(readerPage.item('Message 5')).toBeFocused()
    await press(readerPage, 'End')
    await expect(readerPage.item('Message 1')).toBeFocused()
    await expect(readerPage.item('Message 1')).toBeInViewport({ ratio: 1 })
})

test('the button for new messages, by keyboard, focuses them', async ({ readerPage, site }) => {
    await site.fill(18)
    await begin(readerPage)
    await press(readerPage, 'End')
    await expect(readerPage.item('Message 1')).toBeFocused()
    await site.publish('New')
    await expect(readerPage.newMessages).toBeVisible()
    await press(readerPage, 'Shift+Tab')
    await expect(readerPage.newMessages).toBeFocused()
    await press(readerPage, 'Enter')
    await expect(readerPage.item('New')).toBeFocused()
})

test('every focusable element of the panel shows its focus', async ({ readerPage, site }) => {
    await site.fill(1)
    await begin(readerPage)
    const ringless: string[] = []
    for (let turn = 0; turn < 10; turn++) {
        await press(readerPage, 'Tab')
        const { ring, what } = await readerPage.frame.locator(':focus').evaluate(target => {
            const { outlineStyle, outlineWidth } = getComputedStyle(target)
            return { ring: outlineStyle == 'solid' && parseFloat(outlineWidth) >= 2, what: target.outerHTML.slice(0, 80) }
        })
        if (!ring) ringless.push(what)
    }
    expect(ringless).toEqual([])
})

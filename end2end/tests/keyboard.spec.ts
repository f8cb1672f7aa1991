// Keyboard operation of the inbox: tab stops, shortcuts in the list, and the focus when a message
// disappears.
import { expect, test, type Visit } from '../support/real.ts'
import type { Locator } from '@playwright/test'

const press = async (visit: Visit, ...keys: string[]) => {
    for (const key of keys) await visit.page.keyboard.press(key)
}

const begin = async (visit: Visit, page = {}) => {
    await visit.arrive(page)
    await visit.bell.focus()
    await press(visit, 'Enter')
    await expect(visit.panel).toBeFocused()
}

/** The elements that Tab reaches, in order. */
const stops = async (visit: Visit, ...expected: Locator[]) => {
    for (const stop of expected) {
        await press(visit, 'Tab')
        await expect(stop).toBeFocused()
    }
}

/** The notices above the list. */
const head = (visit: Visit) => [visit.allRead, visit.frame.getByRole('button', { name: 'Close' }).first(), visit.filter('All'), visit.filter('Unread'), visit.filter('Archive'), visit.frame.getByRole('button', { name: 'Keyboard shortcuts' })]

test.describe('with four messages', () => {
    test.beforeEach(async ({ visit, site }) => {
        await site.fill(3)
        await site.publish('Parcel', { body: 'See [the order](https://shop.example/order).', link: 'https://shop.example/', actions: [{ label: 'Track', link: 'https://shop.example/track' }] })
        await begin(visit, { head: `<script nonce=page>addEventListener('belfry:click', event => event.preventDefault())</script>` })
    })

    test('tab stops: the header, the filters, one message with its links, and undo', async ({ visit }) => {
        test.setTimeout(40_000)
        const link = (name: string) => visit.item('Parcel').getByRole('link', { name, exact: true })
        await stops(visit, ...head(visit), visit.item('Parcel'), link('Parcel'), link('the order'), link('Track'), visit.tool('Parcel', 'Mark as read'), visit.tool('Parcel', 'Archive'), visit.tool('Parcel', 'Delete'))
        await expect(visit.item('Parcel').locator('form')).toHaveCSS('opacity', '1')
        await press(visit, 'ArrowDown')
        await expect(visit.item('Message 3')).toBeFocused()
        await press(visit, 'Shift+Tab')
        await expect(visit.frame.getByRole('button', { name: 'Keyboard shortcuts' })).toBeFocused()
        await stops(visit, visit.item('Message 3'), visit.tool('Message 3', 'Mark as read'), visit.tool('Message 3', 'Archive'))
        await press(visit, 'Enter')
        await expect(visit.item('Message 2')).toBeFocused()
        await stops(visit, visit.tool('Message 2', 'Mark as read'), visit.tool('Message 2', 'Archive'), visit.tool('Message 2', 'Delete'), visit.undo.getByRole('button'))
        await press(visit, 'Enter')
        await expect(visit.item('Message 3')).toBeFocused()
        await visit.shows(['*Parcel', '*Message 3', '*Message 2', '*Message 1'], 4)
    })

    test('arrows, j and k, Home and End move within the list', async ({ visit }) => {
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
            await press(visit, key)
            await expect(visit.item(title)).toBeFocused()
        }
        await expect(visit.item('Parcel')).toHaveCSS('outline-style', 'solid')
        await expect(visit.item('Parcel')).toHaveCSS('outline-width', '2px')
    })

    test('End moves to the last message from the panel, too', async ({ visit }) => {
        await press(visit, 'End')
        await expect(visit.item('Message 1')).toBeFocused()
    })

    test('Enter follows a message’s link, and reads one without a link', async ({ visit }) => {
        await press(visit, 'Home', 'ArrowDown', 'Enter')
        await visit.shows(['*Parcel', 'Message 3', '*Message 2', '*Message 1'], 3)
        await expect(visit.item('Message 3')).toBeFocused()
        await press(visit, 'Enter')
        await visit.counts(3)
        await press(visit, 'ArrowUp', 'Enter')
        await expect(visit.panel).toBeHidden()
        expect((await visit.notes()).events.find(({ type }) => type === 'click')?.detail).toMatchObject({ href: 'https://shop.example/' })
        await expect(visit.bell).toHaveAccessibleName('Notifications, 2 unread')
    })

    test('r reads and unreads, e archives, # and Delete delete, z undoes', async ({ visit }) => {
        await press(visit, 'Home', 'ArrowDown', 'r')
        await visit.shows(['*Parcel', 'Message 3', '*Message 2', '*Message 1'], 3)
        await press(visit, 'r')
        await visit.shows(['*Parcel', '*Message 3', '*Message 2', '*Message 1'], 4)
        await press(visit, 'e')
        await expect(visit.item('Message 2')).toBeFocused()
        await press(visit, 'z')
        await expect(visit.item('Message 3')).toBeFocused()
        await visit.shows(['*Parcel', '*Message 3', '*Message 2', '*Message 1'], 4)
        await press(visit, '#')
        await expect(visit.undo).toContainText('Deleted')
        await press(visit, 'Delete')
        await visit.shows(['*Parcel', '*Message 1'], 2)
        await press(visit, 'z', 'z')
        await visit.shows(['*Parcel', '*Message 2', '*Message 1'], 3)
        await expect(visit.item('Message 2')).toBeFocused()
        await visit.choose('Archive')
        await expect(visit.empty).toBeVisible()
    })

    test('letters work with other keyboard layouts', async ({ visit }) => {
        const type = (key: string, code: string) => visit.frame.locator(':focus').evaluate((target, init) => void target.dispatchEvent(new KeyboardEvent('keydown', { ...init, bubbles: true, cancelable: true })), { key, code })
        await press(visit, 'Home')
        await type('о', 'KeyJ')
        await expect(visit.item('Message 3')).toBeFocused()
        await type('к', 'KeyR')
        await visit.shows(['*Parcel', 'Message 3', '*Message 2', '*Message 1'], 3)
        await type('у', 'KeyE')
        await visit.shows(['*Parcel', '*Message 2', '*Message 1'], 3)
        await type('я', 'KeyZ')
        await expect(visit.item('Message 3')).toBeFocused()
    })

    test('e removes a message from the archive', async ({ visit }) => {
        await press(visit, 'Home', 'ArrowDown', 'e')
        await visit.choose('Archive')
        await visit.shows(['*Message 3'], 3)
        await press(visit, 'Tab', 'Tab', 'e')
        await visit.shows([], 4)
        await expect(visit.panel).toBeFocused()
    })

    test('the focus moves to the next message, at the end to the previous one, and in an empty list to the panel', async ({ visit }) => {
        await press(visit, 'End', 'ArrowUp', 'e')
        await expect(visit.item('Message 1')).toBeFocused()
        await press(visit, 'e')
        await expect(visit.item('Message 3')).toBeFocused()
        await press(visit, 'k', 'Delete')
        await expect(visit.item('Message 3')).toBeFocused()
        await press(visit, 'e')
        await expect(visit.panel).toBeFocused()
        await expect(visit.empty).toBeVisible()
        await press(visit, 'z')
        await expect(visit.item('Message 3')).toBeFocused()
        await expect(visit.empty).toBeHidden()
    })

    test('after "read all" the shortcuts still work', async ({ visit }) => {
        await stops(visit, visit.allRead)
        await press(visit, 'Enter')
        await visit.counts(0)
        await press(visit, 'z')
        await visit.counts(4)
        await press(visit, 'ArrowDown')
        await expect(visit.item('Parcel')).toBeFocused()
    })

    test('the focus stays on an edited message, and moves on when it is recalled', async ({ visit, site }) => {
        const id = await site.publish('Early')
        await visit.counts(5)
        await stops(visit, ...head(visit), visit.item('Early'))
        await site.edit(id, { content: { en: { title: 'Late' } } })
        await expect(visit.item('Late')).toBeFocused()
        await site.publish('Above')
        await expect(visit.items).toHaveCount(6)
        await expect(visit.item('Late')).toBeFocused()
        await press(visit, 'k')
        await expect(visit.item('Above')).toBeFocused()
        await press(visit, 'j')
        await site.recall(id)
        await expect(visit.item('Parcel')).toBeFocused()
    })

    test('? lists the shortcuts; ? and Escape close that list and not the panel', async ({ visit }) => {
        await press(visit, 'Home')
        for (const close of ['?', 'Escape']) {
            await press(visit, '?')
            await expect(visit.keys).toBeVisible()
            await expect(visit.keys.locator('dt')).toHaveCount(8)
            await press(visit, 'e')
            await press(visit, close)
            await expect(visit.keys).toBeHidden()
            await expect(visit.panel).toBeVisible()
            await expect(visit.item('Parcel')).toBeFocused()
        }
        await press(visit, '?')
        await visit.keys.getByRole('button', { name: 'Close' }).click()
        await expect(visit.keys).toBeHidden()
        await visit.frame.getByRole('button', { name: 'Keyboard shortcuts' }).click()
        await expect(visit.keys).toBeVisible()
        await press(visit, 'Escape', 'Escape')
        await expect(visit.panel).toBeHidden()
        await expect(visit.bell).toBeFocused()
        await press(visit, '?')
        await expect(visit.keys).toBeHidden()
        await visit.open()
        await visit.shows(['*Parcel', '*Message 3', '*Message 2', '*Message 1'], 4)
    })

    test('shortcuts of the browser and keys in text fields are left alone', async ({ visit }) => {
        await press(visit, 'Home', 'ArrowDown')
        for (const held of ['Control', 'Meta', 'Alt']) {
            for (const key of ['e', 'r', '#', '?', 'z', 'k', 'ArrowDown', 'Delete']) {
                const taken = await visit.frame.locator(':focus').evaluate((target, init) => !target.dispatchEvent(new KeyboardEvent('keydown', { ...init, bubbles: true, cancelable: true })), { key, [`${held === 'Control' ? 'ctrl' : held.toLowerCase()}Key`]: true })
                expect(taken, `${held}+${key}`).toBe(false)
            }
        }
        await expect(visit.item('Message 3')).toBeFocused()
        await visit.item('Message 3').evaluate(item => {
            item.append(document.createElement('input'))
            item.querySelector<HTMLInputElement>('input:not([type])')?.focus()
        })
        await visit.page.keyboard.type('ejkrz#?')
        await expect(visit.frame.locator('input:not([type])')).toHaveValue('ejkrz#?')
        await expect(visit.keys).toBeHidden()
        await visit.shows(['*Parcel', '*Message 3', '*Message 2', '*Message 1'], 4)
    })

    test('Escape closes the panel from within the list and restores the focus', async ({ visit }) => {
        await press(visit, 'Home', 'j', 'Escape')
        await expect(visit.panel).toBeHidden()
        await expect(visit.bell).toBeFocused()
    })
})

test('older messages load by Tab and Enter, and the shortcuts work among them', async ({ visit, site }) => {
    await site.fill(25)
    await begin(visit)
    // Scrolling would load them earlier.
    await visit.page.route('**/messages?*', route => route.abort())
    await press(visit, 'End')
    await expect(visit.item('Message 6')).toBeFocused()
    await stops(visit, visit.tool('Message 6', 'Mark as read'), visit.tool('Message 6', 'Archive'), visit.tool('Message 6', 'Delete'), visit.older)
    await expect(visit.notice).toBeVisible()
    // Reaching the link scrolls, which may have started a request: while it is in flight, the link
    // does nothing.
    await expect(visit.frame.locator('#loading')).toBeHidden()
    await visit.page.unroute('**/messages?*')
    await press(visit, 'Enter')
    await expect(visit.items).toHaveCount(25)
    await expect(visit.older).toBeHidden()
    await press(visit, 'j')
    await expect(visit.item('Message 6')).toBeFocused()
    await press(visit, 'j')
    await expect(visit.item('Message 5')).toBeFocused()
    await press(visit, 'End')
    await expect(visit.item('Message 1')).toBeFocused()
    await expect(visit.item('Message 1')).toBeInViewport({ ratio: 1 })
})

test('the button for new messages, by keyboard, focuses them', async ({ visit, site }) => {
    await site.fill(18)
    await begin(visit)
    await press(visit, 'End')
    await expect(visit.item('Message 1')).toBeFocused()
    await site.publish('New')
    await expect(visit.pill).toBeVisible()
    await press(visit, 'Shift+Tab')
    await expect(visit.pill).toBeFocused()
    await press(visit, 'Enter')
    await expect(visit.item('New')).toBeFocused()
})

test('every focusable element of the panel shows its focus', async ({ visit, site }) => {
    await site.fill(1)
    await begin(visit)
    const ringless: string[] = []
    for (let turn = 0; turn < 10; turn++) {
        await press(visit, 'Tab')
        const { ring, what } = await visit.frame.locator(':focus').evaluate(target => {
            const { outlineStyle, outlineWidth } = getComputedStyle(target)
            return { ring: outlineStyle == 'solid' && parseFloat(outlineWidth) >= 2, what: target.outerHTML.slice(0, 80) }
        })
        if (!ring) ringless.push(what)
    }
    expect(ringless).toEqual([])
})

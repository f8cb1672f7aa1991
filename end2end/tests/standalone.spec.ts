// The standalone page of the inbox: opened by the site with a token, later by its session, and
// embedded in a permanently open frame.
import { expect, test, type ReaderPage } from '../support/fixtures.ts'
import type { Page, Locator } from '@playwright/test'

/** A page of the site with a button that posts its reader's token to the standalone page. */
const pageAddress = (readerPage: ReaderPage, token: string, target = '') => {
    const { belfry, id } = readerPage.site
    return readerPage.backend.pages.add(`<!doctype html><html lang=en><title>Shop</title><link rel=icon href="data:,"><h1>Shop</h1>
        <form method=post action="${belfry.origin}/embed/${id}?view=page" target="${target}"><input type=hidden name=token value="${token}"><input type=hidden name=language value=en><button>My messages</button></form>
        ${target && `<iframe name="${target}" title=Messages width=600 height=500></iframe>`}`)
}

class Alone {
    constructor(readonly root: { locator: Page['locator']; getByRole: Page['getByRole'] }) {}

    get html(): Locator {
        return this.root.locator('html')
    }

    get items(): Locator {
        return this.root.locator('.item')
    }

    get undo(): Locator {
        return this.root.locator('#undo')
    }

    item(title: string): Locator {
        return this.items.filter({ hasText: new RegExp(`${title}(?!\\d)`) })
    }

    async does(title: string, name: string) {
        await this.item(title).hover()
        await this.item(title).getByRole('button', { name, exact: true }).click()
    }

    shows(...titles: string[]) {
        return expect.poll(() => this.items.evaluateAll(items => items.map(item => (item.classList.contains('unread') ? '*' : '') + item.querySelector('.title')?.lastChild?.textContent))).toEqual(titles)
    }
}

const enter = async (readerPage: ReaderPage) => {
    await readerPage.page.goto(pageAddress(readerPage, await readerPage.site.token('anna')))
    await readerPage.page.getByRole('button', { name: 'My messages' }).click()
    await expect(readerPage.page).toHaveURL(/view=page/)
    return new Alone(readerPage.page)
}

test('opened by the site, then by its session, the standalone page is interactive', async ({ readerPage, site }) => {
    await site.fill(3)
    const inbox = await enter(readerPage)
    await expect(readerPage.page.locator('html[data-awake][data-stream=open]')).toBeAttached({ timeout: 15_000 })
    await expect(readerPage.page.locator('#bell')).toHaveCount(0)
    await expect(readerPage.page.getByRole('region', { name: 'Notifications' })).toBeVisible()
    await inbox.shows('*Message 3', '*Message 2', '*Message 1')
    await site.publish('Message 4')
    await inbox.shows('*Message 4', '*Message 3', '*Message 2', '*Message 1')
    await inbox.does('Message 4', 'Archive')
    await inbox.undo.getByRole('button').click()
    await inbox.does('Message 3', 'Mark as read')
    await readerPage.page.keyboard.press('Escape')
    await inbox.shows('*Message 4', 'Message 3', '*Message 2', '*Message 1')
    await readerPage.page.goto(`${site.belfry.origin}/embed/${site.id}?view=page&language=en`)
    await inbox.shows('*Message 4', 'Message 3', '*Message 2', '*Message 1')
    await expect(readerPage.page.locator('html[data-awake][data-stream=open]')).toBeAttached({ timeout: 15_000 })
    await site.publish('Message 5')
    await inbox.shows('*Message 5', '*Message 4', 'Message 3', '*Message 2', '*Message 1')
})

test('a link navigates in its own tab, or in a new one', async ({ readerPage, site }) => {
    const there = readerPage.backend.pages.add('<!doctype html><title>The order</title>')
    await site.publish('Parcel', { link: there })
    await site.publish('Elsewhere', { link: there, newTab: true })
    const inbox = await enter(readerPage)
    await expect(readerPage.page.locator('html[data-awake]')).toBeAttached({ timeout: 15_000 })
    const opened = readerPage.page.context().waitForEvent('page')
    await readerPage.page.getByRole('link', { name: 'Elsewhere' }).click()
    await expect(await opened).toHaveURL(there)
    await inbox.shows('Elsewhere', '*Parcel')
    await readerPage.page.getByRole('link', { name: 'Parcel' }).click()
    await expect(readerPage.page).toHaveURL(there)
    await readerPage.page.goto(`${site.belfry.origin}/embed/${site.id}?view=page`)
    await inbox.shows('Elsewhere', 'Parcel')
})

test('without a session it links to the site', async ({ readerPage, site, backend }) => {
    await site.fill(1)
    await readerPage.page.goto(`${site.belfry.origin}/embed/${site.id}?view=page&language=en`)
    await expect(readerPage.page.getByText('To see your messages, open them on the site:')).toBeVisible()
    await expect(readerPage.page.getByRole('link')).toHaveAttribute('href', new RegExp(`^${backend.pages.origin}/?$`))
    await expect(readerPage.page.locator('.item')).toHaveCount(0)
})

test('in a frame of the site’s page it is permanently open', async ({ readerPage, site }) => {
    await site.fill(3)
    await readerPage.page.goto(pageAddress(readerPage, await site.token('anna'), 'inbox'))
    await readerPage.page.getByRole('button', { name: 'My messages' }).click()
    const inbox = new Alone(readerPage.page.frameLocator('iframe[name=inbox]'))
    await expect(inbox.root.locator('html[data-awake][data-stream=open]')).toBeAttached({ timeout: 15_000 })
    await inbox.shows('*Message 3', '*Message 2', '*Message 1')
    await inbox.does('Message 2', 'Delete')
    await inbox.shows('*Message 3', '*Message 1')
    await readerPage.page.keyboard.press('z')
    await inbox.shows('*Message 3', '*Message 2', '*Message 1')
    await readerPage.page.keyboard.press('Escape')
    await expect(inbox.root.locator('#panel')).toBeVisible()
})

test.describe('without JavaScript', () => {
    test.use({ javaScriptEnabled: false })

    test('everything works with forms and links', async ({ readerPage, site }) => {
        test.setTimeout(60_000)
        await site.fill(22)
        const inbox = await enter(readerPage)
        const shows = async (first: string, count: number) => {
            await expect(inbox.items.first()).toContainText(first)
            await expect(inbox.items).toHaveCount(count)
        }
        const unread = inbox.root.locator('.item.unread')
        await shows('Message 22', 20)
        await inbox.does('Message 22', 'Mark as read')
        await expect(inbox.item('Message 22')).not.toHaveClass(/unread/)
        await inbox.does('Message 22', 'Mark as unread')
        await expect(unread).toHaveCount(20)
        for (const press of ['Archive', 'Delete']) {
            await inbox.does('Message 22', press)
            await shows('Message 21', 20)
            await inbox.undo.getByRole('button', { name: 'Undo' }).click()
            await shows('Message 22', 20)
            await expect(inbox.undo).toBeHidden()
        }
        await readerPage.page.getByRole('link', { name: 'Show older' }).click()
        await shows('Message 2', 2)
        await readerPage.page.getByRole('link', { name: 'Back to the newest' }).click()
        await inbox.does('Message 22', 'Archive')
        await readerPage.page.getByRole('link', { name: 'Archive', exact: true }).click()
        await shows('Message 22', 1)
        await inbox.does('Message 22', 'Move to inbox')
        await expect(readerPage.page.getByText('Nothing archived')).toBeVisible()
        await readerPage.page.getByRole('link', { name: 'Unread', exact: true }).click()
        await shows('Message 22', 20)
        await readerPage.page.getByRole('button', { name: 'Mark all as read' }).click()
        await expect(readerPage.page.getByText('Nothing unread')).toBeVisible()
        await inbox.undo.getByRole('button', { name: 'Undo' }).click()
        await shows('Message 22', 20)
        await expect(unread).toHaveCount(20)
        await expect(readerPage.page).toHaveURL(/view=page/)
    })
})

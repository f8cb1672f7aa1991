// A reader's actions on messages by mouse: applied at once, here and in another tab, and persisted;
// reverted if the server rejects them; and undoable for some seconds.
import { expect, test, type ReaderPage } from '../support/fixtures.ts'

type Case = {
    verb: string
    /** Setup of the case. */
    before?: (readerPage: ReaderPage) => Promise<void>
    filter?: 'Archive'
    act: (readerPage: ReaderPage) => Promise<void>
    from: string[]
    to: string[]
    unread: [number, number]
    said?: string
}

const cases: Case[] = [
    { verb: 'read', act: readerPage => readerPage.clickTool('Message 2', 'Mark as read'), from: ['*Message 3', '*Message 2', '*Message 1'], to: ['*Message 3', 'Message 2', '*Message 1'], unread: [3, 2] },
    {
        verb: 'unread',
        before: readerPage => readerPage.clickTool('Message 2', 'Mark as read'),
        act: readerPage => readerPage.clickTool('Message 2', 'Mark as unread'),
        from: ['*Message 3', 'Message 2', '*Message 1'],
        to: ['*Message 3', '*Message 2', '*Message 1'],
        unread: [2, 3]
    },
    { verb: 'archive', act: readerPage => readerPage.clickTool('Message 2', 'Archive'), from: ['*Message 3', '*Message 2', '*Message 1'], to: ['*Message 3', '*Message 1'], unread: [3, 2], said: 'Archived' },
    { verb: 'delete', act: readerPage => readerPage.clickTool('Message 2', 'Delete'), from: ['*Message 3', '*Message 2', '*Message 1'], to: ['*Message 3', '*Message 1'], unread: [3, 2], said: 'Deleted' },
    {
        verb: 'allRead',
        before: readerPage => readerPage.clickTool('Message 1', 'Mark as read'),
        act: readerPage => readerPage.allRead.click(),
        from: ['*Message 3', '*Message 2', 'Message 1'],
        to: ['Message 3', 'Message 2', 'Message 1'],
        unread: [2, 0],
        said: 'All marked as read'
    },
    {
        verb: 'restore',
        before: async readerPage => {
            await readerPage.clickTool('Message 1', 'Mark as read')
            await readerPage.clickTool('Message 1', 'Archive')
            await readerPage.clickTool('Message 2', 'Archive')
            await readerPage.expectList(['*Message 3'], 1)
        },
        filter: 'Archive',
        act: readerPage => readerPage.clickTool('Message 2', 'Move to inbox'),
        from: ['*Message 2', 'Message 1'],
        to: ['Message 1'],
        unread: [1, 2]
    },
    {
        verb: 'delete',
        before: async readerPage => {
            await readerPage.clickTool('Message 1', 'Archive')
            await readerPage.clickTool('Message 2', 'Archive')
            await readerPage.expectList(['*Message 3'], 1)
        },
        filter: 'Archive',
        act: readerPage => readerPage.clickTool('Message 2', 'Delete'),
        from: ['*Message 2', '*Message 1'],
        to: ['*Message 1'],
        unread: [1, 1],
        said: 'Deleted'
    }
]

/** Everything of the case except the action itself. */
const begin = async (readerPage: ReaderPage, { before, filter, from, unread }: Case) => {
    await readerPage.arrive()
    await readerPage.open()
    await before?.(readerPage)
    if (filter) await readerPage.selectFilter(filter)
    await readerPage.expectList(from, unread[0])
}

const join = async (readerPage: ReaderPage, { filter, from, unread }: Case) => {
    const other = await readerPage.newTab()
    await other.arrive()
    await other.open()
    if (filter) await other.selectFilter(filter)
    await other.expectList(from, unread[0])
    return other
}

const again = async (readerPage: ReaderPage, { filter }: Case) => {
    await readerPage.page.reload()
    await readerPage.ready()
    await readerPage.open()
    if (filter) await readerPage.selectFilter(filter)
}

for (const each of cases) {
    const { verb, filter, act, from, to, unread, said } = each
    test.describe(filter ? `${verb}, in the archive` : verb, () => {
        test.beforeEach(({ site }) => site.fill(3))

        test('applied here, in another tab, and persisted', async ({ readerPage }) => {
            await begin(readerPage, each)
            const other = await join(readerPage, each)
            await act(readerPage)
            await readerPage.expectList(to, unread[1])
            await other.expectList(to, unread[1])
            await again(readerPage, each)
            await readerPage.expectList(to, unread[1])
        })

        test('reverted with a notice when the server rejects it', async ({ readerPage }) => {
            await begin(readerPage, each)
            let refuse: () => void = () => {}
            const refused = new Promise<void>(resolve => (refuse = resolve))
            await readerPage.page.route('**/marks', async route => {
                expect(Object.keys(route.request().postDataJSON() as object)).toEqual([verb])
                await refused
                await route.fulfill({ status: 500, json: { status: 500, message: 'something went wrong' } })
            })
            await act(readerPage)
            await readerPage.expectList(to, unread[1])
            refuse()
            await expect(readerPage.notice).toHaveText('That didn’t work. Your change was put back.')
            await readerPage.expectList(from, unread[0])
            await expect(readerPage.undo).toBeHidden()
            await readerPage.page.unroute('**/marks')
            await again(readerPage, each)
            await readerPage.expectList(from, unread[0])
        })

        if (said) {
            test('undone here, in another tab, and persisted', async ({ readerPage }) => {
                await begin(readerPage, each)
                const other = await join(readerPage, each)
                await act(readerPage)
                await expect(readerPage.undo.getByRole('status')).toHaveText(said)
                // It stays while the pointer is over it, however long the other tab takes.
                await readerPage.undo.hover()
                await readerPage.expectList(to, unread[1])
                await other.expectList(to, unread[1])
                await expect(other.undo).toBeHidden()
                await readerPage.undo.getByRole('button', { name: 'Undo' }).click()
                await expect(readerPage.undo).toBeHidden()
                await readerPage.expectList(from, unread[0])
                await other.expectList(from, unread[0])
                await again(readerPage, each)
                await readerPage.expectList(from, unread[0])
            })
        }
    })
}

test('moving in and out of the archive updates a tab that shows the other list', async ({ readerPage, site }) => {
    await site.fill(3)
    await readerPage.arrive()
    const other = await readerPage.newTab()
    await other.arrive()
    await readerPage.open()
    await other.open()
    await readerPage.selectFilter('Archive')
    await other.clickTool('Message 2', 'Archive')
    await readerPage.expectList(['*Message 2'], 2)
    await readerPage.clickTool('Message 2', 'Move to inbox')
    await readerPage.expectList([], 3)
    await other.expectList(['*Message 3', '*Message 2', '*Message 1'], 3)
})

test('reading archived messages changes no count', async ({ readerPage, site }) => {
    await site.fill(3)
    await readerPage.arrive()
    await readerPage.open()
    await readerPage.clickTool('Message 2', 'Archive')
    await readerPage.expectList(['*Message 3', '*Message 1'], 2)
    await readerPage.selectFilter('Archive')
    const names = await readerPage.bell.evaluateHandle(bell => {
        const seen: (string | null)[] = []
        new MutationObserver(() => seen.push(bell.ariaLabel)).observe(bell, { attributes: true })
        return seen
    })
    const marked = readerPage.page.waitForResponse('**/marks')
    await readerPage.clickTool('Message 2', 'Mark as read')
    await marked
    await readerPage.expectList(['Message 2'], 2)
    expect(await names.jsonValue()).toEqual([])
})

test('only the last action can be undone, and a new one replaces its notice', async ({ readerPage, site }) => {
    await site.fill(3)
    await readerPage.arrive()
    await readerPage.open()
    await readerPage.clickTool('Message 1', 'Archive')
    await readerPage.clickTool('Message 2', 'Delete')
    await expect(readerPage.undo).toContainText('Deleted')
    await readerPage.allRead.click()
    await expect(readerPage.undo).toContainText('All marked as read')
    await readerPage.expectList(['Message 3'], 0)
    await readerPage.undo.getByRole('button').click()
    await readerPage.expectList(['*Message 3'], 1)
    await expect(readerPage.undo).toBeHidden()
})

test('undo before the server has answered', async ({ readerPage, site }) => {
    await site.fill(3)
    await readerPage.arrive()
    await readerPage.open()
    let send: () => void = () => {}
    let answer: () => void = () => {}
    const sent = new Promise<void>(resolve => (send = resolve))
    const answered = new Promise<void>(resolve => (answer = resolve))
    await readerPage.page.route('**/marks', async route => {
        await sent
        const response = await route.fetch()
        await answered
        await route.fulfill({ response })
    })
    const cursor = () => readerPage.frame.locator('html').evaluate(({ dataset }) => Number(dataset.cursor ?? dataset.version))
    const before = await cursor()
    await readerPage.clickTool('Message 2', 'Archive')
    const all = ['*Message 3', '*Message 2', '*Message 1']
    await readerPage.undo.getByRole('button').click()
    await readerPage.expectList(all, 3)
    const lists = await readerPage.frame.locator('#list').evaluateHandle(list => {
        const lengths: number[] = []
        new MutationObserver(() => lengths.push(list.children.length)).observe(list, { childList: true })
        return lengths
    })
    // The archive event arrives after the undo, while its response is still in flight.
    send()
    await expect.poll(cursor).toBeGreaterThan(before)
    answer()
    await expect.poll(cursor).toBeGreaterThan(before + 1)
    await readerPage.expectList(all, 3)
    expect((await lists.jsonValue()).filter(length => length !== 3)).toEqual([])
})

test('undo of "read all" covers messages that are not loaded yet', async ({ readerPage, site }) => {
    await site.fill(25)
    await readerPage.arrive()
    await readerPage.open()
    await readerPage.allRead.click()
    await readerPage.expectUnread(0)
    await readerPage.undo.getByRole('button').click()
    await readerPage.expectUnread(25)
    await readerPage.older.dispatchEvent('click')
    await expect(readerPage.unread).toHaveCount(25)
})

for (const [name, stay] of [
    ['the mouse is over it', (readerPage: ReaderPage) => readerPage.undo.hover()],
    ['it has the focus', (readerPage: ReaderPage) => readerPage.undo.getByRole('button').focus()]
] as const) {
    test(`the undo notice disappears after eight seconds, but not while ${name}`, async ({ readerPage, site }) => {
        await site.fill(3)
        await readerPage.page.clock.install()
        await readerPage.arrive()
        await readerPage.open()
        const pass = await readerPage.stopClock()
        await readerPage.clickTool('Message 2', 'Archive')
        await pass(7_000)
        await expect(readerPage.undo).toBeVisible()
        await pass(1_001)
        await expect(readerPage.undo).toBeHidden()
        await readerPage.clickTool('Message 1', 'Delete')
        await stay(readerPage)
        await pass(20_000)
        await expect(readerPage.undo).toBeVisible()
        await readerPage.panel.focus()
        await readerPage.panel.hover({ position: { x: 60, y: 20 } })
        await pass(8_001)
        await expect(readerPage.undo).toBeHidden()
        await readerPage.expectList(['*Message 3'], 1)
    })
}

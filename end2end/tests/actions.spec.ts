// A reader's actions on messages by mouse: applied at once, here and in another tab, and persisted;
// reverted if the server rejects them; and undoable for some seconds.
import { expect, test, type Visit } from '../support/real.ts'

type Case = {
    verb: string
    /** Setup of the case. */
    before?: (visit: Visit) => Promise<void>
    filter?: 'Archive'
    act: (visit: Visit) => Promise<void>
    from: string[]
    to: string[]
    unread: [number, number]
    said?: string
}

const cases: Case[] = [
    { verb: 'read', act: visit => visit.does('Message 2', 'Mark as read'), from: ['*Message 3', '*Message 2', '*Message 1'], to: ['*Message 3', 'Message 2', '*Message 1'], unread: [3, 2] },
    {
        verb: 'unread',
        before: visit => visit.does('Message 2', 'Mark as read'),
        act: visit => visit.does('Message 2', 'Mark as unread'),
        from: ['*Message 3', 'Message 2', '*Message 1'],
        to: ['*Message 3', '*Message 2', '*Message 1'],
        unread: [2, 3]
    },
    { verb: 'archive', act: visit => visit.does('Message 2', 'Archive'), from: ['*Message 3', '*Message 2', '*Message 1'], to: ['*Message 3', '*Message 1'], unread: [3, 2], said: 'Archived' },
    { verb: 'delete', act: visit => visit.does('Message 2', 'Delete'), from: ['*Message 3', '*Message 2', '*Message 1'], to: ['*Message 3', '*Message 1'], unread: [3, 2], said: 'Deleted' },
    {
        verb: 'allRead',
        before: visit => visit.does('Message 1', 'Mark as read'),
        act: visit => visit.allRead.click(),
        from: ['*Message 3', '*Message 2', 'Message 1'],
        to: ['Message 3', 'Message 2', 'Message 1'],
        unread: [2, 0],
        said: 'All marked as read'
    },
    {
        verb: 'restore',
        before: async visit => {
            await visit.does('Message 1', 'Mark as read')
            await visit.does('Message 1', 'Archive')
            await visit.does('Message 2', 'Archive')
            await visit.shows(['*Message 3'], 1)
        },
        filter: 'Archive',
        act: visit => visit.does('Message 2', 'Move to inbox'),
        from: ['*Message 2', 'Message 1'],
        to: ['Message 1'],
        unread: [1, 2]
    },
    {
        verb: 'delete',
        before: async visit => {
            await visit.does('Message 1', 'Archive')
            await visit.does('Message 2', 'Archive')
            await visit.shows(['*Message 3'], 1)
        },
        filter: 'Archive',
        act: visit => visit.does('Message 2', 'Delete'),
        from: ['*Message 2', '*Message 1'],
        to: ['*Message 1'],
        unread: [1, 1],
        said: 'Deleted'
    }
]

/** Everything of the case except the action itself. */
const begin = async (visit: Visit, { before, filter, from, unread }: Case) => {
    await visit.arrive()
    await visit.open()
    await before?.(visit)
    if (filter) await visit.choose(filter)
    await visit.shows(from, unread[0])
}

const join = async (visit: Visit, { filter, from, unread }: Case) => {
    const other = await visit.another()
    await other.arrive()
    await other.open()
    if (filter) await other.choose(filter)
    await other.shows(from, unread[0])
    return other
}

const again = async (visit: Visit, { filter }: Case) => {
    await visit.page.reload()
    await visit.awake()
    await visit.open()
    if (filter) await visit.choose(filter)
}

for (const each of cases) {
    const { verb, filter, act, from, to, unread, said } = each
    test.describe(filter ? `${verb}, in the archive` : verb, () => {
        test.beforeEach(({ site }) => site.fill(3))

        test('applied here, in another tab, and persisted', async ({ visit }) => {
            await begin(visit, each)
            const other = await join(visit, each)
            await act(visit)
            await visit.shows(to, unread[1])
            await other.shows(to, unread[1])
            await again(visit, each)
            await visit.shows(to, unread[1])
        })

        test('reverted with a notice when the server rejects it', async ({ visit }) => {
            await begin(visit, each)
            let refuse: () => void = () => {}
            const refused = new Promise<void>(resolve => (refuse = resolve))
            await visit.page.route('**/marks', async route => {
                expect(Object.keys(route.request().postDataJSON() as object)).toEqual([verb])
                await refused
                await route.fulfill({ status: 500, json: { status: 500, message: 'something went wrong' } })
            })
            await act(visit)
            await visit.shows(to, unread[1])
            refuse()
            await expect(visit.notice).toHaveText('That didn’t work. Your change was put back.')
            await visit.shows(from, unread[0])
            await expect(visit.undo).toBeHidden()
            await visit.page.unroute('**/marks')
            await again(visit, each)
            await visit.shows(from, unread[0])
        })

        if (said) {
            test('undone here, in another tab, and persisted', async ({ visit }) => {
                await begin(visit, each)
                const other = await join(visit, each)
                await act(visit)
                await expect(visit.undo.getByRole('status')).toHaveText(said)
                // It stays while the pointer is over it, however long the other tab takes.
                await visit.undo.hover()
                await visit.shows(to, unread[1])
                await other.shows(to, unread[1])
                await expect(other.undo).toBeHidden()
                await visit.undo.getByRole('button', { name: 'Undo' }).click()
                await expect(visit.undo).toBeHidden()
                await visit.shows(from, unread[0])
                await other.shows(from, unread[0])
                await again(visit, each)
                await visit.shows(from, unread[0])
            })
        }
    })
}

test('moving in and out of the archive updates a tab that shows the other list', async ({ visit, site }) => {
    await site.fill(3)
    await visit.arrive()
    const other = await visit.another()
    await other.arrive()
    await visit.open()
    await other.open()
    await visit.choose('Archive')
    await other.does('Message 2', 'Archive')
    await visit.shows(['*Message 2'], 2)
    await visit.does('Message 2', 'Move to inbox')
    await visit.shows([], 3)
    await other.shows(['*Message 3', '*Message 2', '*Message 1'], 3)
})

test('reading archived messages changes no count', async ({ visit, site }) => {
    await site.fill(3)
    await visit.arrive()
    await visit.open()
    await visit.does('Message 2', 'Archive')
    await visit.shows(['*Message 3', '*Message 1'], 2)
    await visit.choose('Archive')
    const names = await visit.bell.evaluateHandle(bell => {
        const seen: (string | null)[] = []
        new MutationObserver(() => seen.push(bell.ariaLabel)).observe(bell, { attributes: true })
        return seen
    })
    const marked = visit.page.waitForResponse('**/marks')
    await visit.does('Message 2', 'Mark as read')
    await marked
    await visit.shows(['Message 2'], 2)
    expect(await names.jsonValue()).toEqual([])
})

test('only the last action can be undone, and a new one replaces its notice', async ({ visit, site }) => {
    await site.fill(3)
    await visit.arrive()
    await visit.open()
    await visit.does('Message 1', 'Archive')
    await visit.does('Message 2', 'Delete')
    await expect(visit.undo).toContainText('Deleted')
    await visit.allRead.click()
    await expect(visit.undo).toContainText('All marked as read')
    await visit.shows(['Message 3'], 0)
    await visit.undo.getByRole('button').click()
    await visit.shows(['*Message 3'], 1)
    await expect(visit.undo).toBeHidden()
})

test('undo before the server has answered', async ({ visit, site }) => {
    await site.fill(3)
    await visit.arrive()
    await visit.open()
    let send: () => void = () => {}
    let answer: () => void = () => {}
    const sent = new Promise<void>(resolve => (send = resolve))
    const answered = new Promise<void>(resolve => (answer = resolve))
    await visit.page.route('**/marks', async route => {
        await sent
        const response = await route.fetch()
        await answered
        await route.fulfill({ response })
    })
    const cursor = () => visit.frame.locator('html').evaluate(({ dataset }) => Number(dataset.cursor ?? dataset.version))
    const before = await cursor()
    await visit.does('Message 2', 'Archive')
    const all = ['*Message 3', '*Message 2', '*Message 1']
    await visit.undo.getByRole('button').click()
    await visit.shows(all, 3)
    const lists = await visit.frame.locator('#list').evaluateHandle(list => {
        const lengths: number[] = []
        new MutationObserver(() => lengths.push(list.children.length)).observe(list, { childList: true })
        return lengths
    })
    // The archive event arrives after the undo, while its response is still in flight.
    send()
    await expect.poll(cursor).toBeGreaterThan(before)
    answer()
    await expect.poll(cursor).toBeGreaterThan(before + 1)
    await visit.shows(all, 3)
    expect((await lists.jsonValue()).filter(length => length !== 3)).toEqual([])
})

test('undo of "read all" covers messages that are not loaded yet', async ({ visit, site }) => {
    await site.fill(25)
    await visit.arrive()
    await visit.open()
    await visit.allRead.click()
    await visit.counts(0)
    await visit.undo.getByRole('button').click()
    await visit.counts(25)
    await visit.older.dispatchEvent('click')
    await expect(visit.unread).toHaveCount(25)
})

for (const [name, stay] of [
    ['the mouse is over it', (visit: Visit) => visit.undo.hover()],
    ['it has the focus', (visit: Visit) => visit.undo.getByRole('button').focus()]
] as const) {
    test(`the undo notice disappears after eight seconds, but not while ${name}`, async ({ visit, site }) => {
        await site.fill(3)
        await visit.page.clock.install()
        await visit.arrive()
        await visit.open()
        const pass = await visit.stopClock()
        await visit.does('Message 2', 'Archive')
        await pass(7_000)
        await expect(visit.undo).toBeVisible()
        await pass(1_001)
        await expect(visit.undo).toBeHidden()
        await visit.does('Message 1', 'Delete')
        await stay(visit)
        await pass(20_000)
        await expect(visit.undo).toBeVisible()
        await visit.panel.focus()
        await visit.panel.hover({ position: { x: 60, y: 20 } })
        await pass(8_001)
        await expect(visit.undo).toBeHidden()
        await visit.shows(['*Message 3'], 1)
    })
}

// Stubs of the peers' services for their packages, with the same twenty messages, all unread. Each
// has another origin than the page, as in production, so the browser sends a CORS preflight first,
// and caches it for the maximum time.
import { messages, sentAt } from './messages.ts'
import { respond, prepare, web, type Prepared } from './web.ts'

const allowed = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*, authorization', 'access-control-allow-methods': '*', 'access-control-max-age': '7200' }
const json = (value: unknown) => prepare('json', JSON.stringify(value), allowed)

const service = (choose: (url: URL, body: string) => Prepared | undefined) =>
    web('127.0.0.1', (request, response, body) => {
        if (request.method === 'OPTIONS') return void response.writeHead(204, allowed).end()
        const answer = choose(new URL(request.url ?? '/', 'http://localhost'), body)
        if (answer) respond(response, answer)
        else response.writeHead(404, allowed).end()
    })

const id = (index: number) => `1-6${index.toString(16).padStart(7, '0')}-0123456789abcdef01234567`

export const courier = () => {
    const nodes = messages.map((message, index) => ({
        messageId: id(index),
        read: null,
        archived: null,
        created: sentAt(message),
        opened: null,
        title: message.title,
        preview: message.body,
        data: {},
        tags: [],
        trackingIds: { clickTrackingId: id(index + 100) },
        actions: []
    }))
    const list = json({ data: { count: nodes.length, unreadCount: nodes.length, messages: { totalCount: nodes.length, pageInfo: { startCursor: id(0), hasNextPage: false }, nodes } } })
    const done = json({ data: {} })
    const counts = (query: string) =>
        json({ data: Object.fromEntries([...query.matchAll(/\$(\w+): FilterParamsInput = (.*)/g)].map(([, name, filter]) => [name, filter?.includes('archived') ? 0 : nodes.length])) })
    return service(({ pathname }, body) => {
        if (pathname !== '/q') return
        const { query } = JSON.parse(body) as { query: string }
        return query.includes('GetInboxMessages') ? list : query.includes('GetUnreadCounts') ? counts(query) : done
    })
}

export const novu = () => {
    const severity: Record<string, number> = { high: 0, medium: 0, low: 0, none: messages.length }
    const session = json({
        data: {
            token: 'a'.repeat(300),
            totalUnreadCount: messages.length,
            unreadCount: { total: messages.length, severity },
            removeNovuBranding: false,
            isDevelopmentMode: false,
            maxSnoozeDurationHours: 0
        }
    })
    const data = messages.map((message, index) => ({
        id: id(index),
        transactionId: id(index + 100),
        subject: message.title,
        body: message.body,
        to: { id: 'anna', subscriberId: 'anna', firstName: 'Anna', lastName: 'Lindqvist' },
        isRead: false,
        isSeen: false,
        isArchived: false,
        isSnoozed: false,
        createdAt: sentAt(message),
        deliveredAt: [],
        channelType: 'in_app',
        tags: [],
        severity: 'none',
        workflow: { id: 'orders', identifier: 'orders', name: 'Orders', critical: false, tags: [], severity: 'none' }
    }))
    const list = json({ data, hasMore: false, filter: {} })
    const counts = (filters: { severity?: string }[]) => json({ data: filters.map(filter => ({ count: severity[filter.severity ?? 'none'] ?? 0, filter })) })
    const done = json({ data: {} })
    return service(({ pathname, searchParams }) => {
        if (pathname === '/v1/inbox/session') return session
        if (pathname === '/v1/inbox/notifications') return list
        if (pathname === '/v1/inbox/notifications/count') return counts(JSON.parse(searchParams.get('filters') ?? '[]') as { severity?: string }[])
        return pathname.startsWith('/v1/inbox/') ? done : undefined
    })
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InboxSDK, InboxSDKError } from '../index.js'
import { jwt, serve, until } from './server.js'

const user = { id: '7', externalId: 'crm/7', name: 'Ada', email: '', roles: ['agent'] }
const joined = (more = {}) => ['ok', { session_token: 'bfs_session', expires_at: Math.floor(Date.now() / 1_000) + 86_400, user, ...more }]
const conversation = (id, more = {}) => ({ id, last_message_date: `2026-01-0${id}T00:00:00.000Z`, contact: { name: 'Anna' }, ...more })

/** A server, and an end of everything when the test is over. */
const start = async (context, answers = {}) => {
    const server = await serve((event, payload, client) => {
        const answer = answers[event] ?? (event === 'phx_join' ? joined() : ['ok', {}])
        return typeof answer === 'function' ? answer(payload, client) : answer
    })
    const inboxes = []
    context.after(() => {
        for (const inbox of inboxes) inbox.disconnect()
        server.close()
    })
    const authenticate = async (token = jwt(), options = {}) => {
        const inbox = await InboxSDK.authenticate(token, { host: server.host, ...options })
        inboxes.push(inbox)
        return inbox
    }
    return { server, authenticate }
}
const reasonOf = promise => promise.then(() => assert.fail('it was not refused'), error => (assert.ok(error instanceof InboxSDKError, error), error.reason))
const lists = () => {
    const callbackLog = []
    const ids = value => (Array.isArray(value) ? value.map(({ id }) => id).join() : value.id)
    return { callbackLog, callbacks: Object.fromEntries(['onSync', 'onNew', 'onUpdate', 'onRemove'].map(name => [name, value => callbackLog.push(`${name} ${ids(value)}`)])) }
}

test('a JWT becomes a session, and stands in no address', async context => {
    const { server, authenticate } = await start(context)
    const token = jwt()
    const inbox = await authenticate(token)
    assert.deepEqual(inbox.user, user)
    const [client] = server.clients
    assert.deepEqual([client.credential, client.topic], [token, 'inbox:bot:b1'])
    assert.equal(server.requests[0].url, '/socket/websocket?vsn=2.0.0')
    await authenticate(jwt({ bot_id: undefined, environment_id: 'e1' }))
    assert.equal(server.clients[1].topic, 'inbox:environment:e1')
})

test('tokens that say nothing are refused before anything is sent', async context => {
    const { server, authenticate } = await start(context)
    const cases = [['', 'invalid_token'], ['a.b.c', 'invalid_token'], [undefined, 'invalid_token'], [42, 'invalid_token'], ['x'.repeat(9_000), 'invalid_token'], [`${jwt()}\n`, 'invalid_token'],
        [jwt({ bot_id: undefined }), 'invalid_scope'], [jwt({ environment_id: 'e1' }), 'invalid_scope']]
    for (const [token, reason] of cases) assert.equal(await reasonOf(authenticate(token === undefined ? null : token)), reason, token)
    assert.equal(await reasonOf(InboxSDK.authenticate(jwt())), 'bad_request')
    assert.equal(server.requests.length, 0)
})

test('refusals of the server are reasons, and nothing is tried again', async context => {
    for (const reason of ['invalid_token', 'token_expired', 'invalid_scope', 'unauthorized', 'unmatched topic']) {
        const { server, authenticate } = await start(context, { phx_join: ['error', { reason }] })
        let tokenRequests = 0
        assert.equal(await reasonOf(authenticate(jwt(), reason === 'token_expired' ? {} : { onTokenExpired: () => void tokenRequests++ })), reason)
        assert.deepEqual([server.clients.length, tokenRequests], [1, 0])
    }
})

test('a JWT that has expired is asked for anew', async context => {
    const fresh = jwt({ fresh: true })
    const { server, authenticate } = await start(context, { phx_join: (_, { credential }) => (credential === fresh ? joined() : ['error', { reason: 'token_expired' }]) })
    await authenticate(jwt(), { onTokenExpired: async () => fresh })
    assert.equal(server.clients.at(-1).credential, fresh)
})

test('a page whose tokens are always expired gets the error and is not asked without end', async context => {
    const { authenticate } = await start(context, { phx_join: ['error', { reason: 'token_expired' }] })
    let tokenRequests = 0
    assert.equal(await reasonOf(authenticate(jwt(), { onTokenExpired: () => (tokenRequests++, jwt()) })), 'token_expired')
    assert.equal(tokenRequests, 1)
})

test('after a lost connection the session goes on, and the list is told once', async context => {
    const { server, authenticate } = await start(context, { subscribe: (_, client) => ['ok', { seq: 1, conversations: client === server.clients[0] ? [conversation('1'), conversation('2')] : [conversation('2'), conversation('3')] }] })
    const states = []
    const inbox = await authenticate(jwt(), { onStateChange: state => states.push(state) })
    const { callbackLog, callbacks } = lists()
    inbox.mine.subscribe(callbacks)
    await until(() => callbackLog.length === 1)
    server.clients[0].push('inbox_new', { inbox: 'mine', seq: 2, conversation: conversation('4') })
    await until(() => callbackLog.length === 2)
    server.clients[0].drop()
    await until(() => callbackLog.length === 3)
    assert.equal(server.clients[1].credential, 'bfs_session')
    // Of the join that is over.
    server.clients[1].push('inbox_remove', { inbox: 'mine', seq: 2, conversation_id: '3' }, 'other')
    server.clients[1].push('inbox_update', { inbox: 'mine', seq: 2, conversation: conversation('3') })
    server.clients[1].push('inbox_remove', { inbox: 'mine', seq: 3, conversation_id: '2' })
    await until(() => callbackLog.length === 4)
    assert.deepEqual(callbackLog, ['onSync 2,1', 'onNew 4', 'onSync 3,2', 'onRemove 2'])
    assert.deepEqual(states, ['connected', 'reconnecting', 'connected'])
})

test('a crash of the channel is a lost connection', async context => {
    const { server, authenticate } = await start(context)
    await authenticate()
    server.clients[0].push('phx_error', {})
    await until(() => server.clients[1]?.events().includes('phx_join'))
})

test('a session that has ended is begun anew with a token of the page', async context => {
    const fresh = jwt({ fresh: true })
    const { server, authenticate } = await start(context, {
        phx_join: (_, { credential }) => (credential === 'bfs_session' ? ['error', { reason: 'unauthorized' }] : joined())
    })
    const inbox = await authenticate(jwt(), { onTokenExpired: () => fresh })
    server.clients[0].drop()
    await until(() => server.clients.at(-1).credential === fresh && server.clients.at(-1).events().includes('phx_join'))
    assert.deepEqual(await inbox.listInitiateableChannels(), undefined)
})

test('an agent who is signed out is disconnected', async context => {
    const { server, authenticate } = await start(context, { phx_join: (_, { credential }) => (credential === 'bfs_session' ? ['error', { reason: 'token_expired' }] : joined()) })
    const states = []
    const inbox = await authenticate(jwt(), { onTokenExpired: () => '', onStateChange: (...state) => states.push(state) })
    server.clients[0].drop()
    await until(() => states.at(-1)[0] === 'closed')
    assert.deepEqual(states.at(-1), ['closed', 'token_expired'])
    assert.equal(await reasonOf(inbox.listInitiateableChannels()), 'disconnected')
})

test('a failing function for tokens is called again', async context => {
    let tokenRequests = 0
    const { server, authenticate } = await start(context, { phx_join: (_, { credential }) => (credential === 'bfs_session' ? ['error', { reason: 'token_expired' }] : joined()) })
    const states = []
    await authenticate(jwt(), { onTokenExpired: () => (++tokenRequests === 1 ? Promise.reject(new Error('offline')) : jwt()), onStateChange: state => states.push(state) })
    server.clients[0].drop()
    await until(() => states.filter(state => state === 'connected').length === 2)
    assert.equal(tokenRequests, 2)
})

test('calls give what the server answers, and its reasons', async context => {
    const { server, authenticate } = await start(context, {
        list_initiateable_channels: ['ok', { channels: [{ id: 'c1', type: 'whatsapp' }] }],
        start_conversation: ({ address }) => (address ? ['ok', { conversation: conversation('5') }] : ['error', { reason: 'invalid_address' }]),
        assign: ['error', { reason: 'not_found' }],
        watch: ['error', { reason: 'bad_request', field: 'on' }],
        close: ['ok', { conversation: conversation('5', { status: 'closed' }) }]
    })
    const inbox = await authenticate()
    const [channel] = await inbox.listInitiateableChannels()
    assert.equal(await reasonOf(inbox.startConversation(channel, '')), 'invalid_address')
    const started = await inbox.startConversation(channel, '0612345678')
    assert.deepEqual(server.clients[0].frames.at(-1).slice(1), ['start_conversation', { channel_id: 'c1', address: '0612345678' }])
    assert.deepEqual(JSON.parse(JSON.stringify(started)), conversation('5'))
    assert.equal(await reasonOf(started.assign()), 'not_found')
    assert.deepEqual(server.clients[0].frames.at(-1).slice(1), ['assign', { conversation_id: '5', to_me: true }])
    assert.equal((await started.watch().catch(error => error)).field, 'on')
    assert.equal((await started.close()).status, 'closed')
    assert.equal(await reasonOf(started.open()), 'no_iframe_parent')
})

test('a call on its way when the connection ends is said to be lost, one that waits is sent later', async context => {
    const { server, authenticate } = await start(context, { list_initiateable_channels: (_, client) => (client === server.clients[0] ? undefined : ['ok', { channels: [] }]) })
    const inbox = await authenticate()
    const first = reasonOf(inbox.listInitiateableChannels())
    await until(() => server.clients[0].events().includes('list_initiateable_channels'))
    server.clients[0].drop()
    assert.equal(await first, 'connection_lost')
    assert.deepEqual(await inbox.listInitiateableChannels(), [])
})

test('disconnecting leaves, and ends what waits', async context => {
    const { server, authenticate } = await start(context, { list_initiateable_channels: () => undefined })
    const inbox = await authenticate()
    const pending = reasonOf(inbox.listInitiateableChannels())
    inbox.disconnect()
    assert.equal(await pending, 'connection_lost')
    await until(() => server.clients[0].events().at(-1) === 'phx_leave')
    assert.equal(await reasonOf(inbox.listInitiateableChannels()), 'disconnected')
    assert.throws(() => inbox.mine.subscribe({}), { reason: 'disconnected' })
    assert.throws(() => inbox.subscribe('theirs', {}), { reason: 'bad_request' })
    assert.equal(server.clients.length, 1)
})

test('where no WebSocket comes through, requests carry the frames', async context => {
    const { server, authenticate } = await start(context, { subscribe: ['ok', { seq: 1, conversations: [conversation('1')] }] })
    server.refusesWebSockets = true
    let client
    let waiting
    const flush = () => {
        if (!waiting || !client.messages.length) return
        waiting({ status: 200, token: 'poll', messages: client.messages.splice(0).map(frame => JSON.stringify(frame)) })
        waiting = undefined
    }
    server.poll = (request, body, respond) => {
        const { searchParams } = new URL(request.url, server.host)
        if (!searchParams.get('token')) {
            client = { frames: [], messages: [], header: request.headers['x-phoenix-authtoken'], send: frame => void (client.messages.push(frame), flush()) }
            return respond({ status: 410, token: 'poll', messages: [] })
        }
        if (request.method === 'GET') return (waiting = respond), flush()
        for (const frame of body.split('\n')) server.reply(frame, client)
        respond({ status: 200 })
    }
    const inbox = await authenticate()
    const { callbackLog, callbacks } = lists()
    inbox.new.subscribe(callbacks)
    await until(() => callbackLog.length === 1)
    assert.equal(client.header, jwt())
    assert.ok(server.requests.every(request => !request.url.includes(jwt())))
    client.send([client.joinRef, null, client.topic, 'inbox_new', { inbox: 'new', seq: 2, conversation: conversation('2') }])
    await until(() => callbackLog.length === 2)
    assert.deepEqual(callbackLog, ['onSync 1', 'onNew 2'])
})

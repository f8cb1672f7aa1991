// Calls every method of @figuro/chatwoot-sdk for Node.js, and checks its result. Called by
// .ci/channel-clients.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const { default: ChatwootClient, ApiError } = createRequire(new URL('../end2end/package.json', import.meta.url))('@figuro/chatwoot-sdk')
const [url, folder] = process.argv.slice(2)
const made = name => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'))
const { account_id: accountId, inbox_id: inboxId, inbox_identifier: inboxIdentifier } = made('inbox')
const [ann, bob] = [made('agent'), made('other-agent')]
const connect = token => new ChatwootClient({ config: { basePath: url, with_credentials: true, credentials: 'include', token } })

// Called methods, and all methods.
const called = new Set()
const all = new Map()
const look = (name, resource) => {
    for (const method of Object.getOwnPropertyNames(Object.getPrototypeOf(resource)))
        if (method !== 'constructor') all.set(`${name}.${method}`, resource[method].bind(resource))
}
const { chatwootAPI: _, client, platform, ...own } = connect(ann.api_access_token)
for (const [name, resource] of Object.entries(own)) look(name, resource)
for (const [name, resource] of Object.entries(client)) look(`client.${name}`, resource)
for (const [name, resource] of Object.entries(platform)) look(`platform.${name}`, resource)

const call = (name, args = {}) => {
    called.add(name)
    return all.get(name)({ accountId, ...args })
}
const refused = async (status, promise) => {
    const error = await promise.then(() => assert.fail('it was not refused'), error => error)
    assert.ok(error instanceof ApiError, String(error))
    if (status) assert.equal(error.status, status)
    else assert.ok(error.status === 404 || error.status === 405, error.message)
}

const profile = await call('profile.profile')
assert.deepEqual([profile.id, profile.name, profile.role, profile.account_id], [ann.user_id, 'Ann', 'administrator', accountId])
assert.deepEqual((await call('agents.list')).map(agent => agent.id), [ann.user_id, bob.user_id])

const inbox = await call('inboxes.create', { data: { name: 'Node', channel: { type: 'api', webhook_url: 'https://shop.example/node' } } })
assert.deepEqual([inbox.name, inbox.channel_type, inbox.webhook_url], ['Node', 'Channel::Api', 'https://shop.example/node'])
assert.equal((await call('inboxes.get', { id: inbox.id })).id, inbox.id)
assert.equal((await call('inboxes.update', { id: inbox.id, data: { name: 'Node.js', enable_auto_assignment: false } })).name, 'Node.js')
assert.ok((await call('inboxes.list')).payload.some(listed => listed.id === inbox.id && listed.name === 'Node.js'))
const members = async () => (await call('inboxes.listAgents', { inboxId: inbox.id })).payload.map(agent => agent.id)
await call('inboxes.addAgent', { data: { inbox_id: inbox.id, user_ids: [ann.user_id, bob.user_id] } })
assert.deepEqual(await members(), [ann.user_id, bob.user_id])
await call('inboxes.updateAgentsInInbox', { data: { inbox_id: inbox.id, user_ids: [bob.user_id] } })
assert.deepEqual(await members(), [bob.user_id])
// Calls a path that doesn't exist.
await refused(0, call('inboxes.removeAgent', { inboxId: inbox.id, data: { inbox_id: inbox.id, user_ids: [bob.user_id] } }))

const created = await call('contacts.create', { data: { inbox_id: inboxId, name: 'Nora', email: 'Nora@Example.com', custom_attributes: { plan: 'free' } } })
const contact = created.payload.contact
assert.deepEqual([created.id, contact.email, contact.custom_attributes], [contact.id, 'nora@example.com', { plan: 'free' }])
const sourceId = created.payload.contact_inbox.source_id
assert.equal((await call('contacts.update', { id: contact.id, data: { name: 'Nora B', phone_number: '+15550003333' } })).payload.phone_number, '+15550003333')
assert.equal((await call('contacts.get', { id: contact.id })).payload.name, 'Nora B')
assert.ok((await call('contacts.list', { sort: '-last_activity_at' })).payload.some(listed => listed.id === contact.id))
assert.deepEqual((await call('contacts.search', { q: 'nora@example' })).payload.map(found => found.id), [contact.id])
assert.equal((await call('contact.create', { id: contact.id, data: { inbox_id: inbox.id, source_id: 'node-1' } })).source_id, 'node-1')
assert.ok((await call('contact.getContactable', { id: contact.id })).payload.some(one => one.source_id === sourceId && one.inbox.id === inboxId))

const conversation = await call('conversations.create', { data: { source_id: sourceId, inbox_id: inboxId, contact_id: contact.id, status: 'open' } })
const conversationId = conversation.id
assert.deepEqual([conversation.status, conversation.meta.sender.id], ['open', contact.id])
assert.equal((await call('conversations.get', { conversationId })).id, conversationId)
assert.deepEqual((await call('contacts.listConversations', { id: contact.id })).payload.map(one => one.id), [conversationId])
// It sends every message as a multipart form, with `false` as text.
const said = await call('messages.create', { conversationId, data: { content: 'Hello', message_type: 'incoming', private: false } })
assert.deepEqual([said.content, said.message_type, said.private, said.sender.type], ['Hello', 0, false, 'contact'])
const select = { items: [{ title: 'Red', value: 'red' }] }
const asked = await call('messages.create', { conversationId, data: { content: 'Which?', message_type: 'outgoing', private: false, content_type: 'input_select', content_attributes: select } })
assert.deepEqual([asked.content_type, asked.content_attributes, asked.sender.id], ['input_select', select, ann.user_id])
const files = [{ content: 'a,b\n1,2\n', encoding: 'utf8', filename: 'list.csv' }]
const sent = await call('messages.create', { conversationId, data: { content: 'A list', message_type: 'outgoing', private: true, attachments: files } })
assert.deepEqual([sent.private, sent.attachments.length, sent.attachments[0].file_type, sent.attachments[0].file_size], [true, 1, 'file', 8])
assert.equal(await (await fetch(sent.attachments[0].data_url.replace(/^https?:\/\/[^/]+/, url))).text(), 'a,b\n1,2\n')
const spoken = async () => (await call('messages.list', { conversationId })).payload.filter(message => message.message_type < 2).map(message => message.id)
assert.deepEqual(await spoken(), [said.id, asked.id, sent.id])
assert.equal((await call('messages.update', { conversationId, messageId: asked.id, data: { status: 'delivered' } })).status, 'delivered')
assert.equal((await call('messages.delete', { conversationId, messageId: sent.id })).content_attributes.deleted, true)

assert.equal((await call('conversationAssignment.assign', { conversationId, data: { assignee_id: bob.user_id } })).id, bob.user_id)
assert.deepEqual((await call('conversationLabels.add', { conversationId, data: { labels: ['node', 'vip'] } })).payload, ['node', 'vip'])
assert.deepEqual((await call('conversationLabels.list', { conversationId })).payload, ['node', 'vip'])
const listed = await call('conversations.list', { assigneeType: 'assigned', labels: ['node'], inboxId, q: 'Hello' })
assert.deepEqual([listed.data.payload.map(one => one.id), listed.data.meta.assigned_count], [[conversationId], 1])
assert.equal((await call('conversations.getMeta', { status: 'open', labels: ['node'] })).meta.all_count, 1)
const toggled = await call('conversations.toggleStatus', { conversationId, data: { status: 'resolved' } })
assert.deepEqual([toggled.payload.success, toggled.payload.current_status], [true, 'resolved'])

const hook = (await call('webhooks.create', { data: { url: 'https://shop.example/node-hook', subscriptions: ['message_created'] } })).payload.webhook
assert.deepEqual(hook.subscriptions, ['message_created'])
const change = { url: 'https://shop.example/node-hook', subscriptions: ['conversation_created', 'webwidget_triggered'] }
assert.deepEqual((await call('webhooks.update', { webhookId: hook.id, data: change })).payload.webhook.subscriptions, change.subscriptions)
assert.ok((await call('webhooks.list')).payload.webhooks.some(one => one.id === hook.id))
await call('webhooks.delete', { webhookId: hook.id })
assert.ok(!(await call('webhooks.list')).payload.webhooks.some(one => one.id === hook.id))

const canned = await call('cannedResponses.create', { data: { short_code: 'node', content: 'Hello {{contact.name}}' } })
assert.deepEqual([canned.short_code, canned.content, canned.account_id], ['node', 'Hello {{contact.name}}', accountId])
assert.equal((await call('cannedResponses.update', { id: canned.id, data: { content: 'Good day' } })).content, 'Good day')
assert.ok((await call('cannedResponses.list')).some(one => one.id === canned.id && one.short_code === 'node'))
await call('cannedResponses.delete', { id: canned.id })
assert.ok(!(await call('cannedResponses.list')).some(one => one.id === canned.id))

const visitor = await call('client.contacts.create', { inboxIdentifier, data: { name: 'Vera', email: 'vera@example.com', custom_attributes: { plan: 'pro' } } })
assert.deepEqual([visitor.name, visitor.email, visitor.pubsub_token.length], ['Vera', 'vera@example.com', 24])
const place = { inboxIdentifier, contactIdentifier: visitor.source_id }
assert.deepEqual(await call('client.contacts.get', place), visitor)
assert.equal((await call('client.contacts.update', { ...place, data: { name: 'Vera C' } })).name, 'Vera C')
const talk = await call('client.conversations.create', place)
assert.deepEqual((await call('client.conversations.list', place)).map(one => one.id), [talk.id])
const within = { ...place, conversationId: talk.id }
const question = await call('client.messages.create', { ...within, data: { content: 'Is it in stock?', echo_id: 'echo' } })
assert.deepEqual([question.content, question.message_type, question.sender.name], ['Is it in stock?', 0, 'Vera C'])
const choice = await call('messages.create', { conversationId: talk.id, data: { content: 'Which?', content_type: 'input_select', content_attributes: select } })
const values = [{ title: 'Red', value: 'red' }]
const answered = await call('client.messages.update', { ...within, messageId: choice.id, data: { submitted_values: values } })
assert.deepEqual(answered.content_attributes.submitted_values, values)
assert.deepEqual((await call('client.messages.list', within)).map(message => message.id), [question.id, choice.id])
await refused(404, call('client.contacts.get', { ...place, contactIdentifier: 'nobody' }))

await call('contacts.delete', { id: contact.id })
await refused(404, call('contacts.get', { id: contact.id }))
await refused(401, connect('x'.repeat(24)).profile.profile())
await refused(401, connect(bob.api_access_token).inboxes.create({ accountId, data: { name: 'Mine', channel: { type: 'api' } } }))

// Features that Belfry doesn't have: each must return an error.
const missing = [...all.keys()].filter(name => !called.has(name))
const ids = { id: 1, botId: 1, accountIdentifier: 1, hookId: 1, teamId: 1, data: {}, payload: [], metric: 'account', type: 'account', since: '0', until: '1' }
for (const name of missing) await refused(0, call(name, ids))
const known = /^(platform|accountAgentBots|agentBots|agents|automationRule|customAttributes|customFilters|integrations|reports|teams|users)\.|^inboxes\.(get|update)AgentBot$|\.filter$/
assert.deepEqual(missing.filter(name => !known.test(name)), [], 'never called')
console.log(`${all.size - missing.length} methods of @figuro/chatwoot-sdk, and ${missing.length} that are rejected`)

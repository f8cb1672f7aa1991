import assert from 'node:assert/strict'
import { test } from 'node:test'
import { list } from '../src/list.js'

const conversation = (id, more = {}) => ({ id, last_message_date: `2026-01-0${id}T00:00:00.000Z`, last_message: 'Hello', ...more })

/** A list, what its callbacks were told, and how often it was read and left. */
const start = () => {
    const calls = []
    let reads = 0
    let leaves = 0
    const subject = list(() => void reads++, () => void leaves++, data => data)
    const callbacks = Object.fromEntries(['onSync', 'onNew', 'onUpdate', 'onRemove'].map(name => [name, value => calls.push([name, Array.isArray(value) ? value.map(({ id }) => id) : value.id])]))
    return { subject, calls, callbacks, reads: () => reads, leaves: () => leaves }
}

test('a list is told once, then each change', () => {
    const { subject, calls, callbacks, reads } = start()
    subject.subscribe(callbacks)
    assert.equal(reads(), 1)
    subject.sync({ seq: 1, conversations: [conversation('1'), conversation('2')] })
    subject.apply('inbox_new', { seq: 2, conversation: conversation('3') })
    subject.apply('inbox_update', { seq: 3, conversation: conversation('1', { last_message: 'Bye' }) })
    subject.apply('inbox_remove', { seq: 4, conversation_id: '2' })
    assert.deepEqual(calls, [['onSync', ['2', '1']], ['onNew', '3'], ['onUpdate', '1'], ['onRemove', '2']])
})

test('what is known is not told again', () => {
    const { subject, calls, callbacks } = start()
    subject.subscribe(callbacks)
    subject.sync({ seq: 1, conversations: [conversation('1')] })
    calls.length = 0
    subject.apply('inbox_new', { seq: 2, conversation: conversation('1') })
    subject.apply('inbox_update', { seq: 3, conversation: conversation('1') })
    subject.apply('inbox_remove', { seq: 4, conversation_id: '9' })
    subject.apply('inbox_sync', { seq: 5, conversations: [conversation('1')] })
    assert.deepEqual(calls, [])
    subject.apply('inbox_sync', { seq: 6, conversations: [] })
    assert.deepEqual(calls, [['onSync', []]])
})

test('frames that are older than the list are dropped', () => {
    const { subject, calls, callbacks } = start()
    subject.subscribe(callbacks)
    subject.sync({ seq: 5, conversations: [conversation('1')] })
    calls.length = 0
    for (const seq of [1, 4, 5]) subject.apply('inbox_remove', { seq, conversation_id: '1' })
    assert.deepEqual(calls, [])
    subject.apply('inbox_remove', { seq: 6, conversation_id: '1' })
    assert.deepEqual(calls, [['onRemove', '1']])
})

test('a missing frame makes the list be read again, and nothing is told until it was', () => {
    const { subject, calls, callbacks, reads } = start()
    subject.subscribe(callbacks)
    subject.sync({ seq: 1, conversations: [] })
    calls.length = 0
    subject.apply('inbox_new', { seq: 3, conversation: conversation('3') })
    subject.apply('inbox_new', { seq: 4, conversation: conversation('4') })
    assert.deepEqual([calls, reads()], [[], 2])
    subject.sync({ seq: 4, conversations: [conversation('2'), conversation('3'), conversation('4')] })
    subject.apply('inbox_new', { seq: 5, conversation: conversation('5') })
    assert.deepEqual(calls, [['onSync', ['4', '3', '2']], ['onNew', '5']])
})

test('after a reconnect the whole list is told once', () => {
    const { subject, calls, callbacks, reads } = start()
    subject.subscribe(callbacks)
    subject.sync({ seq: 7, conversations: [conversation('1'), conversation('2')] })
    calls.length = 0
    subject.restart()
    assert.equal(reads(), 2)
    subject.apply('inbox_new', { seq: 8, conversation: conversation('8') })
    subject.sync({ seq: 1, conversations: [conversation('2'), conversation('3')] })
    subject.apply('inbox_update', { seq: 2, conversation: conversation('3') })
    assert.deepEqual(calls, [['onSync', ['3', '2']]])
})

test('a later subscriber gets the list that is there', async () => {
    const { subject, calls, callbacks, reads } = start()
    subject.subscribe({})
    subject.sync({ seq: 1, conversations: [conversation('1')] })
    subject.apply('inbox_new', { seq: 2, conversation: conversation('2') })
    subject.subscribe(callbacks)
    assert.deepEqual(calls, [])
    await undefined
    assert.deepEqual([calls, reads()], [[['onSync', ['2', '1']]], 1])
})

test('an unsubscribed listener gets no events, and the last one closes the list', async () => {
    const { subject, calls, callbacks, reads, leaves } = start()
    const first = subject.subscribe({})
    const second = subject.subscribe(callbacks)
    subject.sync({ seq: 1, conversations: [] })
    calls.length = 0
    second()
    second()
    subject.apply('inbox_new', { seq: 2, conversation: conversation('2') })
    assert.deepEqual([calls, leaves()], [[], 0])
    first()
    assert.equal(leaves(), 1)
    subject.subscribe(callbacks)
    await undefined
    assert.deepEqual([calls, reads()], [[], 2])
})

test('a fault in one callback is reported, and the others are called', async context => {
    const { subject, calls, callbacks } = start()
    const reported = []
    context.mock.method(globalThis, 'setTimeout', task => {
        assert.throws(task, error => Boolean(reported.push(error.message)))
    })
    subject.subscribe({
        onSync: () => {
            throw new Error('the page’s own')
        }
    })
    subject.subscribe(callbacks)
    subject.sync({ seq: 1, conversations: [conversation('1')] })
    assert.deepEqual([calls, reported], [[['onSync', ['1']]], ['the page’s own']])
})

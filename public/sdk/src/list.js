// What a page knows of one list: each conversation once, newest activity first. Frames that are older than the list are dropped, a frame that is
// missing makes it be read again, and nobody is told what they know. Knows nothing of sockets.

import { call } from './error.js'

const activity = conversation => conversation.last_message_date ?? conversation.inserted_at ?? ''
const newestFirst = (one, other) => (activity(one) < activity(other) ? 1 : activity(one) > activity(other) ? -1 : 0)

/**
 * `read()` asks for the whole list, which comes by `sync`; `leave()` says that nobody wants it any more; `wrap(data)` makes of a conversation's
 * data what the page gets.
 */
export const list = (read, leave, wrap) => {
    const subscribers = new Set()
    let byId = new Map()
    let last = 0
    let isSynced = false

    const dispatch = (name, value) => {
        for (const subscriber of [...subscribers]) if (subscriber.isSynced) call(subscriber.callbacks[name], value())
    }
    const everything = () => [...byId.values()].sort(newestFirst).map(wrap)
    const sync = ({ conversations, seq }) => {
        byId = new Map(conversations.map(conversation => [conversation.id, conversation]))
        last = seq ?? 0
        isSynced = true
        for (const subscriber of subscribers) subscriber.isSynced = true
        dispatch('onSync', everything)
    }
    const isKnown = conversations =>
        isSynced && conversations.length === byId.size && conversations.every(one => JSON.stringify(byId.get(one.id)) === JSON.stringify(one))
    const put = conversation => {
        const former = byId.get(conversation.id)
        byId.set(conversation.id, conversation)
        if (!former) dispatch('onNew', () => wrap(conversation))
        else if (JSON.stringify(former) !== JSON.stringify(conversation)) dispatch('onUpdate', () => wrap(conversation))
    }
    const remove = id => {
        const former = byId.get(id)
        if (former && byId.delete(id)) dispatch('onRemove', () => wrap(former))
    }

    return {
        sync,
        /** There is another connection: what comes before the list was read again says nothing. */
        restart() {
            isSynced = false
            if (subscribers.size) read()
        },
        apply(event, { seq, conversation, conversation_id: id, ...payload }) {
            if (event === 'inbox_sync') {
                // The server reads lists again when it can't tell whether something changed.
                if (!isKnown(payload.conversations)) return sync({ seq, ...payload })
                last = seq ?? last
                return
            }
            if (!isSynced || (seq !== undefined && seq <= last)) return
            if (seq !== undefined && seq > last + 1) {
                isSynced = false
                return read()
            }
            last = seq ?? last
            if (event === 'inbox_remove') remove(id)
            else if (conversation) put(conversation)
        },
        subscribe(callbacks) {
            const subscriber = { callbacks, isSynced: false }
            subscribers.add(subscriber)
            if (subscribers.size === 1) {
                read()
            } else if (isSynced) {
                queueMicrotask(() => {
                    if (subscriber.isSynced || !isSynced || !subscribers.has(subscriber)) return
                    subscriber.isSynced = true
                    call(callbacks.onSync, everything())
                })
            }
            return () => {
                if (!subscribers.delete(subscriber) || subscribers.size) return
                isSynced = false
                leave()
            }
        },
        clear() {
            subscribers.clear()
        }
    }
}

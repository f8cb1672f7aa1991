// One topic of a Phoenix socket (V2 serializer), which is joined again for as long as it takes: after lost networks, sleep and restarts of the
// server. Knows nothing of conversations and nothing of what a credential is.

import { InboxSDKError } from './error.js'
import { longPoll, webSocket } from './transport.js'

const CONNECT_TIMEOUT_MS = 10_000
const PUSH_TIMEOUT_MS = 10_000
const HEARTBEAT_MS = 30_000
/** After sleep a socket looks open that is not; this long it may take to answer. */
const PROBE_TIMEOUT_MS = 5_000
const FIRST_RETRY_MS = 500
const MAX_RETRY_MS = 30_000

/** What makes a page look whether its connection still lives. */
const SIGNS = ['online', 'offline', 'pageshow']
/** Timers stand still while a machine sleeps: one that comes this much later than it should says so. */
const TICK_MS = 5_000
const SLEEP_MS = 15_000

/**
 * `access()` gives the topic and the credential of the next attempt. `onJoin(response)` is called after each join; `onRefused(reason)` after a
 * refused one, and nothing is tried any more until `retry()` or `restart()`.
 */
export const connect = ({ host, access, onJoin, onRefused, onLost, onEvent }) => {
    let transport
    let topic
    let joinRef
    let isOpen = false
    let isJoined = false
    let isStopped = false
    let isScheduled = false
    let lastRef = 0
    let failures = 0
    let timer
    let heartbeat
    let probe
    let hasWebSocketWorked = false
    let isPolling = false
    /** What was asked and waits for its answer, by its reference. */
    const pending = new Map()
    /** What is asked as soon as there is a connection. */
    const waiting = new Set()

    const send = (ref, event, payload, to = topic) => transport.send(JSON.stringify([to === topic ? joinRef : null, ref, to, event, payload]))
    const nextRef = () => String(++lastRef)

    const settle = (request, reason, value) => {
        clearTimeout(request.timer)
        waiting.delete(request)
        pending.delete(request.ref)
        if (reason) request.reject(new InboxSDKError(reason, value))
        else request.resolve(value)
    }
    const dispatch = request => {
        waiting.delete(request)
        request.ref = nextRef()
        pending.set(request.ref, request)
        send(request.ref, request.event, request.payload)
    }

    const push = (event, payload = {}) =>
        new Promise((resolve, reject) => {
            if (isStopped) return reject(new InboxSDKError('disconnected'))
            const request = { event, payload, resolve, reject }
            request.timer = setTimeout(() => settle(request, 'timeout'), PUSH_TIMEOUT_MS)
            if (isJoined) dispatch(request)
            else waiting.add(request)
        })

    /** Lets go of the transport. What was on its way may have been done or not. */
    const drop = () => {
        const former = transport
        transport = undefined
        isOpen = isJoined = false
        clearTimeout(timer)
        clearTimeout(heartbeat)
        clearTimeout(probe)
        probe = undefined
        if (former) {
            former.onopen = former.onmessage = former.onclose = former.onerror = null
            former.close()
        }
        for (const request of [...pending.values()]) settle(request, 'connection_lost')
    }
    const retry = () => {
        if (isStopped) return
        clearTimeout(timer)
        isScheduled = true
        const pause = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** failures++)
        // Half of it by chance, so that the agents of a server that was restarted don't come back all at once.
        timer = setTimeout(attempt, pause * (0.5 + Math.random()))
    }
    const reconnect = () => {
        // Long-polling is for networks that let no WebSocket through, so it is tried after one that never opened, and each time anew.
        isPolling = !isOpen && !isPolling && !hasWebSocketWorked
        const wasJoined = isJoined
        drop()
        if (wasJoined) onLost()
        retry()
    }

    const check = timeout => {
        clearTimeout(heartbeat)
        heartbeat = setTimeout(check, HEARTBEAT_MS, PUSH_TIMEOUT_MS)
        if (probe) return
        const ref = nextRef()
        probe = setTimeout(reconnect, timeout)
        pending.set(ref, {
            ref,
            resolve: () => {
                clearTimeout(probe)
                probe = undefined
            },
            reject: () => {}
        })
        send(ref, 'heartbeat', {}, 'phoenix')
    }
    const join = () => {
        isOpen = true
        joinRef = nextRef()
        pending.set(joinRef, {
            ref: joinRef,
            resolve: response => {
                clearTimeout(timer)
                isJoined = true
                failures = 0
                if (!isPolling) hasWebSocketWorked = true
                heartbeat = setTimeout(check, HEARTBEAT_MS, PUSH_TIMEOUT_MS)
                onJoin(response)
                for (const request of [...waiting]) if (isJoined) dispatch(request)
            },
            reject: error => {
                if (error.reason === 'connection_lost') return
                drop()
                onRefused(error.reason)
            }
        })
        send(joinRef, 'phx_join', {})
    }
    const receive = ({ data }) => {
        let frame
        try {
            frame = JSON.parse(data)
        } catch {
            return
        }
        const [frameJoinRef, ref, name, event, payload] = frame
        // Of a join that is over.
        if (name === topic && frameJoinRef !== null && frameJoinRef !== joinRef) return
        if (event === 'phx_reply') {
            const request = pending.get(ref)
            if (!request) return
            if (payload.status === 'ok') settle(request, undefined, payload.response)
            else settle(request, payload.response?.reason ?? 'failed', payload.response)
        } else if (name !== topic) {
            // Nothing else is joined.
        } else if (event === 'phx_error' || event === 'phx_close') {
            reconnect()
        } else if (isJoined) {
            onEvent(event, payload)
        }
    }

    const attempt = () => {
        drop()
        isScheduled = false
        const granted = access()
        topic = granted.topic
        timer = setTimeout(reconnect, CONNECT_TIMEOUT_MS)
        try {
            transport = (isPolling ? longPoll : webSocket)(host, granted.credential)
        } catch {
            // For example a plain socket from a page by https.
            return reconnect()
        }
        transport.onopen = join
        transport.onmessage = receive
        transport.onclose = transport.onerror = reconnect
    }
    /** Joins anew, as soon as nothing is on its way. */
    const restart = () => {
        if (isStopped) return
        if (!pending.size || !isJoined) return attempt()
        clearTimeout(timer)
        timer = setTimeout(restart, 100)
    }

    const wake = ({ type } = {}) => {
        if (isStopped || (type === 'visibilitychange' && document.visibilityState === 'hidden')) return
        if (isJoined) check(PROBE_TIMEOUT_MS)
        // It only waits: somebody looks, or there is a network again.
        else if (isScheduled && type !== 'offline') attempt()
    }
    let seen = Date.now()
    const clock = setInterval(() => {
        const now = Date.now()
        if (now - seen > SLEEP_MS) wake()
        seen = now
    }, TICK_MS)
    const listen = verb => {
        for (const sign of SIGNS) globalThis[verb]?.(sign, wake)
        globalThis.document?.[verb]('visibilitychange', wake)
    }

    const stop = () => {
        if (isStopped) return
        isStopped = true
        clearInterval(clock)
        listen('removeEventListener')
        if (isJoined) send(nextRef(), 'phx_leave', {})
        drop()
        for (const request of [...waiting]) settle(request, 'disconnected')
    }

    listen('addEventListener')
    attempt()
    return { push, retry, restart, stop }
}

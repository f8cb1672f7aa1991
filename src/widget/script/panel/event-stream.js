// The event stream: one connection to the server, shared by all tabs of a browser that show the
// same inbox. One tab, the leader, holds it and passes the events on; when that tab is closed,
// frozen or silent, another one takes over. In browsers without locks or channels each tab has its
// own stream. It must not depend on the meaning of events: the islands decide when to connect and
// to which address, and each of them stores its own cursor, so that nothing is lost when the leader
// changes.
const { dataset } = document.documentElement
const channelName = ['belfry', dataset.base, dataset.reader, dataset.language].join(' ')
const EVENT_TYPES = ['message', 'edited', 'removed', 'counts', 'resync', 'themed', 'conversation', 'ended', 'beat']
// The server sends a heartbeat every 15 seconds, the first one at once. A leader that cannot reach
// the server reports that at least once a minute. Throttled timers of a hidden tab tick more often
// than every `SUSPEND_MS`: a longer gap means that the page was suspended.
const CONNECT_TIMEOUT_MS = 10e3, HEARTBEAT_TIMEOUT_MS = 40e3, LEADER_TIMEOUT_MS = 70e3, SUSPEND_MS = 120e3
let eventSource, channel, lockRequest, releaseLock, isLeader, hasGreeting, isCaughtUp, lastEventAt = Date.now(), lastTickAt = lastEventAt

const dispatch = (kind, data) => document.dispatchEvent(new CustomEvent('belfry:line', { detail: { kind, data } }))

const broadcast = (kind, data) => {
    channel?.postMessage({ kind, data })
    dispatch(kind, data)
}

const closeStream = () => {
    eventSource?.close()
    eventSource = undefined
}

const onDisconnect = () => {
    closeStream()
    broadcast('lost')
}

const connect = address => {
    if (!isLeader) return
    closeStream()
    hasGreeting = false
    lastEventAt = Date.now()
    const own = eventSource = new EventSource(address)
    for (const kind of EVENT_TYPES) {
        own.addEventListener(kind, event => {
            if (own != eventSource) return
            hasGreeting = true
            lastEventAt = Date.now()
            if (kind == 'ended') closeStream()
            broadcast(kind, JSON.parse(event.data))
        })
    }
    // The browser would reconnect by itself, but without checking whether the session is still
    // valid.
    own.onerror = () => own == eventSource && onDisconnect()
}

const becomeLeader = () => {
    isLeader = true
    dispatch('lead')
}

const requestLock = steal => {
    lockRequest = new AbortController()
    const onLock = () => new Promise(done => {
        releaseLock = done
        becomeLeader()
    })
    navigator.locks.request(channelName, steal ? { steal } : { signal: lockRequest.signal }, onLock).catch(({ name: reason }) => {
        // Without storage there are no locks either: this tab then has its own stream.
        if (reason != 'AbortError') return becomeLeader()
        if (!isLeader) return
        isLeader = false
        closeStream()
        dispatch('follow')
        requestLock()
    })
}

const takeLeadership = () => {
    lastEventAt = Date.now()
    lockRequest?.abort()
    requestLock(true)
}

const join = () => {
    // Some browsers fire more than one event when a page returns.
    leave()
    lastEventAt = lastTickAt = Date.now()
    try {
        channel = new BroadcastChannel(channelName)
        channel.onmessage = ({ data: { kind, data } }) => {
            lastEventAt = isLeader ? lastEventAt : Date.now()
            if (kind == 'beat') isCaughtUp = true
            // Events before the first heartbeat may follow others that this tab missed; the
            // heartbeat reveals that.
            if (kind != 'join') isLeader || !isCaughtUp && EVENT_TYPES.includes(kind) || dispatch(kind, data)
            // A joining tab receives the current version, and so learns whether it missed
            // something.
            else if (isLeader && hasGreeting) channel.postMessage({ kind: 'beat', data: { version: +dataset.cursor || +dataset.version } })
        }
        channel.postMessage({ kind: 'join' })
        requestLock()
    } catch {
        becomeLeader()
    }
}

const leave = () => {
    if (isLeader) dispatch('follow')
    isLeader = false
    closeStream()
    lockRequest?.abort()
    releaseLock?.()
    channel?.close()
    channel = releaseLock = isCaughtUp = undefined
}

// A page in the back/forward cache must not hold a lock or a connection, or the browser would not
// keep it there.
addEventListener('pagehide', leave)
document.addEventListener('freeze', leave)
addEventListener('pageshow', ({ persisted }) => persisted && join())
document.addEventListener('resume', join)
document.addEventListener('belfry:awake', join)
document.addEventListener('belfry:connect', ({ detail }) => connect(detail))
// A connection that the network has cut only falls silent; this event reports it sooner.
addEventListener('offline', () => isLeader && eventSource && onDisconnect())
// Without a stream the results of polling are shared: the other tabs must know whether the server
// is reachable.
document.addEventListener('belfry:asked', ({ detail }) => isLeader && channel?.postMessage({ kind: detail ? 'beat' : 'down', data: detail }))
// The leader of a lost stream may be hidden, and so slow to retry. This tab is visible.
document.addEventListener('visibilitychange', () => document.hidden || isLeader || !channel || dataset.stream != 'lost' || takeLeadership())

setInterval(() => {
    const now = Date.now()
    const silentFor = now - lastEventAt
    const wasSuspended = now - lastTickAt > SUSPEND_MS
    lastTickAt = now
    if (isLeader && wasSuspended) {
        closeStream()
        dispatch('woke')
    } else if (isLeader) {
        if (eventSource && silentFor > (hasGreeting ? HEARTBEAT_TIMEOUT_MS : CONNECT_TIMEOUT_MS)) onDisconnect()
    } else if (channel && silentFor > LEADER_TIMEOUT_MS && !document.hidden) takeLeadership()
}, 5e3)

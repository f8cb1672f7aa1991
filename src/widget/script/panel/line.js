// The event stream: one connection to the server, shared by all tabs of a browser that show the
// same inbox. One tab, the leader, holds it and passes the events on; when that tab is closed,
// frozen or silent, another one takes over. In browsers without locks or channels each tab has its
// own stream. It must not depend on the meaning of events: the islands decide when to connect and
// to which address, and each of them stores its own cursor, so that nothing is lost when the leader
// changes.
const { dataset } = document.documentElement
const name = ['belfry', dataset.base, dataset.reader, dataset.language].join(' ')
const kinds = ['message', 'edited', 'removed', 'counts', 'resync', 'themed', 'conversation', 'ended', 'beat']
// The server sends a heartbeat every 15 seconds, the first one at once. A leader that cannot reach
// the server reports that at least once a minute. Throttled timers of a hidden tab tick more often
// than every `SUSPEND_MS`: a longer gap means that the page was suspended.
const first = 10e3, silence = 40e3, orphaned = 70e3, nap = 120e3
let source, channel, waiting, release, leading, greeted, caught, heard = Date.now(), ticked = heard

const tell = (kind, data) => document.dispatchEvent(new CustomEvent('belfry:line', { detail: { kind, data } }))

const pass = (kind, data) => {
    channel?.postMessage({ kind, data })
    tell(kind, data)
}

const hang = () => {
    source?.close()
    source = undefined
}

const lose = () => {
    hang()
    pass('lost')
}

const connect = address => {
    if (!leading) return
    hang()
    greeted = false
    heard = Date.now()
    const own = source = new EventSource(address)
    for (const kind of kinds) {
        own.addEventListener(kind, event => {
            if (own != source) return
            greeted = true
            heard = Date.now()
            if (kind == 'ended') hang()
            pass(kind, JSON.parse(event.data))
        })
    }
    // The browser would reconnect by itself, but without checking whether the session is still
    // valid.
    own.onerror = () => own == source && lose()
}

const lead = () => {
    leading = true
    tell('lead')
}

const follow = steal => {
    waiting = new AbortController()
    const held = () => new Promise(done => {
        release = done
        lead()
    })
    navigator.locks.request(name, steal ? { steal } : { signal: waiting.signal }, held).catch(({ name: reason }) => {
        // Without storage there are no locks either: this tab then has its own stream.
        if (reason != 'AbortError') return lead()
        if (!leading) return
        leading = false
        hang()
        tell('follow')
        follow()
    })
}

const seize = () => {
    heard = Date.now()
    waiting?.abort()
    follow(true)
}

const join = () => {
    // Some browsers fire more than one event when a page returns.
    leave()
    heard = ticked = Date.now()
    try {
        channel = new BroadcastChannel(name)
        channel.onmessage = ({ data: { kind, data } }) => {
            heard = leading ? heard : Date.now()
            if (kind == 'beat') caught = true
            // Events before the first heartbeat may follow others that this tab missed; the
            // heartbeat reveals that.
            if (kind != 'join') leading || !caught && kinds.includes(kind) || tell(kind, data)
            // A joining tab receives the current version, and so learns whether it missed
            // something.
            else if (leading && greeted) channel.postMessage({ kind: 'beat', data: { version: +dataset.cursor || +dataset.version } })
        }
        channel.postMessage({ kind: 'join' })
        follow()
    } catch {
        lead()
    }
}

const leave = () => {
    if (leading) tell('follow')
    leading = false
    hang()
    waiting?.abort()
    release?.()
    channel?.close()
    channel = release = caught = undefined
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
addEventListener('offline', () => leading && source && lose())
// Without a stream the results of polling are shared: the other tabs must know whether the server
// is reachable.
document.addEventListener('belfry:asked', ({ detail }) => leading && channel?.postMessage({ kind: detail ? 'beat' : 'down', data: detail }))
// The leader of a lost stream may be hidden, and so slow to retry. This tab is visible.
document.addEventListener('visibilitychange', () => document.hidden || leading || !channel || dataset.stream != 'lost' || seize())

setInterval(() => {
    const now = Date.now()
    const still = now - heard
    const slept = now - ticked > nap
    ticked = now
    if (leading && slept) {
        hang()
        tell('woke')
    } else if (leading) {
        if (source && still > (greeted ? silence : first)) lose()
    } else if (channel && still > orphaned && !document.hidden) seize()
}, 5e3)

// The line: one event stream to the server, shared by all tabs of a browser that show the same inbox. One of them holds it
// and passes on what it hears; when that one closes, freezes or falls silent, another takes it over. Where a browser has no
// locks or channels, each tab has a line of its own. It must not know what the events mean: the islands say when to connect
// and where, and each of them knows how far it got, so that nothing is lost when the line changes hands.
const { dataset } = document.documentElement
const name = ['belfry', dataset.base, dataset.reader, dataset.language].join(' ')
const kinds = ['message', 'edited', 'removed', 'counts', 'resync', 'themed', 'conversation', 'ended', 'beat']
// The server's heart beats every 15 seconds, for the first time at once. Whoever holds the line and can't reach the server says
// so once a minute at least; and no browser keeps a hidden tab's clock from ticking for as long as a nap.
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
    // The browser would try again by itself, but without a look at whether the session still holds.
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
        // Without storage there are no locks either: by itself then.
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
    // Some browsers say twice that a page is back.
    leave()
    heard = ticked = Date.now()
    try {
        channel = new BroadcastChannel(name)
        channel.onmessage = ({ data: { kind, data } }) => {
            heard = leading ? heard : Date.now()
            if (kind == 'beat') caught = true
            // An event before the first beat may have others before it that this tab missed; the beat will tell.
            if (kind != 'join') leading || !caught && kinds.includes(kind) || tell(kind, data)
            // Whoever joins learns how far the line got, and so whether they missed something.
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

// A page in the browser's back/forward cache must hold neither a lock nor a stream, or it could not be there.
addEventListener('pagehide', leave)
document.addEventListener('freeze', leave)
addEventListener('pageshow', ({ persisted }) => persisted && join())
document.addEventListener('resume', join)
document.addEventListener('belfry:awake', join)
document.addEventListener('belfry:connect', ({ detail }) => connect(detail))
// What is connected when the network goes only falls silent; this is known sooner.
addEventListener('offline', () => leading && source && lose())
// Without a stream there are answers all the same, or none: the other tabs must know.
document.addEventListener('belfry:asked', ({ detail }) => leading && channel?.postMessage({ kind: detail ? 'beat' : 'down', data: detail }))
// Whoever holds a lost line may be hidden, and so slow to try again. This tab is looked at.
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

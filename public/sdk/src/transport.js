// What carries frames: a WebSocket, and HTTP requests where there is none to be had. Both give the same events and take the same two calls.
// The credential travels as a subprotocol or as a header, never in an address, which logs would keep.

const PROTOCOL = 'base64url.bearer.phx.'

const base64url = text => btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

export const webSocket = (host, credential) => new WebSocket(`${host.replace(/^http/, 'ws')}/socket/websocket?vsn=2.0.0`, ['phoenix', PROTOCOL + base64url(credential)])

/** The long-poll transport of Phoenix: one request waits for frames, another carries what was collected meanwhile. */
export const longPoll = (host, credential) => {
    const ending = new AbortController()
    const outgoing = []
    let session
    let sending = false

    const ask = async body => {
        const address = new URL(`${host}/socket/longpoll?vsn=2.0.0`)
        if (session) address.searchParams.set('token', session)
        const headers = body ? { 'content-type': 'application/x-ndjson' } : session ? {} : { 'X-Phoenix-AuthToken': credential }
        const answer = await fetch(address, { method: body ? 'POST' : 'GET', body, headers, signal: ending.signal, cache: 'no-store', credentials: 'omit' })
        return answer.json()
    }
    const fail = () => {
        if (ending.signal.aborted) return
        ending.abort()
        transport.onclose?.()
    }
    const poll = async () => {
        while (!ending.signal.aborted) {
            const { status, token, messages } = await ask()
            if (status === 410 && !session && token) {
                session = token
                transport.onopen?.()
                continue
            }
            if (status !== 200 && status !== 204) break
            session = token ?? session
            for (const data of messages ?? []) transport.onmessage?.({ data })
        }
    }
    const flush = async () => {
        // What is said in one go travels together.
        await undefined
        while (outgoing.length) if ((await ask(outgoing.splice(0).join('\n'))).status !== 200) throw new Error('refused')
        sending = false
    }
    const transport = {
        send(frame) {
            outgoing.push(frame)
            if (sending) return
            sending = true
            flush().catch(fail)
        },
        close() {
            ending.abort()
        }
    }
    poll().then(fail, fail)
    return transport
}

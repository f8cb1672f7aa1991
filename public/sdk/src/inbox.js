// The Inbox SDK: from a JWT to an agent's inbox with its three lists, and the conversations in it. What each call does is said in index.d.ts.

import { connect } from './connection.js'
import { InboxSDKError, call } from './error.js'
import { list } from './list.js'
import { openWindow } from './window.js'

const NAMES = ['mine', 'new', 'watched']
const MAX_TOKEN_CHARS = 8_192
/** After this time `authenticate` says that nobody answers. */
const AUTHENTICATE_TIMEOUT_MS = 30_000
/** A list that could not be read is read again. */
const READ_AGAIN_MS = 2_000
/** A new token is asked for this long before the session ends, at a clock that is right. */
const RENEW_BEFORE_MS = 10 * 60_000
const MIN_RENEW_MS = 60_000
/** A JWT of the page that has expired before it is this old was never good. */
const ASK_AGAIN_MS = 10_000
/** No timer runs longer. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** The topic of a JWT. The server alone decides what it is worth. */
const topicOf = token => {
    let claims
    if (typeof token === 'string' && token.length <= MAX_TOKEN_CHARS && /^[\w.~+/=-]+$/.test(token)) {
        try {
            claims = JSON.parse(atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')))
        } catch {
            // Said below.
        }
    }
    if (!claims || typeof claims !== 'object') throw new InboxSDKError('invalid_token')
    const { bot_id: bot, environment_id: environment } = claims
    if (!bot === !environment) throw new InboxSDKError('invalid_scope')
    return bot ? `inbox:bot:${bot}` : `inbox:environment:${environment}`
}

/** The origin of an address, or of a bare name with or without a port, which is asked as the page itself was. */
const originOf = host => {
    const scheme = globalThis.location?.protocol === 'http:' ? 'http' : 'https'
    try {
        const { protocol, origin } = new URL(/^[\w.-]+(:\d+)?$/.test(host) ? `${scheme}://${host}` : host)
        if (/^https?:$/.test(protocol)) return origin
    } catch {
        // Said below.
    }
    throw new InboxSDKError('bad_request', { field: 'host' })
}

const isRefusal = reason => ['invalid_token', 'token_expired', 'invalid_scope', 'unauthorized'].includes(reason)

/** Makes the SDK of a script that was loaded from this address. */
export const inboxSDK = loadedFrom => ({
    authenticate: (token, options = {}) =>
        new Promise((resolve, reject) => {
            const host = originOf(options.host ?? loadedFrom ?? '')
            let topic = topicOf(token)
            let credential = token
            let user
            let opened
            let isConnected = false
            let isEnded = false
            /** Whether the credential is the page's JWT, and when the page was last asked for it. */
            let isFresh = true
            let askedAt = -Infinity
            let renewal

            const reportState = (state, reason) => call(options.onStateChange, state, reason)
            const use = jwt => {
                topic = topicOf(jwt)
                credential = jwt
                isFresh = true
            }
            const end = reason => {
                if (isEnded) return
                isEnded = true
                isConnected = false
                clearTimeout(deadline)
                clearTimeout(renewal)
                connection.stop()
                for (const name of NAMES) lists[name].clear()
                reportState('closed', reason)
                reject(new InboxSDKError(reason))
            }
            const deadline = setTimeout(end, AUTHENTICATE_TIMEOUT_MS, 'unreachable')

            /** Asks the page for a JWT. An empty answer says that nobody is signed in any more; a failed one is asked again. */
            const renew = async (orElse, again) => {
                let jwt
                try {
                    jwt = await options.onTokenExpired()
                } catch {
                    return again()
                }
                askedAt = Date.now()
                if (isEnded) return
                if (!jwt) return orElse()
                try {
                    use(jwt)
                } catch (error) {
                    return end(error.reason)
                }
                connection.restart()
            }
            const renewAfter = pause => {
                clearTimeout(renewal)
                if (!options.onTokenExpired) return
                const wait = () => renewAfter(MIN_RENEW_MS)
                renewal = setTimeout(() => renew(wait, wait), Math.min(pause, MAX_TIMER_MS))
            }

            const onJoin = response => {
                clearTimeout(deadline)
                if (response.session_token) credential = response.session_token
                user = response.user
                isConnected = true
                isFresh = false
                if (response.expires_at) {
                    const left = response.expires_at * 1_000 - Date.now()
                    // A session that seems to be over already says that this clock is wrong.
                    renewAfter(Math.max(left - RENEW_BEFORE_MS, left / 2, MIN_RENEW_MS))
                }
                for (const name of NAMES) lists[name].restart()
                reportState('connected')
                resolve(inbox)
            }
            const onRefused = reason => {
                const isFirst = !user
                if (isRefusal(reason)) {
                    // A new JWT helps where the former one or the session has ended, and not where the page's own is wrong from the start.
                    const helps = !isFresh || (reason === 'token_expired' && Date.now() - askedAt > ASK_AGAIN_MS)
                    if (!options.onTokenExpired || !helps) return end(reason)
                    renew(() => end(reason), connection.retry)
                } else if (isFirst && reason !== 'rate_limited' && reason !== 'failed') {
                    end(reason)
                } else {
                    connection.retry()
                }
            }
            const onLost = () => {
                isConnected = false
                reportState('reconnecting')
            }
            const connection = connect({
                host,
                access: () => ({ topic, credential }),
                onJoin,
                onRefused,
                onLost,
                onEvent: (event, payload) => event.startsWith('inbox_') && lists[payload.inbox]?.apply(event, payload)
            })

            const idOf = thing => (typeof thing === 'object' && thing ? thing.id : thing)
            const act = async (event, conversation, payload) => {
                const { conversation: changed } = await connection.push(event, { conversation_id: idOf(conversation), ...payload })
                return changed && wrap(changed)
            }
            // Methods are not members of their own, so that a conversation is copied and printed as what it says.
            const methods = {
                open() {
                    return inbox.open(this)
                },
                assign(toMe = true) {
                    return act('assign', this, { to_me: toMe })
                },
                watch(on = true) {
                    return act('watch', this, { on })
                },
                close() {
                    return act('close', this)
                },
                reopen() {
                    return act('reopen', this)
                }
            }
            const wrap = data => Object.assign(Object.create(methods), data)

            const reading = new Set()
            const read = async name => {
                if (!isConnected || reading.has(name)) return
                reading.add(name)
                try {
                    const whole = await connection.push('subscribe', { inbox: name })
                    reading.delete(name)
                    lists[name].sync(whole)
                } catch ({ reason }) {
                    reading.delete(name)
                    if (reason !== 'connection_lost' && !isEnded) setTimeout(() => lists[name].restart(), READ_AGAIN_MS * (0.5 + Math.random()))
                }
            }
            const leave = name => isConnected && connection.push('unsubscribe', { inbox: name }).catch(() => {})
            const lists = Object.fromEntries(NAMES.map(name => [name, list(() => read(name), () => leave(name), wrap)]))

            const subscribe = (name, callbacks = {}) => {
                if (!NAMES.includes(name)) throw new InboxSDKError('bad_request', { field: 'name' })
                if (isEnded) throw new InboxSDKError('disconnected')
                return lists[name].subscribe(callbacks)
            }
            const inbox = {
                get user() {
                    return user
                },
                subscribe,
                listInitiateableChannels: async () => (await connection.push('list_initiateable_channels')).channels,
                startConversation: async (channel, address) =>
                    wrap((await connection.push('start_conversation', { channel_id: idOf(channel), address })).conversation),
                async open(conversation) {
                    const parent = options.iframeParent
                    if (!parent?.append) throw new InboxSDKError('no_iframe_parent')
                    if (isEnded) throw new InboxSDKError('disconnected')
                    opened?.close()
                    const { name, address } = conversation?.contact ?? {}
                    const { window, ready } = openWindow({
                        parent,
                        title: name || address || 'Conversation',
                        languageCode: options.languageCode,
                        address: async () => new URL((await connection.push('open', { conversation_id: idOf(conversation), lang: options.languageCode })).url, host),
                        onEvent: event => call(options.onWindowEvent, event)
                    })
                    opened = window
                    try {
                        await ready
                    } catch (error) {
                        window.close()
                        throw error
                    }
                    return window
                },
                disconnect() {
                    opened?.close()
                    end('disconnected')
                }
            }
            for (const name of NAMES) inbox[name] = { subscribe: callbacks => subscribe(name, callbacks) }
        })
})

// The window of a conversation: an iframe in the page's element, and what the two say to each other. Nothing is said to or heard from anybody else
// than the window itself, at the address of Belfry.

import { InboxSDKError } from './error.js'

const READY_TIMEOUT_MS = 20_000
/** How often in a row a window whose code was used up gets another one. */
const MAX_RENEWALS = 3

/** `address()` asks for an address with a fresh code. `onEvent(event)` is told what the window says, beside what is answered here. */
export const openWindow = ({ parent, title, languageCode, address, onEvent }) => {
    let iframe
    let origin
    let renewals = 0
    let isClosed = false
    let timer
    let resolveReady
    let rejectReady

    const ready = new Promise((resolve, reject) => {
        resolveReady = resolve
        rejectReady = reject
    })
    const postToFrame = (type, payload = {}) => iframe?.contentWindow?.postMessage({ source: 'inbox-sdk', v: 1, type, payload }, origin)
    const fail = reason => {
        clearTimeout(timer)
        rejectReady(new InboxSDKError(reason))
    }

    const load = async () => {
        const url = new URL(await address())
        if (isClosed) return
        if (languageCode) url.searchParams.set('lang', languageCode)
        origin = url.origin
        // Always a new element: another code in the fragment alone would load nothing, and another address would stand in the page's history.
        const fresh = parent.ownerDocument.createElement('iframe')
        fresh.title = title
        fresh.allow = 'microphone; camera; clipboard-write'
        // By it the window knows whom to talk to.
        fresh.referrerPolicy = 'origin'
        Object.assign(fresh.style, { display: 'block', width: '100%', height: '100%', border: '0' })
        fresh.addEventListener('load', () => postToFrame('init', { languageCode }))
        fresh.src = url.href
        if (iframe) iframe.replaceWith(fresh)
        else parent.append(fresh)
        iframe = fresh
    }
    const reload = () => load().catch(error => fail(error.reason ?? 'failed'))

    const onMessage = event => {
        if (!iframe || event.source !== iframe.contentWindow || event.origin !== origin) return
        const { source, v, type, payload = {} } = event.data ?? {}
        if (source !== 'inbox-sdk' || v !== 1) return
        if (type === 'ready' || type === 'conversation_opened') {
            clearTimeout(timer)
            renewals = 0
            resolveReady()
        } else if (type === 'auth_required') {
            if (++renewals <= MAX_RENEWALS) reload()
            else fail('auth_required')
        } else if (type === 'error') {
            fail(payload.reason ?? 'failed')
        }
        onEvent({ type, payload })
    }

    const self = {
        get iframe() {
            return iframe
        },
        focus() {
            iframe?.focus()
            postToFrame('focus')
        },
        close() {
            if (isClosed) return
            isClosed = true
            clearTimeout(timer)
            globalThis.removeEventListener('message', onMessage)
            if (iframe) {
                postToFrame('logout')
                iframe.remove()
            }
            // The caller has closed it meanwhile, or opened another one.
            resolveReady()
        }
    }
    globalThis.addEventListener('message', onMessage)
    timer = setTimeout(fail, READY_TIMEOUT_MS, 'timeout')
    reload()
    return { window: self, ready }
}

/** Words that a rejected promise gives as its `reason`. Others may come; treat them like `failed`. */
export type Reason =
    | 'invalid_token'
    | 'token_expired'
    | 'invalid_scope'
    | 'unauthorized'
    | 'not_found'
    | 'bad_request'
    | 'unknown_channel'
    | 'invalid_address'
    | 'not_initiateable'
    | 'too_many_messages'
    | 'rate_limited'
    | 'failed'
    /** Nobody answered the call within ten seconds, or the window did not come. */
    | 'timeout'
    /** The connection ended while the call was on its way: it may have been done or not. */
    | 'connection_lost'
    /** `authenticate` reached no server for half a minute. */
    | 'unreachable'
    /** After `disconnect()`, or after the session ended. */
    | 'disconnected'
    | 'no_iframe_parent'
    | 'auth_required'
    | (string & {})

export declare class InboxSDKError extends Error {
    readonly reason: Reason
    /** With `bad_request`: what was wrong. */
    readonly field?: string
}

/** An agent. `externalId` is the claim `id` of the JWT. */
export interface StudioUser {
    readonly id: string
    readonly externalId: string
    readonly name: string
    readonly email: string
    readonly roles: readonly string[]
}

/** What a conversation can be started on. */
export interface Channel {
    readonly id: string
    /** What the owner of the inbox chose: `whatsapp`, `email`, `sms` … */
    readonly type: string
    readonly name: string
    readonly bot_id: string
}

export interface ConversationData {
    readonly id: string
    readonly number: number
    readonly g: string
    readonly bot_id: string
    readonly channel: { readonly type: string; readonly id: string }
    readonly status: 'open' | 'closed'
    readonly locale: string
    readonly inserted_at: string
    readonly conversation_data: Readonly<Record<string, unknown>>
    readonly last_message: string | null
    readonly last_message_date: string | null
    readonly read_until: string | null
    readonly unread_message_count: number
    /** Whether somebody of the agents is in it. */
    readonly operator_present: boolean
    readonly assignee: { readonly id: string; readonly externalId: string | null; readonly name: string } | null
    /** Whether this agent watches it. */
    readonly watched: boolean
    readonly escalated_at: string | null
    readonly contact: { readonly name: string | null; readonly address: string | null }
}

export interface Conversation extends ConversationData {
    /** Shows it in the iframe. */
    open(): Promise<ConversationWindow>
    /** Takes it, or with `false` gives it back to nobody. */
    assign(toMe?: boolean): Promise<Conversation | undefined>
    watch(on?: boolean): Promise<Conversation | undefined>
    close(): Promise<Conversation | undefined>
    reopen(): Promise<Conversation | undefined>
}

/** The window of a conversation in the page. Opening another one closes it. */
export interface ConversationWindow {
    readonly iframe: HTMLIFrameElement | undefined
    focus(): void
    close(): void
}

export type WindowEvent =
    | { type: 'ready' | 'conversation_opened' | 'conversation_closed' | 'auth_required'; payload: Record<string, unknown> }
    | { type: 'unread'; payload: { count: number } }
    | { type: 'resize'; payload: { height: number } }
    | { type: 'error'; payload: { reason: Reason } }

/** The conversations assigned to this agent; those that are open and nobody's; those that this agent watches. */
export type ListName = 'mine' | 'new' | 'watched'

export interface ListCallbacks {
    /** The whole list, newest activity first: at the start, and again after each lost connection. */
    onSync?(conversations: Conversation[]): void
    onNew?(conversation: Conversation): void
    onUpdate?(conversation: Conversation): void
    /** With the conversation as it was last known. */
    onRemove?(conversation: Conversation): void
}

export type Unsubscribe = () => void

export interface ListSubscription {
    subscribe(callbacks: ListCallbacks): Unsubscribe
}

export interface Inbox {
    readonly user: StudioUser
    readonly mine: ListSubscription
    readonly new: ListSubscription
    readonly watched: ListSubscription
    subscribe(name: ListName, callbacks: ListCallbacks): Unsubscribe
    listInitiateableChannels(): Promise<Channel[]>
    /** Starts a conversation, or gives the open one with this address. Takes a telephone number or an e-mail address. */
    startConversation(channel: Channel | string, address: string): Promise<Conversation>
    open(conversation: Conversation | string): Promise<ConversationWindow>
    /** Ends everything, closes the window. */
    disconnect(): void
}

export interface Options {
    /** Where the window of a conversation is put. It fills this element. */
    iframeParent: HTMLElement
    /** The language of the window, such as `nl` or `uk`. */
    languageCode: string
    /** Where Belfry is, such as `https://inbox.example`. Default: where the script was loaded from. */
    host?: string
    /** Gives a new JWT, before the session ends and when it was refused. An empty answer: nobody is signed in any more. */
    onTokenExpired?(): Promise<string | null | undefined> | string | null | undefined
    onStateChange?(state: 'connected' | 'reconnecting' | 'closed', reason?: Reason): void
    /** What the window of a conversation says. */
    onWindowEvent?(event: WindowEvent): void
}

export interface InboxSDKStatic {
    authenticate(token: string, options?: Partial<Options>): Promise<Inbox>
}

export declare const InboxSDK: InboxSDKStatic
export default InboxSDK

declare global {
    interface Window {
        InboxSDK: InboxSDKStatic
    }
}

// Why a promise of the SDK was rejected: a stable word for programs. The words are listed in docs/inbox-sdk.md.

export class InboxSDKError extends Error {
    /** @param {string} reason @param {{ field?: string, cause?: unknown }} [more] */
    constructor(reason, { field, cause } = {}) {
        super(field ? `${reason}: ${field}` : reason)
        this.name = 'InboxSDKError'
        this.reason = reason
        if (field) this.field = field
        if (cause) this.cause = cause
    }
}

/** Calls what the page gave, so that a fault in it is reported as the page's, and breaks nothing here. */
export const call = (callback, ...values) => {
    try {
        callback?.(...values)
    } catch (error) {
        setTimeout(() => {
            throw error
        })
    }
}

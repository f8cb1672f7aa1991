// The ES module. Belfry's address is where it was loaded from; from a bundle the page says it by `host`.
import { InboxSDKError } from './src/error.js'
import { inboxSDK } from './src/inbox.js'

const InboxSDK = inboxSDK(import.meta.url)
export { InboxSDK, InboxSDKError, InboxSDK as default }

// The plain script: the last part of /assets/sdk.js, which the build joins from the files of the module.
window.InboxSDK = inboxSDK(document.currentScript?.src ?? location.href)

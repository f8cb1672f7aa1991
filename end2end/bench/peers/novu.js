// Novu's inbox as its README shows it, with this benchmark's addresses. Its reader's hash never
// expires, so the page embeds it.
import { NovuUI } from '@novu/js/ui'

const { api } = window.bench
const ui = new NovuUI({
    options: {
        applicationIdentifier: 'bench',
        subscriber: 'anna',
        subscriberHash: 'a'.repeat(64),
        apiUrl: api,
        socketUrl: api.replace('http', 'ws'),
        socketOptions: { socketType: 'cloud' }
    }
})
ui.mountComponent({ name: 'Inbox', element: document.getElementById('target') })

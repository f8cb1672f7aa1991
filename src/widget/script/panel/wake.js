// Wakes the islands: loads the WebAssembly when the browser has nothing better to do, and calls each island's function.
const { script, wasm } = document.getElementById('wake').dataset
const idle = window.requestIdleCallback || (call => setTimeout(call, 200))
// Without its texts it would say nothing where something has to be said.
if (wasm && document.documentElement.dataset.texts) idle(async () => {
    try {
        const module = await import(script)
        await module.default({ module_or_path: wasm })
        module.hydrate()
        for (const island of document.querySelectorAll('leptos-island')) {
            // Throws when the browser build is not of this server: half an inbox awake would show counts that are not true.
            module[island.dataset.component](island)
        }
    } catch {
        // Links and forms go on working; the document says so to whoever looks.
        document.documentElement.dataset.asleep = ''
    }
}, { timeout: 3000 })

// Hydrates the islands: loads the WebAssembly when the browser is idle, and calls the function of
// each island.
const { script, wasm } = document.getElementById('wake').dataset
const idle = window.requestIdleCallback || (call => setTimeout(call, 200))
// Without its texts the islands could not show notices.
if (wasm && document.documentElement.dataset.texts) idle(async () => {
    try {
        const module = await import(script)
        await module.default({ module_or_path: wasm })
        module.hydrate()
        for (const island of document.querySelectorAll('leptos-island')) {
            // Throws if the browser build is not of this server: a partly hydrated inbox would show
            // wrong counts.
            module[island.dataset.component](island)
        }
    } catch {
        // Links and forms continue to work; the attribute records the failure.
        document.documentElement.dataset.asleep = ''
    }
}, { timeout: 3000 })

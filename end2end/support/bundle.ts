// Bundles a host page's script with its packages, as a site's own build would.
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const bundles = new Map<string, Promise<string>>()

export const bundle = (name: string): Promise<string> => {
    const known = bundles.get(name)
    if (known) return known
    const made = build({
        entryPoints: [name.startsWith('@') ? name : fileURLToPath(new URL(`../hosts/${name}.js`, import.meta.url))],
        bundle: true,
        write: false,
        minify: true,
        logLevel: 'error',
        define: { 'process.env.NODE_ENV': '"development"', __VUE_OPTIONS_API__: 'true', __VUE_PROD_DEVTOOLS__: 'false', __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false' }
    }).then(({ outputFiles }) => outputFiles[0]?.text ?? '')
    bundles.set(name, made)
    return made
}

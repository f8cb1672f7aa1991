// Makes the browser build smaller: belfry.js and belfry_bg.wasm in the folder given.
//
// A library that leptos brings along exports classes for streams which nobody here uses, and an export keeps all that it
// calls: 8 kB. What the glue does not call is no export any more, what nothing imports leaves the glue, and the rest is optimised.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const [folder, tools] = process.argv.slice(2)
// The packages lie beside the build and not beside this file, which nothing is written to.
const from = createRequire(pathToFileURL(join(tools, 'package.json')))
const { default: binaryen } = await import(pathToFileURL(from.resolve('binaryen')).href)

const script = join(folder, 'belfry.js')
const library = join(folder, 'belfry_bg.wasm')

const withoutClasses = readFileSync(script, 'utf8')
    .replace(/^export class (\w+) \{\n[\s\S]*?\n\}\n/gm, '')
    .replace(/^if \(Symbol\.dispose\).*\n/gm, '')
    .replace(/^const \w+Finalization = [\s\S]*?;\n/gm, '')

// Where a panic happened, for messages that nobody hears (see below): names of source files, as long as they were.
const named = readFileSync(library).toString('latin1')
const nameless = named.replace(/(?<![\w/.-])\/?(registry|rustc|rust|src)\/[\w/.-]+\.rs(?=\0)/g, path => '\0'.repeat(path.length))
const module = binaryen.readBinary(Buffer.from(nameless, 'latin1'))
// What rustc's target for browsers means by default; more would let the optimiser write what some browsers don't read.
const { MutableGlobals, BulkMemory, BulkMemoryOpt, NontrappingFPToInt, SignExt, ReferenceTypes, Multivalue } = binaryen.Features
module.setFeatures(MutableGlobals | BulkMemory | BulkMemoryOpt | NontrappingFPToInt | SignExt | ReferenceTypes | Multivalue)
const called = new Set(withoutClasses.match(/(?<=\bwasm\.)\w+/g))
const names = Array.from({ length: module.getNumExports() }, (_, index) => binaryen.getExportInfo(module.getExportByIndex(index)).name)
for (const name of names) if (!called.has(name)) module.removeExport(name)

// A panic ends the program with a trap and nobody hears its message, so what would put the message together can go.
const panics = /^(core|std|alloc)\[\w+\]::(panicking::(panic|assert_failed)|panicking::panic_with_hook|sys::backtrace::__rust_end_short_backtrace|cell::panic_|(option|result)::(expect|unwrap)_failed|raw_vec::handle_error|alloc::rust_oom)|(slice|str)::\w*(::\w+)*_fail(_rt)?$|::panic_(poisoned|access_error)$/
for (const { name, params, results } of Array.from({ length: module.getNumFunctions() }, (_, index) => binaryen.getFunctionInfo(module.getFunctionByIndex(index)))) {
    if (!panics.test(name) || results !== binaryen.none) continue
    module.removeFunction(name)
    module.addFunction(name, params, results, [], module.unreachable())
}
binaryen.setOptimizeLevel(2)
binaryen.setShrinkLevel(2)
// The lowest kilobyte is the far end of the stack, which nothing points into on purpose.
binaryen.setLowMemoryUnused(true)
// Found by trying: the control flow drawn anew, then as often as it still helps.
module.runPasses(['flatten', 'rereloop'])
for (let round = 0; round < 3; round++) module.optimize()
module.runPasses(['gufa-optimizing'])
module.optimize()
const bytes = module.emitBinary()
writeFileSync(library, bytes)

const imported = new Set(WebAssembly.Module.imports(new WebAssembly.Module(bytes)).map(({ name }) => name))
writeFileSync(script, withoutClasses.replace(/^ {8}(\w+): function\([\s\S]*?^ {8}\},\n/gm, (whole, name) => (imported.has(name) ? whole : '')))

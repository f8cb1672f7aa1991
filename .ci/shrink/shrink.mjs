// Reduces the size of the browser build: belfry.js and belfry_bg.wasm in the given folder.
//
// A dependency of leptos exports classes for streams that nothing here uses, and an export keeps
// everything that it calls: 8 kB. This removes exports that the glue code doesn't call, removes
// glue code that nothing imports, and optimizes the rest.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const [folder, tools] = process.argv.slice(2)
// The packages are installed beside the build output, because nothing is written beside this file.
const from = createRequire(pathToFileURL(join(tools, 'package.json')))
const { default: binaryen } = await import(pathToFileURL(from.resolve('binaryen')).href)

const script = join(folder, 'belfry.js')
const library = join(folder, 'belfry_bg.wasm')

const withoutClasses = readFileSync(script, 'utf8')
    .replace(/^export class (\w+) \{\n[\s\S]*?\n\}\n/gm, '')
    .replace(/^if \(Symbol\.dispose\).*\n/gm, '')
    .replace(/^const \w+Finalization = [\s\S]*?;\n/gm, '')

// Source file names of panic locations, replaced by a text of the same length; their messages are
// never displayed (see below).
const named = readFileSync(library).toString('latin1')
const nameless = named.replace(/(?<![\w/.-])\/?(registry|rustc|rust|src)\/[\w/.-]+\.rs(?=\0)/g, path => '\0'.repeat(path.length))
const module = binaryen.readBinary(Buffer.from(nameless, 'latin1'))
// The default features of rustc's browser target; with more, the optimizer could emit code that
// some browsers can't run.
const { MutableGlobals, BulkMemory, BulkMemoryOpt, NontrappingFPToInt, SignExt, ReferenceTypes, Multivalue } = binaryen.Features
module.setFeatures(MutableGlobals | BulkMemory | BulkMemoryOpt | NontrappingFPToInt | SignExt | ReferenceTypes | Multivalue)
const called = new Set(withoutClasses.match(/(?<=\bwasm\.)\w+/g))
const names = Array.from({ length: module.getNumExports() }, (_, index) => binaryen.getExportInfo(module.getExportByIndex(index)).name)
for (const name of names) if (!called.has(name)) module.removeExport(name)

// A panic traps without displaying its message, so the code that formats the message can be
// removed.
const panics = /^(core|std|alloc)\[\w+\]::(panicking::(panic|assert_failed)|panicking::panic_with_hook|sys::backtrace::__rust_end_short_backtrace|cell::panic_|(option|result)::(expect|unwrap)_failed|raw_vec::handle_error|alloc::rust_oom)|(slice|str)::\w*(::\w+)*_fail(_rt)?$|::panic_(poisoned|access_error)$/
for (const { name, params, results } of Array.from({ length: module.getNumFunctions() }, (_, index) => binaryen.getFunctionInfo(module.getFunctionByIndex(index)))) {
    if (!panics.test(name) || results !== binaryen.none) continue
    module.removeFunction(name)
    module.addFunction(name, params, results, [], module.unreachable())
}
binaryen.setOptimizeLevel(2)
binaryen.setShrinkLevel(2)
// The lowest kilobyte is the far end of the stack, which nothing points into intentionally.
binaryen.setLowMemoryUnused(true)
// Determined by experiment: restructured control flow, then repeated while it still helps.
module.runPasses(['flatten', 'rereloop'])
for (let round = 0; round < 3; round++) module.optimize()
module.runPasses(['gufa-optimizing'])
module.optimize()
const bytes = module.emitBinary()
writeFileSync(library, bytes)

const imported = new Set(WebAssembly.Module.imports(new WebAssembly.Module(bytes)).map(({ name }) => name))
writeFileSync(script, withoutClasses.replace(/^ {8}(\w+): function\([\s\S]*?^ {8}\},\n/gm, (whole, name) => (imported.has(name) ? whole : '')))

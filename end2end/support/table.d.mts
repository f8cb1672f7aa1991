export type TableCase = { name: string; bytes: Buffer }
export const escaped: (bytes: Uint8Array) => string
export const cases: (text: string) => TableCase[]
export const tables: (folder: string, begin: string) => TableCase[]

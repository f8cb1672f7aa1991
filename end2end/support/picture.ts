// Converts a screenshot to a small PNG with 256 colours.
import { crc32, deflateSync } from 'node:zlib'
import type { Page } from '@playwright/test'

type Colour = { red: number; green: number; blue: number; count: number }
const channels = ['red', 'green', 'blue'] as const

const spread = (box: Colour[], channel: (typeof channels)[number]) => {
    const values = box.map(colour => colour[channel])
    return values.reduce((most, value) => Math.max(most, value), 0) - values.reduce((least, value) => Math.min(least, value), 255)
}

/** Splits the most varied box of colours, until there are enough (median cut). */
const palette = (colours: Colour[]): Colour[][] => {
    const boxes = [colours]
    while (boxes.length < 256) {
        const weigh = (box: Colour[]) => Math.max(...channels.map(channel => spread(box, channel))) * Math.sqrt(box.reduce((sum, { count }) => sum + count, 0))
        const widest = boxes.map(weigh).reduce((best, weight, index, all) => (weight > (all[best] ?? 0) ? index : best), 0)
        const box = boxes[widest] ?? []
        if (box.length < 2) break
        const channel = [...channels].sort((one, other) => spread(box, other) - spread(box, one))[0] ?? 'red'
        box.sort((one, other) => one[channel] - other[channel])
        const half = box.length >> 1
        boxes.splice(widest, 1, box.slice(0, half), box.slice(half))
    }
    return boxes
}

const chunk = (name: string, data: Buffer) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(data.length)
    const body = Buffer.concat([Buffer.from(name), data])
    const sum = Buffer.alloc(4)
    sum.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, sum])
}

export const toSmallPng = async (page: Page, screenshot: Buffer): Promise<Buffer> => {
    const { width, height, pixels } = await page.evaluate(async source => {
        const bitmap = await createImageBitmap(await (await fetch(source)).blob())
        const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')
        context?.drawImage(bitmap, 0, 0)
        const { data } = context?.getImageData(0, 0, bitmap.width, bitmap.height) ?? { data: new Uint8ClampedArray() }
        const file = new FileReader()
        const read = new Promise(resolve => (file.onload = resolve))
        file.readAsDataURL(new Blob([data]))
        await read
        return { width: bitmap.width, height: bitmap.height, pixels: String(file.result).split(',')[1] ?? '' }
    }, `data:image/png;base64,${screenshot.toString('base64')}`)
    const bytes = Buffer.from(pixels, 'base64')
    const at = (pixel: number) => bytes.readUInt32BE(pixel * 4) >>> 8
    const counts = new Map<number, number>()
    for (let pixel = 0; pixel < width * height; pixel++) counts.set(at(pixel), (counts.get(at(pixel)) ?? 0) + 1)
    const boxes = palette([...counts].map(([key, count]) => ({ red: key >> 16, green: (key >> 8) & 255, blue: key & 255, count })))
    const table = Buffer.alloc(boxes.length * 3)
    const index = new Map<number, number>()
    boxes.forEach((box, position) => {
        const all = box.reduce((sum, { count }) => sum + count, 0)
        channels.forEach((channel, offset) => table.writeUInt8(Math.round(box.reduce((sum, colour) => sum + colour[channel] * colour.count, 0) / all), position * 3 + offset))
        for (const { red, green, blue } of box) index.set((red << 16) | (green << 8) | blue, position)
    })
    const rows = Buffer.alloc((width + 1) * height)
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) rows.writeUInt8(index.get(at(y * width + x)) ?? 0, y * (width + 1) + x + 1)
    const head = Buffer.alloc(13)
    head.writeUInt32BE(width, 0)
    head.writeUInt32BE(height, 4)
    head.set([8, 3, 0, 0, 0], 8)
    const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10])
    return Buffer.concat([signature, chunk('IHDR', head), chunk('PLTE', table), chunk('IDAT', deflateSync(rows, { level: 9 })), chunk('IEND', Buffer.alloc(0))])
}

// Import of ten thousand contacts from CSV: column mapping, preview, progress, and failed rows.
import { readFileSync } from 'node:fs'
import { expect, test } from '../support/console.ts'

const total = 10_000
const bad = new Map([[17, ',nobody,Row 17,pro'], [4_000, ',,Row 4000,free'], [9_999, ',also nobody,Row 9999,pro']])

const table = () => {
    const rows = Array.from({ length: total }, (_, index) => bad.get(index + 1) ?? `c${index + 1},person${index + 1}@shop.example,Person ${index + 1},${index % 2 ? 'pro' : 'free'}`)
    return ['Customer number,E-mail,First name,Plan', ...rows].join('\n')
}

for (const javaScriptEnabled of [true, false]) {
    test.describe(javaScriptEnabled ? 'with scripts' : 'without scripts', () => {
        test.use({ javaScriptEnabled })

        test('a CSV of ten thousand rows is checked, imported, and its failed rows returned', async ({ consolePage }) => {
            test.setTimeout(180_000)
            const { page } = consolePage
            await consolePage.setUp()
            await consolePage.create('https://shop.example')
            await consolePage.go('contacts')
            await consolePage.link('Import').first().click()
            await consolePage.button('Continue').click()
            await expect(page.getByText('choose a file or paste rows first')).toBeVisible()
            await consolePage.field('CSV file').setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(table()) })
            await consolePage.button('Continue').click()

            await consolePage.titled('Match columns to fields')
            await expect(page.getByText('people.csv: 10000 rows, 4 columns.')).toBeVisible()
            const column = (name: string) => consolePage.main.getByRole('combobox', { name, exact: true })
            await expect(column('E-mail')).toHaveValue('email')
            await column('Customer number').selectOption({ label: 'Customer ID' })
            await expect(column('Plan').locator('option:checked')).toHaveText('Attribute “Plan”')
            await consolePage.field('Add to groups').fill('spring')
            await consolePage.button('Check without importing').click()

            await consolePage.titled('Result of the check')
            await expect(consolePage.stat('New')).toHaveText('9997')
            await expect(consolePage.stat('Can’t be imported')).toHaveText('3')
            // Rows are numbered as in a spreadsheet, where the header is row 1.
            const rows = page.getByRole('table').locator('tbody tr')
            await expect(rows.first()).toContainText(/^18/)
            // Nothing is imported yet.
            const check = page.url()
            await consolePage.go('contacts')
            await expect(page.getByText('No contacts yet')).toBeVisible()
            await page.goto(check)
            await consolePage.button('Import 9997 rows').click()

            await consolePage.titled(/Importing contacts|Import finished/)
            await expect(page.getByRole('progressbar')).toBeVisible()
            // The page reloads by itself until the import has finished.
            await expect(page.getByRole('heading', { level: 1, name: 'Import finished' })).toBeVisible({ timeout: 120_000 })
            await expect(page.getByText('10000 of 10000 rows')).toBeVisible()
            await expect(consolePage.stat('New')).toHaveText('9997')
            await expect(consolePage.stat('Can’t be imported')).toHaveText('3')

            const [download] = await Promise.all([page.waitForEvent('download'), consolePage.link('Download as CSV').click()])
            const errors = readFileSync(await download.path(), 'utf8').trim().split(/\r?\n/)
            expect(errors).toHaveLength(4)
            for (const name of ['Row 17', 'Row 4000', 'Row 9999']) expect(errors.some(line => line.includes(name)), `${name} in ${errors.join('\n')}`).toBe(true)

            await consolePage.link('Go to the contacts').click()
            await expect(page.getByText(/9997 contacts|more than .* contacts/)).toBeVisible()
            await page.getByLabel('Search contacts').fill('c9998')
            await page.getByLabel('Search contacts').press('Enter')
            await expect(page.getByRole('table').locator('tbody tr')).toHaveCount(1)
            await page.getByRole('table').getByRole('link').first().click()
            await expect(consolePage.main).toContainText('spring')
        })
    })
}

/** @jest-environment jsdom */
import path from 'node:path'
import { loadTestPhone, type TestPhone } from 'miniprogram-preview/testing'

let phone: TestPhone
beforeAll(async () => {
  phone = await loadTestPhone({
    appRoot: path.join(__dirname, 'fixture'),
    requestDomains: ['http://api.example.test'],
  })
})
afterEach(() => phone.reset())

test('a page goes through its lifecycles in WeChat order', () => {
  phone.launch()
  expect(phone.currentRoute()).toBe('pages/shop/shop')
})

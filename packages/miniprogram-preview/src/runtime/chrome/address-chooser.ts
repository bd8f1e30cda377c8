/** @module The address book behind wx.chooseAddress: a few examples, and a form for an own address. */
import { create, createButton } from '../elements.ts'
import { showColumns } from './columns-sheet.ts'
import { statusBar } from './navigation-bar.ts'
import type { Overlay } from './overlay.ts'
import { REGIONS, regionColumns } from './regions.ts'

/** What wx.chooseAddress gives. */
export interface ChosenAddress {
  readonly userName: string
  readonly telNumber: string
  readonly provinceName: string
  readonly cityName: string
  readonly countyName: string
  readonly detailInfo: string
  readonly postalCode: string
  readonly nationalCode: string
}

const EXAMPLES: readonly ChosenAddress[] = [
  {
    userName: '张三',
    telNumber: '13800138000',
    provinceName: '广东省',
    cityName: '广州市',
    countyName: '海珠区',
    detailInfo: '新港中路397号',
    postalCode: '510000',
    nationalCode: '510000',
  },
  {
    userName: '李梅',
    telNumber: '13900139000',
    provinceName: '浙江省',
    cityName: '杭州市',
    countyName: '西湖区',
    detailInfo: '文三路 90 号 3 幢 502 室',
    postalCode: '310000',
    nationalCode: '310000',
  },
  {
    userName: '王小明',
    telNumber: '13700137000',
    provinceName: '北京市',
    cityName: '北京市',
    countyName: '朝阳区',
    detailInfo: '建国路 88 号院 6 号楼 1201',
    postalCode: '100000',
    nationalCode: '100000',
  },
]

/** Where own addresses are kept between visits. */
export interface AddressBook {
  load(): readonly ChosenAddress[]
  save(addresses: readonly ChosenAddress[]): void
}

/** @returns the address tapped, or undefined when the shopper went back */
export function chooseAddress(overlay: Overlay, book: AddressBook): Promise<ChosenAddress | undefined> {
  return new Promise((resolve) => {
    const content = create('div', { class: 'address-book' })
    const answer = (address: ChosenAddress | undefined) => {
      sheet.close()
      resolve(address)
    }
    const showList = () => {
      const own = book.load()
      content.replaceChildren(
        heading('选择收货地址', '返回', () => answer(undefined)),
        create(
          'div',
          { class: 'addresses' },
          ...[...own, ...EXAMPLES].map((address) => card(address, answer)),
        ),
        create(
          'div',
          { class: 'address-foot' },
          createButton({ class: 'primary', text: '新增收货地址', onTap: showForm }),
        ),
      )
    }
    const showForm = () => {
      content.replaceChildren(
        heading('新增收货地址', '返回', showList),
        addressForm(overlay, (address) => {
          book.save([address, ...book.load()])
          answer(address)
        }),
      )
    }
    const sheet = overlay.open({ kind: 'full', label: '选择收货地址', content })
    showList()
  })
}

function heading(title: string, backLabel: string, onBack: () => void): HTMLElement {
  return create(
    'div',
    { class: 'full-head' },
    statusBar(),
    createButton({ class: 'back', label: backLabel, onTap: onBack }),
    create('h2', { text: title }),
  )
}

function card(address: ChosenAddress, onChoose: (address: ChosenAddress) => void): HTMLElement {
  const region = [address.provinceName, address.cityName, address.countyName]
  const isMunicipality = address.provinceName === address.cityName
  const place = `${region.slice(isMunicipality ? 1 : 0).join('')}${address.detailInfo}`
  const button = createButton({ class: 'address', onTap: () => onChoose(address) })
  button.append(
    create(
      'span',
      { class: 'who' },
      create('b', { text: address.userName }),
      create('span', { text: address.telNumber }),
    ),
    create('span', { class: 'where', text: place }),
  )
  return button
}

function addressForm(overlay: Overlay, onSave: (address: ChosenAddress) => void): HTMLElement {
  let region: readonly number[] = [0, 0, 0]
  const name = field('收货人', '姓名', 20)
  const phone = field('手机号码', '11 位手机号', 11)
  phone.input.inputMode = 'tel'
  const detail = field('详细地址', '街道、楼牌号等', 80)
  const regionText = () =>
    regionColumns(region)
      .map((names, column) => names[region[column] ?? 0] ?? '')
      .join(' ')
  const regionButton = createButton({ class: 'region', text: regionText(), label: '所在地区' })
  regionButton.addEventListener('click', async () => {
    const chosen = await showColumns(overlay, {
      title: '所在地区',
      columnsFor: regionColumns,
      selected: region,
    })
    if (chosen !== undefined) region = chosen
    regionButton.textContent = regionText()
  })
  const message = create('p', { class: 'form-message', role: 'alert' })
  const save = () => {
    const problem = problemOf({
      name: name.input.value,
      phone: phone.input.value,
      detail: detail.input.value,
    })
    message.textContent = problem ?? ''
    if (problem !== undefined) return
    const [province = 0, city = 0, county = 0] = region
    const chosenProvince = REGIONS[province]
    const chosenCity = chosenProvince?.cities[city]
    onSave({
      userName: name.input.value.trim(),
      telNumber: phone.input.value.trim(),
      provinceName: chosenProvince?.name ?? '',
      cityName: chosenCity?.name ?? '',
      countyName: chosenCity?.counties[county] ?? '',
      detailInfo: detail.input.value.trim(),
      postalCode: chosenCity?.postalCode ?? '',
      nationalCode: chosenCity?.postalCode ?? '',
    })
  }
  return create(
    'div',
    { class: 'address-form' },
    create(
      'div',
      { class: 'fields' },
      name.row,
      phone.row,
      create('div', { class: 'field' }, create('span', { text: '所在地区' }), regionButton),
      detail.row,
    ),
    message,
    create(
      'div',
      { class: 'address-foot' },
      createButton({ class: 'primary', text: '保存并使用', onTap: save }),
    ),
  )
}

function problemOf(entry: { name: string; phone: string; detail: string }): string | undefined {
  if (entry.name.trim() === '') return '请填写收货人'
  if (!/^1\d{10}$/.test(entry.phone.trim())) return '请填写 11 位手机号码'
  if (entry.detail.trim() === '') return '请填写详细地址'
  return undefined
}

function field(
  label: string,
  placeholder: string,
  limit: number,
): { row: HTMLElement; input: HTMLInputElement } {
  const input = create('input', { label })
  input.placeholder = placeholder
  input.maxLength = limit
  return { row: create('label', { class: 'field' }, create('span', { text: label }), input), input }
}

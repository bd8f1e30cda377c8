/** @module A few real regions, enough to fill in an address. Not a list of China's divisions. */

interface Province {
  readonly name: string
  readonly cities: readonly {
    readonly name: string
    readonly postalCode: string
    readonly counties: readonly string[]
  }[]
}

export const REGIONS: readonly Province[] = [
  {
    name: '广东省',
    cities: [
      { name: '广州市', postalCode: '510000', counties: ['海珠区', '天河区', '越秀区', '番禺区'] },
      { name: '深圳市', postalCode: '518000', counties: ['南山区', '福田区', '宝安区', '龙岗区'] },
    ],
  },
  {
    name: '浙江省',
    cities: [
      { name: '杭州市', postalCode: '310000', counties: ['西湖区', '滨江区', '余杭区', '上城区'] },
      { name: '宁波市', postalCode: '315000', counties: ['海曙区', '鄞州区', '江北区'] },
    ],
  },
  {
    name: '北京市',
    cities: [{ name: '北京市', postalCode: '100000', counties: ['朝阳区', '海淀区', '东城区', '西城区'] }],
  },
  {
    name: '上海市',
    cities: [{ name: '上海市', postalCode: '200000', counties: ['徐汇区', '浦东新区', '静安区', '杨浦区'] }],
  },
  {
    name: '四川省',
    cities: [{ name: '成都市', postalCode: '610000', counties: ['武侯区', '锦江区', '青羊区', '高新区'] }],
  },
]

/** The columns of a region picker for a selection of indexes. */
export function regionColumns(selected: readonly number[]): string[][] {
  const province = REGIONS[selected[0] ?? 0] ?? REGIONS[0]
  const cities = province?.cities ?? []
  const city = cities[selected[1] ?? 0] ?? cities[0]
  return [REGIONS.map(({ name }) => name), cities.map(({ name }) => name), [...(city?.counties ?? [])]]
}

/** @module The words of the catalogue and of the basket. */

export const goodsCopy = {
  greeting: '今日好物',
  intro: '慢慢挑选，付款和退款都原路往返',
  emptyTitle: '货架正在整理',
  emptyHint: '商家还没有上架商品，稍后再来看看吧。',
  soldOut: '已售罄',
  few: (stock: number): string => `仅剩 ${stock} 件`,
  left: (stock: number): string => `库存 ${stock} 件`,
  addToBasket: '加入购物袋',
  buyNow: '立即购买',
  added: '已放入购物袋',
  basketFull: '购物袋里已是最多可买的数量',
  basketCrowded: (most: number): string => `购物袋最多放 ${most} 种商品，请先结算一部分`,
  quantity: '数量',
  quantityOf: (title: string): string => `${title} 的数量`,
  detail: '商品介绍',
  noDescription: '商家还没有写介绍。',
  notFoundTitle: '没有找到这件商品',
  notFoundHint: '它可能已经下架，去看看别的吧。',
} as const

export const basketCopy = {
  empty: '购物袋是空的',
  total: '合计',
  checkOut: '去结算',
  label: '购物袋',
} as const

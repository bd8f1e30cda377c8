/** @module One product: look, choose how many, put into the bag or buy at once. */
import { LIMITS, type Product } from '@yuanlu/contract'
import { actionsCopy } from '../../copy/actions'
import { goodsCopy } from '../../copy/goods'
import { api } from '../../services/api'
import { isFailure } from '../../services/api-failure'
import { quantityInBasket, setQuantity } from '../../services/basket'
import { beginCheckout } from '../../services/checkout-draft'
import { say } from '../../services/dialogue'
import { idFrom } from '../../services/page-query'
import { failureText, type PageState } from '../../view/failure'
import { addedQuantity, type ProductView, productView } from '../../view/goods'

Page({
  data: {
    copy: goodsCopy,
    toHome: actionsCopy.toHome,
    state: 'loading' as PageState,
    problem: '',
    view: null as ProductView | null,
    quantity: 1,
  },

  productId: '',

  onLoad(query: Record<string, string | undefined>) {
    this.productId = idFrom(query, 'productId')
    this.load()
  },

  onAct() {
    if (this.data.state === 'empty') {
      wx.switchTab({ url: '/pages/home/home' })
      return
    }
    this.setData({ state: 'loading' })
    this.load()
  },

  async load() {
    if (this.productId === '') {
      this.setData({ state: 'empty' })
      return
    }
    try {
      this.show(await api.getProduct({ params: { productId: this.productId } }))
    } catch (error) {
      if (isFailure(error, 'NOT_FOUND')) this.setData({ state: 'empty' })
      else this.setData({ state: 'failed', problem: failureText(error) })
    }
  },

  show(product: Product) {
    this.setData({ state: 'there', view: productView(product, quantityInBasket(product.productId)) })
  },

  onQuantity(event: WechatMiniprogram.CustomEvent<{ value: number }>) {
    this.setData({ quantity: event.detail.value })
  },

  onAdd() {
    const { view, quantity } = this.data
    if (view === null) return
    const inBasket = quantityInBasket(view.productId)
    const next = addedQuantity(view, inBasket, quantity)
    setQuantity(view.productId, next)
    if (quantityInBasket(view.productId) === 0) say(goodsCopy.basketCrowded(LIMITS.orderLines))
    else say(next === inBasket ? goodsCopy.basketFull : goodsCopy.added)
  },

  onBuy() {
    const { view, quantity } = this.data
    if (view === null) return
    beginCheckout([{ productId: view.productId, quantity }], 'product')
    wx.navigateTo({ url: '/pages/checkout/checkout' })
  },
})

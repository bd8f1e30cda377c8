/** @module 商品: the catalogue, and the bag at its foot. */
import { LIMITS, type Product } from '@yuanlu/contract'
import { goodsCopy } from '../../copy/goods'
import { quantityInBasket, readBasket, setQuantity } from '../../services/basket'
import { loadProducts } from '../../services/catalogue'
import { beginCheckout } from '../../services/checkout-draft'
import { say } from '../../services/dialogue'
import { failureText, type PageState } from '../../view/failure'
import { homeView } from '../../view/goods'

Page({
  data: {
    copy: goodsCopy,
    state: 'loading' as PageState,
    problem: '',
    view: homeView([], []),
  },

  products: [] as readonly Product[],

  onShow() {
    this.show()
    this.load()
  },

  async onPullDownRefresh() {
    await this.load()
    wx.stopPullDownRefresh()
  },

  onRetry() {
    this.setData({ state: 'loading' })
    this.load()
  },

  async load() {
    try {
      this.products = await loadProducts()
      this.setData({ state: this.products.length === 0 ? 'empty' : 'there' })
      this.show()
    } catch (error) {
      const problem = failureText(error)
      // Goods already on the screen stay there.
      if (this.data.state === 'there') say(problem)
      else this.setData({ state: 'failed', problem })
    }
  },

  show() {
    this.setData({ view: homeView(this.products, readBasket()) })
  },

  onOpen(event: WechatMiniprogram.BaseEvent) {
    const productId = String(event.currentTarget.dataset.productId)
    wx.navigateTo({ url: `/pages/product/product?productId=${productId}` })
  },

  onAdd(event: WechatMiniprogram.BaseEvent) {
    const productId = String(event.currentTarget.dataset.productId)
    setQuantity(productId, 1)
    if (quantityInBasket(productId) === 0) say(goodsCopy.basketCrowded(LIMITS.orderLines))
    this.show()
  },

  onQuantity(event: WechatMiniprogram.CustomEvent<{ value: number }>) {
    setQuantity(String(event.currentTarget.dataset.productId), event.detail.value)
    this.show()
  },

  onCheckOut() {
    beginCheckout(this.data.view.basket.lines, 'basket')
    wx.navigateTo({ url: '/pages/checkout/checkout' })
  },
})

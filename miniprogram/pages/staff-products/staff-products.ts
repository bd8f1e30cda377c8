/** @module 商品管理: every product with price and stock; the owner adds and changes them. */
import type { Product } from '@yuanlu/contract'
import { staffPage } from '../../behaviors/staff-page'
import { pictureFieldCopy } from '../../copy/evidence'
import { staffProductsCopy } from '../../copy/staff-products'
import { api } from '../../services/api'
import { ask, say } from '../../services/dialogue'
import { mintIdempotencyKey } from '../../services/idempotency'
import { failedPlaceholder, isNotAllowed, LOADING, staffFailureText, THERE } from '../../view/staff-failure'
import {
  descriptionField,
  EMPTY_PRODUCT_FORM,
  formOf,
  hasMoved,
  type ProductBody,
  priceQuestion,
  productSheet,
  readProductForm,
  rebased,
  type StaffProductView,
  staffProductViews,
} from '../../view/staff-products'
import { mayCall } from '../../view/staff-role'
import type { SheetView } from '../../view/staff-sheet'

const NOT_FOUND = { title: staffProductsCopy.emptyTitle, hint: staffProductsCopy.emptyReadOnly }

Page({
  ...staffPage,

  data: {
    copy: staffProductsCopy,
    field: descriptionField,
    place: LOADING,
    products: [] as StaffProductView[],
    canEdit: false,
    sheet: null as SheetView | null,
    form: EMPTY_PRODUCT_FORM,
    hint: '',
    busy: false,
  },

  /** The product as the open sheet began with it; `null` for a new one. */
  seen: null as Product | null,
  /** The id that the open sheet saves under: the same when it is saved again after a lost answer. */
  productId: '',
  /** A picture is on its way: what is saved now would be saved without it. */
  uploading: false,

  onShow() {
    this.load()
  },

  async load() {
    try {
      const [{ roles }, { items }] = await Promise.all([api.getMe(), api.listMerchantProducts()])
      this.setData({
        place: THERE,
        products: staffProductViews(items),
        canEdit: mayCall(roles, 'putProduct'),
      })
    } catch (error) {
      this.sayOrFail(error)
    }
  },

  fail(error: unknown) {
    this.setData({ products: [], sheet: null, place: failedPlaceholder(error, NOT_FOUND) })
  },

  onAdd() {
    if (!this.data.canEdit || this.data.busy) return
    this.seen = null
    this.uploading = false
    this.productId = mintIdempotencyKey()
    this.setData({ sheet: productSheet(null), form: EMPTY_PRODUCT_FORM, hint: '' })
  },

  /** Stock is saved as a number of pieces, so the sheet opens over what is there now, not over what the list showed. */
  async onEdit(event: WechatMiniprogram.BaseEvent) {
    const { canEdit, busy } = this.data
    if (!canEdit || busy) return
    this.setData({ busy: true })
    try {
      const { items } = await api.listMerchantProducts()
      this.setData({ products: staffProductViews(items) })
      const product = items.find(({ productId }) => productId === event.currentTarget.dataset.id)
      if (product !== undefined) this.open(product)
    } catch (error) {
      say(staffFailureText(error))
    } finally {
      this.setData({ busy: false })
    }
  },

  open(product: Product) {
    this.seen = product
    this.uploading = false
    this.productId = product.productId
    this.setData({ sheet: productSheet(product), form: formOf(product), hint: '' })
  },

  onCloseSheet() {
    if (!this.data.busy) this.setData({ sheet: null })
  },

  onTitle(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
    this.setData({ 'form.title': event.detail.value, hint: '' })
  },

  onPrice(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
    this.setData({ 'form.price': event.detail.value, hint: '' })
  },

  onStock(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
    this.setData({ 'form.stock': event.detail.value, hint: '' })
  },

  onDescription(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
    this.setData({ 'form.description': event.detail.value, hint: '' })
  },

  onPicture(event: WechatMiniprogram.CustomEvent<{ imageUrl: string; uploading: boolean }>) {
    this.uploading = event.detail.uploading
    this.setData({ 'form.imageUrl': event.detail.imageUrl, hint: '' })
  },

  async onConfirm() {
    const { sheet, form, busy } = this.data
    if (sheet === null || busy) return
    if (this.uploading) {
      this.setData({ hint: pictureFieldCopy.wait })
      return
    }
    const read = readProductForm(form)
    if (read.kind === 'problem') {
      this.setData({ hint: read.problem })
      return
    }
    this.setData({ busy: true })
    try {
      await this.save(read.body)
    } catch (error) {
      await this.explain(error)
    } finally {
      this.setData({ busy: false })
    }
  },

  /** Saving the same again changes nothing more, so what was typed stays. */
  async explain(error: unknown) {
    if (!isNotAllowed(error)) {
      this.setData({ hint: staffFailureText(error) })
      return
    }
    this.setData({ sheet: null })
    await this.load()
    if (this.data.place.state === 'there') say(staffFailureText(error))
  },

  async save(body: ProductBody) {
    if (await this.hasMovedFrom(body)) return
    const question = priceQuestion(this.seen, body)
    if (question !== null && !(await ask(question))) return
    await api.putProduct({ params: { productId: this.productId }, body })
    this.setData({ sheet: null })
    await this.load()
    say(staffProductsCopy.saved)
  },

  /** True when the product moved on meanwhile: then the sheet shows it, and nothing is saved yet. */
  async hasMovedFrom(body: ProductBody): Promise<boolean> {
    const { seen } = this
    if (seen === null) return false
    const { items } = await api.listMerchantProducts()
    const fresh = items.find(({ productId }) => productId === seen.productId)
    if (fresh === undefined || !hasMoved(seen, fresh)) return false
    // Saved before, and the answer was lost.
    if (!hasMoved(body, fresh)) return false
    this.seen = fresh
    this.setData({ form: rebased(this.data.form, seen, fresh), hint: staffProductsCopy.moved(fresh.stock) })
    return true
  },
})

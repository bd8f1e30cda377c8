/** @module What waits for staff: how many undecided requests and open matters, as far as one page of each tells. */
import { api } from './api'

export interface StaffCounts {
  /** Empty for none; "20+" when there is more than a page. */
  readonly requests: string
  readonly attention: string
}

const countText = ({
  items,
  nextCursor,
}: {
  readonly items: readonly unknown[]
  readonly nextCursor: string | null
}): string => {
  if (items.length === 0) return ''
  return nextCursor === null ? String(items.length) : `${items.length}+`
}

/** @throws ApiFailure when one of the lists can't be read */
export const loadStaffCounts = async (): Promise<StaffCounts> => {
  const [requests, attention] = await Promise.all([
    api.listMerchantRefunds({ query: { status: 'requested' } }),
    api.listAttention(),
  ])
  return { requests: countText(requests), attention: countText(attention) }
}

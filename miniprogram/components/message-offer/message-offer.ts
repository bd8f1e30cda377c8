/** @module An offer to be told by subscribe message: one line, one button, one message for each tap. */
import { messageAnswerCopy, messageOfferCopy, messagesAllowedCopy } from '../../copy/messages'
import { say } from '../../services/dialogue'
import { askForMessage, loadMessageKinds, type MessageKind } from '../../services/messages'

const isKind = (kind: string): kind is MessageKind => kind in messageOfferCopy

Component({
  properties: {
    /** A MessageKind. */
    kind: { type: String, value: '' },
    /** Draws a card around itself, which is then not there either while nothing is offered. */
    card: { type: Boolean, value: false },
    /** Draws a line above itself, for the foot of a card. */
    line: { type: Boolean, value: false },
  },
  data: {
    offer: messageOfferCopy.refundResult as (typeof messageOfferCopy)[MessageKind],
    /** False until the server is known to send this message. */
    offered: false,
    asking: false,
    times: 0,
    timesText: '',
  },
  lifetimes: {
    async attached() {
      const { kind } = this.data
      if (!isKind(kind)) return
      const kinds = await loadMessageKinds()
      this.setData({ offer: messageOfferCopy[kind], offered: kinds.has(kind) })
    },
  },
  methods: {
    async onAllow() {
      const { kind, asking } = this.data
      if (asking || !isKind(kind)) return
      // Before anything else: WeChat takes the question inside the tap alone.
      const answering = askForMessage(kind)
      this.setData({ asking: true })
      const answer = await answering
      const times = this.data.times + (answer === 'allowed' ? 1 : 0)
      this.setData({ asking: false, times, timesText: times === 0 ? '' : messagesAllowedCopy(times) })
      say(messageAnswerCopy[answer])
    },
  },
})

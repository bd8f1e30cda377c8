/** @module The mini-program's start. Nothing is asked of the network until a page needs it. */
App({})

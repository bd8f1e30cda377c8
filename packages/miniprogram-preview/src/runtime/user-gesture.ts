/** @module Whether a tap is being answered right now: some functions of wx may be called only then. */

let openGestures = 0

/**
 * Opens the moment in which such a function may be called. It lasts until the next task of the browser: what runs at
 * once or behind a settled promise is inside, what waited for a timer or an answer is not.
 */
export function openGesture(): void {
  openGestures += 1
  setTimeout(() => {
    openGestures -= 1
  })
}

export const isInGesture = (): boolean => openGestures > 0

/** @module wx.createAnimation: records steps that an element's `animation` attribute plays back. */

interface AnimationTiming {
  readonly duration: number
  readonly delay: number
  readonly timingFunction: string
}

interface AnimationStep {
  readonly styles: Readonly<Record<string, string>>
  readonly timing: AnimationTiming
}

/** What `export()` gives. */
export interface AnimationData {
  readonly steps: readonly AnimationStep[]
}

export function isAnimationData(value: unknown): value is AnimationData {
  return typeof value === 'object' && value !== null && 'steps' in value && Array.isArray(value.steps)
}

const LENGTHS = ['width', 'height', 'top', 'left', 'bottom', 'right']
const MOVES = ['translate', 'translateX', 'translateY', 'translateZ', 'translate3d']
const SCALES = ['scale', 'scaleX', 'scaleY', 'scaleZ', 'scale3d']
const TURNS = ['rotate', 'rotateX', 'rotateY', 'rotateZ', 'skew', 'skewX', 'skewY']

type AnimationValue = number | string

/** @param defaults timing of every step that says nothing else */
export function createAnimation(defaults: Partial<AnimationTiming> = {}): Record<string, unknown> {
  let steps: AnimationStep[] = []
  let styles: Record<string, string> = {}
  let transforms: string[] = []
  const animation: Record<string, unknown> = {
    step(timing: Partial<AnimationTiming> = {}) {
      if (transforms.length > 0) styles.transform = transforms.join(' ')
      steps.push({
        styles,
        timing: { duration: 400, delay: 0, timingFunction: 'linear', ...defaults, ...timing },
      })
      styles = {}
      transforms = []
      return animation
    },
    export(): AnimationData {
      const recorded = { steps }
      steps = []
      return recorded
    },
    opacity(value: AnimationValue) {
      styles.opacity = String(value)
      return animation
    },
    backgroundColor(value: string) {
      styles['background-color'] = value
      return animation
    },
  }
  for (const name of LENGTHS) {
    animation[name] = (value: AnimationValue) => {
      styles[name] = pixels(value)
      return animation
    }
  }
  const addTransforms = (names: readonly string[], format: (value: AnimationValue) => string) => {
    for (const name of names) {
      animation[name] = (...values: AnimationValue[]) => {
        transforms.push(`${name}(${values.map(format).join(',')})`)
        return animation
      }
    }
  }
  addTransforms(MOVES, pixels)
  addTransforms(SCALES, String)
  addTransforms(TURNS, (value) => `${value}deg`)
  return animation
}

function pixels(value: AnimationValue): string {
  return typeof value === 'number' ? `${value}px` : value
}

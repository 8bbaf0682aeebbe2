"""What a thumb needs of a page: run in a browser, it names what is lower than 44 px."""

THUMB = """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, summary')].filter(each => {
  if (!each.checkVisibility() || each.matches('.skip')) return false
  const inSentence = each.matches('a, .link') && getComputedStyle(each).display.startsWith('inline')
    && each.parentElement.textContent.trim().length > each.textContent.trim().length + 3
  const after = getComputedStyle(each, '::after'), label = each.closest('label')
  const high = Math.max(each.getBoundingClientRect().height, label ? label.getBoundingClientRect().height : 0,
    after.position === 'absolute' ? parseFloat(after.height) : 0)
  return !inSentence && high < 43.5
}).map(each => each.outerHTML.slice(0, 120))"""
"""What is lower than a thumb needs (44 px), links inside sentences aside."""

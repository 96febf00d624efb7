// The largest type at which everything is on the screen. Whoever stands before a kiosk cannot scroll.

const screen = document.getElementById("screen");

/// By boxes, not by how far the letters reach: a font's own line is higher than the lines of a heading.
function holds(element) {
  if (element.scrollWidth > element.clientWidth + 1) return false;
  const box = element.getBoundingClientRect();
  const style = getComputedStyle(element);
  const highest = box.top + parseFloat(style.paddingTop) - 1;
  const lowest = box.bottom - parseFloat(style.paddingBottom) + 1;
  for (const child of element.children) {
    const { top, bottom, height } = child.getBoundingClientRect();
    if (height > 0 && (top < highest || bottom > lowest)) return false;
  }
  return true;
}

const watched = "#top, main, #said, h1, #more, #answers, #answers > li, #answers .words, #answers .number, #ends > li, #notice, #controls > li";

function fits() {
  if (!holds(screen)) return false;
  for (const element of screen.querySelectorAll(watched)) {
    if (element.offsetParent !== null && !holds(element)) return false;
  }
  return true;
}

/// Sets the size of type (`--size`) and breaks words only when nothing else helps.
export function fit() {
  const set = (size) => screen.style.setProperty("--size", size.toFixed(3));
  screen.classList.remove("broken-words");
  set(1);
  if (fits()) return;
  for (const breaks of [false, true]) {
    screen.classList.toggle("broken-words", breaks);
    let low = breaks ? 0.2 : 0.42;
    set(low);
    if (!fits() && !breaks) continue;
    let high = 1;
    for (let step = 0; step < 7; step += 1) {
      const middle = (low + high) / 2;
      set(middle);
      if (fits()) low = middle; else high = middle;
    }
    set(low);
    return;
  }
}

addEventListener("resize", fit);
document.fonts?.ready.then(fit);

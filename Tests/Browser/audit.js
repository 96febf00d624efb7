// What is wrong with how the page looks: what does not fit on the screen, what lies over something else, what is too small or
// too pale to be read. Evaluated in the page; the value is a list of sentences and the figures they are about.
(() => {
  const wrong = [];
  const near = 1.5;
  const name = (element) => `${element.tagName.toLowerCase()}${element.id ? "#" + element.id : ""}.${element.getAttribute("class") ?? ""} "${element.textContent.trim().slice(0, 40)}"`;
  const isSeen = (element) => element.checkVisibility() && element.getClientRects().length > 0;

  const root = document.documentElement;
  if (root.scrollWidth > innerWidth || root.scrollHeight > innerHeight) wrong.push(`the page is ${root.scrollWidth}×${root.scrollHeight}`);
  for (const element of document.querySelectorAll("#screen, #screen *")) {
    if (!isSeen(element)) continue;
    const box = element.getBoundingClientRect();
    if (box.left < -near || box.top < -near || box.right > innerWidth + near || box.bottom > innerHeight + near) {
      wrong.push(`${name(element)} reaches over the screen: ${[box.left, box.top, box.right, box.bottom].map(Math.round)}`);
    }
    if (!(element instanceof HTMLElement) || getComputedStyle(element).display === "inline") continue;
    if (element.scrollWidth > element.clientWidth + near) wrong.push(`${name(element)} is ${element.scrollWidth} wide in ${element.clientWidth}`);
    // By boxes: the letters of a font reach over a line that is set tighter than the font's own.
    for (const child of element.children) {
      const inner = child.getBoundingClientRect();
      if (isSeen(child) && getComputedStyle(child).display !== "inline" && (inner.top < box.top - near || inner.bottom > box.bottom + near)) {
        wrong.push(`${name(child)} reaches over ${name(element)}: ${Math.round(inner.top)} to ${Math.round(inner.bottom)} in ${Math.round(box.top)} to ${Math.round(box.bottom)}`);
      }
    }
  }

  const channel = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const light = (colour) => {
    const [red, green, blue] = colour.match(/[\d.]+/g).map(Number);
    return 0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
  };
  const isClear = (colour) => colour === "transparent" || /,\s*0\)$/.test(colour);
  const ground = (element) => {
    if (element.closest("svg")) return getComputedStyle(element.closest("svg").querySelector(".star, .edge")).fill;
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!isClear(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const contrast = (one, other) => {
    const [high, low] = [light(one), light(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };

  let least = Infinity;
  let smallest = Infinity;
  const texts = [];
  const walk = document.createTreeWalker(document.getElementById("screen"), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !isSeen(element)) continue;
    const style = getComputedStyle(element);
    const isDrawn = Boolean(element.closest("svg"));
    const ratio = contrast(isDrawn ? style.fill : style.color, ground(element));
    least = Math.min(least, ratio);
    if (ratio < 7) wrong.push(`${name(element)} has a contrast of ${ratio.toFixed(2)}`);
    if (Number(style.opacity) < 1) wrong.push(`${name(element)} is not opaque`);
    const range = document.createRange();
    range.selectNodeContents(walk.currentNode);
    const box = range.getBoundingClientRect();
    const size = isDrawn ? box.height / 1.36 : parseFloat(style.fontSize);
    smallest = Math.min(smallest, size);
    if (box.left < -near || box.top < -near || box.right > innerWidth + near || box.bottom > innerHeight + near) wrong.push(`the text of ${name(element)} reaches over the screen`);
    texts.push({ element, box });
    if (!element.closest("[lang]")) wrong.push(`${name(element)} has no language`);
  }
  for (let one = 0; one < texts.length; one += 1) {
    for (let other = one + 1; other < texts.length; other += 1) {
      if (texts[one].element.contains(texts[other].element) || texts[other].element.contains(texts[one].element)) continue;
      const [a, b] = [texts[one].box, texts[other].box];
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (across > 2 && down > 4) wrong.push(`${name(texts[one].element)} lies over ${name(texts[other].element)}`);
    }
  }
  // Lines of a drawing against what is behind it: 3:1 is what WCAG wants of graphics, 7:1 what is wanted here.
  for (const shape of document.querySelectorAll("#screen svg .line, #screen svg .ink, #screen svg .edge, #screen svg .star")) {
    if (!isSeen(shape)) continue;
    const style = getComputedStyle(shape);
    const isOutline = shape.matches(".edge, .star");
    const own = shape.parentElement.querySelector(".edge");
    const behind = !isOutline && own ? getComputedStyle(own).fill : ground(shape.closest("svg").parentElement);
    const colour = isOutline || shape.matches(".line") ? style.stroke : style.fill;
    const ratio = contrast(colour, behind);
    least = Math.min(least, ratio);
    if (ratio < 7) wrong.push(`a drawing of ${name(shape.closest("svg").parentElement)} has a contrast of ${ratio.toFixed(2)}`);
  }
  return { wrong, least, smallest };
})()

// Drawings, as elements: there is no picture to be fetched, and no text to be read as markup.

const space = "http://www.w3.org/2000/svg";

function shape(name, attributes, ...children) {
  const element = document.createElementNS(space, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function drawing(box, ...children) {
  return shape("svg", { viewBox: box, "aria-hidden": "true", focusable: "false" }, ...children);
}

const line = { fill: "none", "stroke-linecap": "round", "stroke-linejoin": "round", class: "line" };

// From very unhappy to very happy: the corners of the mouth above its middle, and the colour of the face. The colour only
// repeats what the mouth says.
const moods = [
  { lift: -13, tint: "#f3a59c" }, { lift: -7, tint: "#f7c695" }, { lift: 0, tint: "#f5e08f" },
  { lift: 8, tint: "#c3df97" }, { lift: 15, tint: "#96d3a2" },
];

/// Which of the five moods the faces of a scale are, the worst first.
const steps = { 2: [0, 4], 3: [0, 2, 4], 4: [0, 1, 3, 4], 5: [0, 1, 2, 3, 4] };

/// The mood (0 to 4) of a value of a scale with so many faces.
export function mood(value, of) { return steps[of]?.[value - 1] ?? 2; }

export function face(place) {
  const { lift, tint } = moods[place];
  const eyes = [35, 65].map((x) => shape("ellipse", { cx: x, cy: 41, rx: 5, ry: 6.5, class: "ink" }));
  const parts = [shape("circle", { cx: 50, cy: 50, r: 46, fill: tint, class: "edge" }), ...eyes];
  if (place === 4) {
    parts.push(shape("path", { d: "M27 58 Q50 67 73 58 Q69 83 50 83 Q31 83 27 58 Z", class: "ink" }));
  } else {
    const y = 66 - lift / 3;
    parts.push(shape("path", { d: `M29 ${y - (lift > 0 ? 2 : 0) + Math.max(0, -lift) / 1.6} Q50 ${y + lift * 1.35} 71 ${y - (lift > 0 ? 2 : 0) + Math.max(0, -lift) / 1.6}`, ...line }));
  }
  if (place === 0) {
    parts.push(shape("path", { d: "M26 27 L42 33", ...line }), shape("path", { d: "M74 27 L58 33", ...line }));
  }
  return drawing("0 0 100 100", ...parts);
}

export function star(number) {
  const points = [];
  for (let corner = 0; corner < 10; corner += 1) {
    const angle = (corner * Math.PI) / 5 - Math.PI / 2;
    const radius = corner % 2 === 0 ? 47 : 25;
    points.push(`${(50 + radius * Math.cos(angle)).toFixed(1)},${(53 + radius * Math.sin(angle)).toFixed(1)}`);
  }
  const text = shape("text", { x: 50, y: 64, "text-anchor": "middle", class: "figure" }, String(number));
  return drawing("0 0 100 100", shape("polygon", { points: points.join(" "), class: "star" }), text);
}

const paths = {
  back: ["M62 22 L34 50 L62 78"],
  skip: ["M26 24 L52 50 L26 76", "M54 24 L80 50 L54 76"],
  done: ["M20 54 L42 76 L82 28"],
  language: ["M50 10 a40 40 0 1 0 0.1 0 Z", "M12 50 H88", "M50 10 C26 34 26 66 50 90", "M50 10 C74 34 74 66 50 90"],
  bell: ["M24 70 C32 62 28 26 50 26 C72 26 68 62 76 70 Z", "M50 14 V26", "M43 82 Q50 88 57 82"],
  hand: ["M50 8 a42 42 0 1 0 0.1 0 Z", "M38 34 V66", "M62 34 V66"],
  closed: ["M50 8 a42 42 0 1 0 0.1 0 Z", "M50 26 V52 L66 62"],
  wrench: ["M66 14 a22 22 0 0 0 -26 29 L14 69 a11 11 0 0 0 17 17 L57 60 a22 22 0 0 0 29 -26 L71 47 L55 44 L53 29 Z"],
  out: ["M50 12 L92 86 H8 Z", "M50 40 V60", "M50 73 V74"],
  wait: ["M28 12 H72", "M28 88 H72", "M34 12 C34 40 66 60 66 88", "M66 12 C66 40 34 60 34 88"],
};

export function sign(name) {
  return drawing("0 0 100 100", ...(paths[name] ?? []).map((d) => shape("path", { d, ...line })));
}

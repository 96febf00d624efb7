// Shows what the kiosk asks and what its buttons mean. It takes nothing from the visitor: the buttons are real ones.
//
// The state comes as server-sent events, each complete in itself. When the stream breaks the page says so, and goes on by
// itself when there is one again. Nothing moves and nothing is computed while nothing changes.

import { face, mood, sign, star } from "/drawings.js";
import { fit } from "/fit.js";
import { direction, nearest, ownName, phrase } from "/phrases.js";

/// How long a break may last before the visitor is told: a restart of the agent or of kioskd is shorter.
const grace = 900;
/// The server gives a sign of life every 15 s; so long without one, and it is gone.
const silence = 40_000;
const rowMost = 7;

const at = (id) => document.getElementById(id);
const parts = {};
for (const id of ["screen", "staff", "progress", "place", "bar", "choices", "drawing", "question", "more", "answers", "ends", "notice", "controls"]) {
  parts[id] = at(id);
}

let language = navigator.language || "en";
let shown = "";
let last = null;

// --- Words ---------------------------------------------------------------------------------------------------------------

/// Puts words into an element, with their language and direction.
function put(element, text, tag) {
  if (element.textContent !== text) element.textContent = text;
  element.lang = tag;
  element.dir = direction(tag);
  element.hidden = text === "";
  return element;
}

/// A phrase of the page's own.
function say(element, key, gaps) { return put(element, phrase(language, key, gaps), nearest(language)); }

function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

/// A long question is set smaller than a short one, so that its answers need not be.
function putQuestion(text, tag) {
  put(parts.question, text, tag);
  parts.screen.style.setProperty("--ask", Math.min(1, Math.max(0.6, Math.sqrt(56 / Math.max(1, text.length)))).toFixed(2));
}

function words(text, tag) { return put(element("span", "words"), text, tag); }

// --- Answers ---------------------------------------------------------------------------------------------------------------

const family = (display) => (display.scale ?? "").split("-")[0];
const points = (display) => Number((display.scale ?? "").split("-").pop());

/// The wording of an answer without what is drawn beside it anyway: "4 to 6: unlikely" beside 4–6.
function wording(button) {
  const text = button.text ?? "";
  if (button.value !== undefined && text === String(button.value)) return "";
  if (button.value !== undefined || button.from === undefined) return text;
  return text.replace(new RegExp(`^\\s*${button.from}\\D{1,14}${button.through}\\s*[:.–—-]?\\s*`, "u"), "");
}

function answer(display, button) {
  const item = element("li");
  const kind = family(display);
  let text = wording(button);
  let tag = language;
  let icon;
  if (kind === "faces" && button.value !== undefined) {
    const place = mood(button.value, points(display));
    icon = element("span", "icon", face(place));
    if (text === "") [text, tag] = [phrase(language, "moods")[place], nearest(language)];
  } else if (kind === "stars" && button.value !== undefined) {
    icon = element("span", "icon", star(button.value));
    icon.setAttribute("role", "img");
    icon.setAttribute("aria-label", String(button.value));
  } else {
    const isRange = button.value === undefined;
    icon = element("span", isRange ? "icon number range" : "icon number");
    icon.dir = "ltr";
    icon.textContent = isRange ? `${button.from}–${button.through}` : String(button.value);
  }
  item.append(icon);
  item.dir = direction(tag);
  if (text !== "") item.append(words(text, tag));
  return item;
}

/// What stands on the button itself, as far as its name tells: a number or a letter at its end, or a face.
function key(name) {
  const faces = ["very-unhappy", "unhappy", "neutral", "happy", "very-happy"].indexOf(name);
  if (faces >= 0) return element("span", "key drawn", face(faces));
  const mark = /(?:^|-)(\d{1,3}|[a-z])$/.exec(name)?.[1];
  return mark ? element("span", "key", mark.toUpperCase()) : null;
}

function topic(display, button) {
  const item = element("li", button.chosen ? "chosen" : "");
  item.dir = direction(language);
  const cap = key(button.name);
  if (cap) {
    cap.dir = "ltr";
    item.append(cap);
  }
  const text = words(button.text ?? (button.value !== undefined ? String(button.value) : button.name), language);
  if (button.chosen) {
    const mark = element("span", "mark", sign("done"));
    mark.append(say(element("span"), "chosen"));
    text.append(mark);
  }
  item.append(text);
  return item;
}

function columns(count, isHigh) {
  if (isHigh) return count <= 7 ? 1 : count <= 16 ? 2 : 3;
  if (count <= 3) return count;
  if (count === 4) return 2;
  return count <= 9 ? 3 : count <= 16 ? 4 : 6;
}

/// How the answers are laid out: topics as cards; values of a scale in one row, as the buttons stand, or one below the other
/// where the screen is high and each has words.
function layAnswers(display, answers) {
  const isHigh = innerHeight > innerWidth;
  const { screen, answers: list, ends } = parts;
  list.hidden = answers.length === 0;
  list.className = "";
  ends.hidden = true;
  ends.replaceChildren();
  const style = screen.style;
  style.setProperty("--count", String(Math.max(1, answers.length)));
  const worded = answers.filter((button) => wording(button) !== "").length;
  const isScale = display.scale !== undefined;
  if (!isScale || (answers.length > rowMost && worded > 3)) {
    screen.dataset.layout = "topics";
    const across = columns(answers.length, isHigh);
    style.setProperty("--columns", String(across));
    style.setProperty("--rows", String(Math.ceil(answers.length / across)));
    list.replaceChildren(...answers.map((button) => topic(display, button)));
    return;
  }
  const items = answers.map((button) => answer(display, button));
  list.className = family(display);
  const isWhole = items.every((item) => item.querySelector(".words"));
  if (isHigh && isWhole && answers.length <= rowMost) {
    screen.dataset.layout = "list";
    style.setProperty("--tall", answers.length <= 3 ? "20" : "13");
  } else {
    screen.dataset.layout = "row";
    const isCrowded = answers.length > rowMost;
    style.setProperty("--icon", String(answers.length <= 3 ? 23 : answers.length === 4 ? 20 : answers.length === 5 ? 17 : isCrowded && isHigh ? 6.4 : 12));
    style.setProperty("--between", isCrowded ? (isHigh ? "0.5" : "1") : "1.6");
    if (isCrowded || isHigh) {
      // Too narrow for words below each: they stand below the row, with what they belong to.
      items.forEach((item, place) => {
        const text = item.querySelector(".words");
        if (!text) return;
        text.remove();
        const end = put(element("li"), "", language);
        end.hidden = false;
        const number = element("b");
        number.textContent = item.textContent || String(answers[place].value);
        end.append(number, ` = ${text.textContent}`);
        ends.append(end);
      });
      ends.hidden = ends.childElementCount === 0;
    }
  }
  list.replaceChildren(...items);
}

// --- The whole screen ------------------------------------------------------------------------------------------------------------

/// The languages that the button leads to, the next one first, each as it calls itself: who reads it need read no other.
function otherLanguages(display) {
  const place = display.languages.indexOf(display.language);
  const others = [...display.languages.slice(place + 1), ...display.languages.slice(0, Math.max(0, place))];
  const names = others.slice(0, 3).map((tag) => put(element("span"), ownName(tag), tag));
  if (others.length > 3) names.push(element("span", "", "…"));
  return names;
}

function layControls(display, buttons) {
  const { controls } = parts;
  controls.hidden = buttons.length === 0;
  controls.replaceChildren(...buttons.map((button) => {
    const item = element("li", button.role);
    const picture = { "call-staff": "bell" }[button.role] ?? button.role;
    const drawn = sign(picture);
    if (direction(language) === "rtl" && ["back", "skip"].includes(button.role)) drawn.style.transform = "scaleX(-1)";
    item.dir = direction(language);
    item.append(drawn);
    if (button.role === "language") item.append(...otherLanguages(display)); else item.append(say(element("span"), button.role));
    return item;
  }));
}

/// A step for each question; of a long survey the part that is over, and the rest.
function steps({ number, of }) {
  if (of <= 12) return Array.from({ length: of }, (_, step) => element("i", step < number ? "over" : ""));
  return [["over", number], ["", Math.max(0, of - number)]].map(([name, share]) => {
    const part = element("i", name);
    part.style.flexGrow = String(share);
    return part;
  });
}

function layProgress(display) {
  const { progress, place, bar, choices } = parts;
  const isLong = display.of > 1;
  const chosen = display.buttons.filter((button) => button.chosen).length;
  progress.hidden = !isLong && !(display.most_choices > 1);
  say(place, "place", { number: display.number, of: display.of });
  place.hidden = !isLong;
  bar.hidden = !isLong;
  bar.replaceChildren(...steps(display));
  const most = phrase(language, "most", { most: display.most_choices });
  const count = chosen > 0 ? ` · ${phrase(language, "count", { count: chosen })}` : "";
  put(choices, display.most_choices > 1 ? most + count : "", nearest(language));
}

/// One thing to say, large, in place of a question.
function message(kind, drawing, text, tag, more) {
  const { screen } = parts;
  screen.dataset.layout = "message";
  screen.dataset.kind = kind;
  parts.progress.hidden = true;
  for (const list of [parts.answers, parts.ends, parts.controls]) {
    list.replaceChildren();
    list.hidden = true;
  }
  parts.drawing.hidden = false;
  parts.drawing.replaceChildren(sign(drawing));
  putQuestion(text, tag);
  if (more) say(parts.more, more); else parts.more.hidden = true;
}

function own(kind, drawing) {
  message(kind, drawing, phrase(language, kind), nearest(language), `${kind}More`);
}

function ask(display) {
  const { screen } = parts;
  screen.dataset.kind = "question";
  parts.drawing.hidden = true;
  const isAnswer = (button) => button.role === undefined;
  const answers = display.buttons.filter(isAnswer);
  putQuestion(display.text, language);
  // The second press of two: each button is a number now.
  const isSecondStep = display.scale !== undefined && answers.length > 0
    && answers.every((button) => button.value !== undefined && button.text === String(button.value));
  if (isSecondStep) say(parts.more, "exactly"); else parts.more.hidden = true;
  layProgress(display);
  layAnswers(display, answers);
  layControls(display, display.buttons.filter((button) => !isAnswer(button)));
}

function layNotice(display) {
  const { notice, staff } = parts;
  const isWaiting = display?.notice === "please-wait";
  if (isWaiting !== (notice.childElementCount > 0)) {
    notice.replaceChildren(...(isWaiting ? [sign("hand"), say(element("span"), "wait")] : []));
  }
  staff.hidden = !display?.staff_called;
  if (!staff.hidden) staff.replaceChildren(sign("bell"), say(element("span"), "staff"));
}

/// Shows a state; null: there is no stream.
function show(frame) {
  last = frame;
  const display = frame?.running ? frame.display : null;
  if (display?.language) language = display.language;
  const picture = JSON.stringify([frame, language, innerHeight > innerWidth]);
  if (picture === shown) return;
  shown = picture;
  document.documentElement.lang = language;
  document.documentElement.dir = direction(language);
  document.body.lang = language;
  layNotice(display);
  if (!frame) own("moment", "wait");
  else if (!display || display.phase === "out-of-service") own("out", "out");
  else if (display.phase === "closed") own("closed", "closed");
  else if (display.phase === "service") own("service", "wrench");
  else if (display.phase === "thanks") {
    const isOwn = display.text === "";
    message("thanks", "done", isOwn ? phrase(language, "thanks") : display.text, isOwn ? nearest(language) : language);
    layControls(display, display.buttons.filter((button) => button.role === "call-staff"));
  } else ask(display);
  fit();
}

addEventListener("resize", () => show(last));

// --- The stream ---------------------------------------------------------------------------------------------------------------------

let source = null;
let breaking = 0;
let quiet = 0;

function hearing() {
  clearTimeout(quiet);
  quiet = setTimeout(() => { lost(); open(); }, silence);
}

/// Shows it unless a better state comes within the grace.
function soon(frame) {
  if (breaking === 0) breaking = setTimeout(() => show(frame), grace);
}

function settle() {
  clearTimeout(breaking);
  breaking = 0;
}

function lost() { soon(null); }

function open() {
  source?.close();
  const mine = new EventSource("/events");
  source = mine;
  hearing();
  mine.addEventListener("state", (event) => {
    hearing();
    settle();
    const frame = JSON.parse(event.data);
    // kioskd is restarted within a moment; the first state after loading is shown as it is.
    if (!frame.running && shown !== "") soon(frame); else show(frame);
  });
  mine.addEventListener("heartbeat", hearing);
  mine.addEventListener("error", () => {
    lost();
    // Refused (too many displays): the browser gives up, this page does not.
    if (mine.readyState === EventSource.CLOSED && source === mine) setTimeout(open, 2_000);
  });
}

// Until the first state has come there is something to see, too.
soon(null);
open();

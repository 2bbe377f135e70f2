// Conveniences of the desk. Every page works without this file.

const typed = (box) => box.matches("input, select") && !box.matches("[type=hidden], [type=checkbox], [type=radio], [disabled]")
  && (box.checkVisibility?.() ?? true);

// Enter goes to the next field, and saves from the last one. While an input method is composing,
// Enter belongs to it. A field that was filled from the name is passed over.
function next(event) {
  const form = event.target.form;
  if (!form?.hasAttribute("data-enter") || !typed(event.target)) return;
  const boxes = [...form.elements].filter((box) => typed(box) && !box.hasAttribute("data-enter-end"));
  const rest = boxes.slice(boxes.indexOf(event.target) + 1);
  const goal = rest.find((box) => !(box.dataset.filled && box.value));
  if (event.target.hasAttribute("data-enter-save") || !goal) return;
  event.preventDefault();
  goal.focus();
  goal.select?.();
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return;
  const box = event.target;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    box.form?.requestSubmit();
  } else if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
    next(event);
  } else if (event.key === "/" && !box.matches("input, textarea, select")) {
    const search = document.querySelector("input[type=search]");
    event.preventDefault();
    if (search) search.focus();
    else location.href = "/registry";
  }
});

// The reading comes from what the input method was fed: やまだ, which then became 山田.
const isKana = (text) => /^[\u3041-\u309f\u30a0-\u30ffー\s]+$/u.test(text);
let kana = "";

document.addEventListener("compositionstart", () => { kana = ""; });
document.addEventListener("compositionupdate", (event) => {
  if (isKana(event.data)) kana = event.data;
});
document.addEventListener("compositionend", (event) => fill(event.target, kana));
document.addEventListener("input", (event) => {
  if (!event.isComposing && isKana(event.target.value ?? "")) fill(event.target, event.target.value, true);
});

function fill(name, reading, whole) {
  const goal = name.dataset?.reading && document.getElementById(name.dataset.reading);
  if (!goal || !reading || (goal.value && !goal.dataset.filled)) return;
  goal.value = whole ? reading : goal.value + reading;
  goal.dataset.filled = "yes";
}

// Whoever corrects a reading by hand keeps it.
document.addEventListener("keydown", (event) => { delete event.target.dataset?.filled; }, true);

// A form is sent once; the button comes back with the browser's Back.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button) setTimeout(() => { button.disabled = true; });
});
addEventListener("pageshow", () => document.querySelectorAll("button[disabled]").forEach((button) => { button.disabled = false; }));

// The browser moves to the first field when it next draws; quick fingers are faster.
document.querySelector("[autofocus]")?.focus();

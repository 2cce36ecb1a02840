// What the office's pages do beyond plain HTML: htmx may set HTML that our own server sent (and
// nothing may run as script), a code's minutes count down, lists print. Every page works without it.

if (window.trustedTypes) {
  window.trustedTypes.createPolicy("default", { createHTML: (html) => html });
}

document.documentElement.classList.add("scripted");

function pad(number) {
  return String(number).padStart(2, "0");
}

setInterval(() => {
  for (const place of document.querySelectorAll("[data-until]")) {
    const seconds = Math.max(0, Math.round((Number(place.dataset.until) - Date.now()) / 1000));
    place.textContent = `${Math.floor(seconds / 60)}:${pad(seconds % 60)}`;
  }
}, 1000);

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element)) return;
  if (event.target.closest("[data-print]")) window.print();
  // An open menu closes when something else is clicked.
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// On the settling page 1, 2, 3 … takes a side; typing in a field stays typing.
document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof Element && event.target.closest("input[type=text], textarea, select");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const side = document.querySelectorAll(".sides input[name=take]")[Number(event.key) - 1];
  if (side) side.click();
});

// Typing in a paper sheet: Enter saves from a list or, with Ctrl, from a text of several lines. In the search it goes
// on to what was found, and down from there.
document.addEventListener("keydown", (event) => {
  const at = event.target;
  const form = at instanceof Element ? at.closest("form[data-sheet]") : null;
  if (!(form instanceof HTMLFormElement) || event.isComposing) return;
  if (at.matches("[data-find]") && (event.key === "Enter" || event.key === "ArrowDown")) {
    event.preventDefault();
    const found = form.querySelector("#found input:checked") ?? form.querySelector("#found input");
    const fields = [...form.querySelectorAll("input:not([type=hidden], [data-find], #found *), select, textarea")];
    (found ?? fields.find((it) => !it.closest("#found")))?.focus();
  } else if (event.key === "Enter" && (at.matches("select, [type=radio], [type=checkbox]") || event.ctrlKey)) {
    event.preventDefault();
    form.requestSubmit(form.querySelector("button[name=save]"));
  }
});

// What takes long says so while it does, and is not begun twice.
document.addEventListener("submit", (event) => {
  if (!(event.target instanceof HTMLFormElement) || !("busy" in event.target.dataset)) return;
  const place = event.target.querySelector(".busy");
  if (place) place.hidden = false;
  setTimeout(() => {
    for (const button of event.target.querySelectorAll("button")) button.disabled = true;
  });
});

// One box ticks all boxes of its table.
document.addEventListener("change", (event) => {
  if (!(event.target instanceof HTMLInputElement) || !("pickAll" in event.target.dataset)) return;
  for (const box of event.target.closest("table").querySelectorAll("input[name=pick]")) box.checked = event.target.checked;
});

// Typing into "it should be" means that way is chosen.
document.addEventListener("input", (event) => {
  if (!(event.target instanceof Element) || event.target.getAttribute("name") !== "typed") return;
  const way = event.target.closest(".way")?.querySelector("input[name=take]");
  if (way instanceof HTMLInputElement) way.checked = true;
});

// A search is asked for while it is typed; leaving its box, by pressing a row that was found, asks nothing more.
document.addEventListener(
  "change",
  (event) => {
    if (event.target instanceof Element && event.target.matches("input[type=search]")) event.stopPropagation();
  },
  true,
);

// What is pressed stays under the mouse until it is let go: an answer that comes meanwhile is asked for again then; that
// of long work comes by itself, every second. The focus is kept by htmx, for what has an id.
let pressed = false;
let late = null;
document.addEventListener("pointerdown", () => (pressed = true), true);
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const redrawn = event.detail.target.id;
  const isList = redrawn === "list" && event.target.matches("form");
  if (!pressed || !(isList || redrawn === "work")) return;
  event.preventDefault();
  if (isList) late = event.target.querySelector("select");
});
for (const end of ["pointerup", "pointercancel"]) {
  document.addEventListener(
    end,
    () => {
      pressed = false;
      const list = late;
      late = null;
      if (list) setTimeout(() => htmx.trigger(list, "change"));
    },
    true,
  );
}

// What htmx asked for did not come: say so, or an old list would pass for the answer.
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, () => {
    const place = document.getElementById("offline");
    if (place) place.hidden = false;
  });
}
document.addEventListener("htmx:afterSwap", () => {
  const place = document.getElementById("offline");
  if (place) place.hidden = true;
});

// A list that was asked for to be printed has all its rows now.
window.addEventListener("load", () => {
  if (document.querySelector("[data-print-now]")) window.print();
});

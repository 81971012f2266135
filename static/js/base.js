// What every page has: the theme switch, keys, and what to say when a part of the page could not be loaded.

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-theme-switch]")) switchTheme();
  if (event.target.closest("[data-theme-auto]")) chooseTheme("auto");
  const copied = event.target.closest("[data-copy]");
  if (copied) copy(copied);
});

function switchTheme() {
  chooseTheme(document.documentElement.dataset.bsTheme === "light" ? "dark" : "light");
}

/** What `theme.js` shows, here as in other windows. */
function chooseTheme(theme) {
  localStorage.setItem("theme", theme);
  dispatchEvent(new StorageEvent("storage"));
}

// A button that is only an icon says what it is called when somebody points at it.
document.addEventListener("pointerover", (event) => {
  const named = event.target.closest("a[aria-label]:not([title]), button[aria-label]:not([title])");
  if (named && !named.innerText.trim()) named.title = named.getAttribute("aria-label");
});

// What day it is for people is the day where they are.
document.cookie = `timezone=${Intl.DateTimeFormat().resolvedOptions().timeZone}; path=/; max-age=31536000; samesite=lax`;

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  button.classList.add("copied");
  setTimeout(() => button.classList.remove("copied"), 1500);
}

// -- keys: `data-key="u"` on a link or button is that key on the whole page

/** Whether a key that was pressed belongs to what has the focus, or to the browser. */
export function isTyping(event) {
  const { target } = event;
  return event.ctrlKey || event.metaKey || event.altKey || target.isContentEditable ||
    target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select") || document.querySelector(".modal.show") !== null;
}

document.addEventListener("keydown", (event) => {
  if (isTyping(event)) return;
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (target) {
    event.preventDefault();
    if (target.matches("input")) { target.focus(); target.select(); } else target.click();
  } else if (event.key === "?") {
    showKeys();
  }
});

/** Bootstrap gives the focus back to buttons that open dialogs; a key has none. */
function showKeys() {
  const focused = document.activeElement;
  const dialog = document.getElementById("keys");
  dialog.addEventListener("hidden.bs.modal", () => focused.focus(), { once: true });
  window.bootstrap.Modal.getOrCreateInstance(dialog).show();
}

// -- parts of the page that htmx loads

// Words are looked for while they are typed. That they have changed is nothing new when the focus leaves them: what has been
// found would be replaced under it.
document.addEventListener("change", (event) => {
  if (event.target.matches("#filters :is([type=search], [type=text])")) event.stopPropagation();
}, true);

const failure = document.getElementById("failure");

function fail(text) {
  failure.textContent = text;
  failure.hidden = false;
}

document.addEventListener("htmx:beforeRequest", () => { failure.hidden = true; });
document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  if (status === 401) return; // the page is loaded again, and asks to sign in
  fail(status === 403 ? "You may not do that." :
    status === 404 || status === 410 ? "This is not in the archive any more. Load the page again." :
      `The archive could not answer (${status}). Try again, or tell an administrator.`);
});
document.addEventListener("htmx:sendError", () => fail("The archive cannot be reached. Look at the network, then try again."));
document.addEventListener("htmx:timeout", () => fail("The archive took too long to answer. Narrow the search, or try again."));

// The page's frame: who is signed in, which view is shown, and what is told live.

import { fill, focusHeading, get, h, listen, tickAll, token } from "./api.js";
import { deviceList, devicePage, focusFirst } from "./devices.js";
import { notificationList } from "./notifications.js";
import { templateList, templatePage } from "./templates.js";

const main = document.getElementById("main");
const live = document.getElementById("live");
const leave = document.getElementById("leave");

const VIEWS = [
  [/^#\/devices(?:\?.*)?$/, deviceList],
  [/^#\/device\/(\d+)$/, devicePage],
  [/^#\/templates$/, templateList],
  [/^#\/template\/(.*)$/, templatePage],
  [/^#\/notifications(?:\?.*)?$/, notificationList],
];

/** The view that is shown: `told` hears live events, `isUnsaved` says whether something would be lost, `close` ends it. */
let view;
let shown;
let listening;
/** Whether a token is being tried. */
let isSigningIn = false;

function show() {
  if (view?.isUnsaved?.() && !confirm("What was changed is not saved. Leave all the same?")) {
    history.replaceState(null, "", shown);
    return;
  }
  const [pattern, open] = VIEWS.find(([pattern]) => pattern.test(location.hash)) ?? [];
  if (!open) {
    location.replace("#/devices");
    return;
  }
  view?.close?.();
  const fields = pattern.exec(location.hash).slice(1).map(decodeURIComponent);
  for (const link of document.querySelectorAll("nav a")) {
    const area = link.getAttribute("href").slice(0, -1);
    if (location.hash.startsWith(area)) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const place = h("div", { class: "view" });
  fill(main, place);
  view = open(place, ...fields);
  // What had the focus was part of what was shown before.
  if ((shown || isSigningIn) && document.activeElement === document.body) focusHeading(place);
  shown = location.hash;
  window.scrollTo(0, 0);
}

function start() {
  leave.hidden = false;
  listening = new AbortController();
  listen(
    listening.signal,
    (name, data) => view?.told?.(name, data),
    (isLive) => {
      live.textContent = isLive ? "live" : "not connected";
      live.className = isLive ? "on" : "off";
    },
  );
  window.addEventListener("hashchange", show);
  show();
}

function stop() {
  listening?.abort();
  window.removeEventListener("hashchange", show);
  view?.close?.();
  view = undefined;
  leave.hidden = true;
  live.textContent = "";
  live.className = "";
}

/** The token is worth nothing any more, or its owner leaves. */
function signIn(why) {
  stop();
  token.forget();
  const field = h("input", { type: "password", id: "token", autocomplete: "current-password", required: true });
  const words = h("p", { class: "error", role: "alert" }, why ?? "");
  const form = h(
    "form",
    {
      class: "card sign-in",
      onsubmit: async (event) => {
        event.preventDefault();
        token.set(field.value.trim());
        isSigningIn = true;
        try {
          await get("templates");
          start();
        } catch (error) {
          token.forget();
          words.textContent = error.status === 401 ? "That is not the operators' token." : error.message;
        } finally {
          isSigningIn = false;
        }
      },
    },
    h("h1", {}, "Sign in"),
    h("label", { for: "token" }, "Operators' token"),
    field,
    h(
      "p",
      { class: "hint" },
      "The server printed it when it was started for the first time. ",
      h("code", {}, "serve --new-admin-token"),
      " prints a new one.",
    ),
    words,
    h("button", { class: "primary" }, "Sign in"),
  );
  fill(main, h("div", { class: "view" }, form));
  field.focus();
}

/** The server may be away for a while: that is no reason to ask for the token, which was shown once. */
async function open() {
  for (let pause = 500; ; pause = Math.min(pause * 2, 5_000)) {
    try {
      await get("templates");
      return start();
    } catch (error) {
      if (error.status === 401) return;
      fill(
        main,
        h(
          "div",
          { class: "view" },
          h("p", { role: "status" }, `The server does not answer (${error.message}). It is asked again.`),
        ),
      );
    }
    await new Promise((done) => setTimeout(done, pause));
  }
}

leave.addEventListener("click", () => signIn());
// Whatever asked. The form that asks for the token says so itself.
window.addEventListener("unauthorized", () => {
  if (token.get() && !isSigningIn) signIn("The operators' token is not valid any more.");
});
window.addEventListener("beforeunload", (event) => view?.isUnsaved?.() && event.preventDefault());
window.addEventListener("keydown", (event) => {
  const isTyping = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? "");
  if (event.key === "/" && !isTyping) {
    const search = document.querySelector("input[type=search]");
    if (search) {
      event.preventDefault();
      search.focus();
    }
  }
  if (["ArrowDown", "j"].includes(event.key) && document.activeElement.matches("body, main, h1")) focusFirst(event);
});
setInterval(tickAll, 500);

const given = /^#token=([\x21-\x7e]+)$/.exec(location.hash);
if (given) {
  token.set(decodeURIComponent(given[1]));
  history.replaceState(null, "", "/#/devices");
}
if (token.get()) {
  open();
} else {
  signIn();
}

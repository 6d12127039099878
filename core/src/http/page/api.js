// What every view needs: the operator's token, requests, live events, elements, and times for people.

const KEY = "blynk-sim operator";
/** How far the server's clock is ahead of this one, in milliseconds. */
let ahead = 0;

export const token = {
  get: () => localStorage.getItem(KEY),
  set: (text) => localStorage.setItem(KEY, text),
  forget: () => localStorage.removeItem(KEY),
};

/** Asks the API. Throws an Error with the server's words. */
export const ask = async (...request) => (await answer(...request)).json;

/** Asks the API, with a condition if there is one, and is told the edition as well. */
export async function answer(method, path, query = {}, body, condition = {}) {
  const parameters = new URLSearchParams(
    Object.entries(query).filter(([, value]) => value !== undefined && value !== ""),
  );
  const response = await fetch(`/api/v1/organization/${path}?${parameters}`, {
    method,
    headers: { authorization: `Bearer ${token.get()}`, ...condition },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  const json = text ? JSON.parse(text) : undefined;
  if (!response.ok) {
    if (response.status === 401) window.dispatchEvent(new Event("unauthorized"));
    const error = new Error(json?.error?.message ?? `The server answered ${response.status}.`);
    error.status = response.status;
    throw error;
  }
  if (json?.now) ahead = json.now - Date.now();
  return { json, edition: response.headers.get("etag") };
}

export const get = (path, query) => ask("GET", path, query);

/** The server's time. */
export const now = () => Date.now() + ahead;

/**
 * Listens to live events until the signal aborts: `told(name, data)` for each, `state(isLive)` when that changes. What
 * happened while nobody listened is unknown, so each beginning is told as `missed`.
 */
export async function listen(signal, told, state) {
  for (let pause = 500; !signal.aborted; pause = Math.min(pause * 2, 10_000)) {
    try {
      const response = await fetch("/api/v1/organization/events", {
        headers: { authorization: `Bearer ${token.get()}` },
        signal,
      });
      if (response.status === 401) window.dispatchEvent(new Event("unauthorized"));
      if (response.ok) {
        state(true);
        told("missed", {});
        pause = 500;
        await read(response.body.pipeThrough(new TextDecoderStream()).getReader(), told);
      }
    } catch {
      // The server is away, or we are: tried again below.
    }
    if (signal.aborted) return;
    state(false);
    await new Promise((done) => setTimeout(done, pause));
  }
}

async function read(reader, told) {
  for (let rest = ""; ;) {
    const { value, done } = await reader.read();
    if (done) return;
    const events = (rest + value).split("\n\n");
    rest = events.pop();
    for (const event of events) {
      const field = (name) =>
        event
          .split("\n")
          .find((line) => line.startsWith(`${name}: `))
          ?.slice(name.length + 2);
      if (field("event")) told(field("event"), JSON.parse(field("data")));
    }
  }
}

/** An element. Attributes that begin with `on` are listeners; `null` children are left out. Text is never HTML. */
export function h(tag, attributes = {}, ...children) {
  const element = tag.startsWith("svg:")
    ? document.createElementNS("http://www.w3.org/2000/svg", tag.slice(4))
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "color") element.style.setProperty("--color", value);
    else if (name === "value" || name === "checked") element[name] = value;
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  fill(element, ...children);
  return element;
}

/** Replaces what is in an element. */
export function fill(element, ...children) {
  element.replaceChildren(
    ...children.flat().filter((child) => child !== null && child !== undefined && child !== false),
  );
}

/** Where a keyboard goes on, and a screen reader says where that is, when what had the focus is gone. */
export function focusHeading(place = document) {
  const heading = place.querySelector("h1");
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

/**
 * Replaces parts that have a `data-key`. Who has the focus in one keeps it there; if that is gone, in what took its place.
 */
export function refill(parent, ...children) {
  const parts = () => [...parent.querySelectorAll("[data-key]")];
  const focused = parent.contains(document.activeElement) ? document.activeElement : undefined;
  const part = focused?.closest("[data-key]");
  const place = parts().indexOf(part);
  const { key } = part?.dataset ?? {};
  fill(parent, ...children);
  if (!part) return;
  const reach = (part) => {
    const within = [part, ...part.querySelectorAll("*")].filter((it) => it.matches("a, button:enabled"));
    return within.find(({ tagName }) => tagName === focused.tagName) ?? within[0];
  };
  const heir = parts().find(({ dataset }) => dataset.key === key) ?? parts()[place] ?? parts().at(-1);
  const target = heir && reach(heir);
  if (target) target.focus({ preventScroll: true });
  else focusHeading();
}

/** What the address says of the view: what is searched for, which page. */
export const recall = () => new URLSearchParams(location.hash.split("?")[1]);

/** Keeps it in the address, so that it is there on the way back, and after a reload. */
export function remember(view, fields) {
  const said = new URLSearchParams(Object.entries(fields).filter(([, value]) => value));
  history.replaceState(null, "", `#/${view}${said.size ? `?${said}` : ""}`);
}

let fading;
export function toast(text, isError = false) {
  const place = document.getElementById("toast");
  place.textContent = text;
  place.className = isError ? "shown error" : "shown";
  clearTimeout(fading);
  fading = setTimeout(() => (place.className = ""), isError ? 8_000 : 3_000);
}

/** Does something and tells what went wrong. */
export async function attempt(doing, done) {
  try {
    const result = await doing();
    if (done) toast(done);
    return { result };
  } catch (error) {
    toast(error.message, true);
    return { error };
  }
}

const UNITS = [
  ["d", 86_400],
  ["h", 3_600],
  ["m", 60],
  ["s", 1],
];

/** `1d 2h`, `3m 5s`: the two largest units. */
export function length(millis) {
  let seconds = Math.max(0, Math.round(millis / 1_000));
  const parts = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(seconds / size);
    if (count > 0 || parts.length > 0) parts.push(count > 0 ? `${count}${unit}` : null);
    seconds -= count * size;
    if (parts.length === 2) break;
  }
  return parts.filter(Boolean).join(" ") || "0s";
}

/** Seconds as scenarios spell them: `1m30s`. */
export function spell(seconds) {
  let text = "";
  for (const [unit, size] of UNITS) {
    const count = Math.floor(seconds / size);
    if (count > 0) text += `${count}${unit}`;
    seconds -= count * size;
  }
  return text || "0s";
}

/** What `spell` writes, as seconds; undefined if it is no length of time. */
export function unspell(text) {
  const trimmed = text.trim();
  const match = /^(?:(\d{1,6})w)?(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,9})s)?$/.exec(trimmed);
  if (!match || trimmed === "") return undefined;
  const [, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = match;
  return weeks * 604_800 + days * 86_400 + hours * 3_600 + minutes * 60 + Number(seconds);
}

/** A moment: today only the time, else the date as well. */
export function moment(millis) {
  const date = new Date(millis);
  const time = date.toLocaleTimeString([], { hour12: false });
  const isToday = date.toDateString() === new Date(now()).toDateString();
  return isToday
    ? time
    : `${date.toLocaleDateString([], { year: "numeric", month: "short", day: "numeric" })}, ${time}`;
}

/** A text that goes on with time. */
export function ticking(text, attributes = {}) {
  const element = h("span", { class: "ticking", ...attributes }, text());
  element.tick = () => {
    const newer = text();
    if (element.textContent !== newer) element.textContent = newer;
  };
  return element;
}

export function tickAll() {
  for (const element of document.querySelectorAll(".ticking")) element.tick?.();
}

const DEFAULT_COLORS = { online: "#1f9d63", offline: "#c8453b" };

/** The colour of a status: its own, or one by its kind. */
export const colorOf = (status) => (status ? (status.color ?? DEFAULT_COLORS[status.key] ?? "#c07f15") : "#8a9099");

/** A status as a coloured word. */
export function chip(status) {
  return h("span", { class: "chip", color: colorOf(status) }, status ? status.label : "New");
}

/** At most one run at a time, and one more if it is asked for meanwhile. */
export function calmly(run, pause = 250) {
  let state = "idle";
  return async function wake() {
    if (state !== "idle") {
      state = "again";
      return;
    }
    state = "running";
    await new Promise((done) => setTimeout(done, pause));
    state = "running";
    await run();
    const again = state === "again";
    state = "idle";
    if (again) wake();
  };
}

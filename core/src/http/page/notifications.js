// What was to be told, and what became of it.

import { ask, attempt, calmly, chip, get, h, moment, now, recall, refill, remember, toast } from "./api.js";

const SIZE = 50;
/** After a try there is something new to see so soon, in milliseconds. */
const SOON = 2_000;
/** No first try takes longer, in milliseconds: what is owed for longer without one waits behind another. */
const TRY = 30_000;

export function notificationList(place) {
  const said = recall();
  let page = Number(said.get("page")) || 0;
  let dead = said.get("show") === "dead";
  let waking;
  const rows = h("tbody");
  const empty = h("p", { class: "empty" });
  const pager = h("div", { class: "pager" });
  const choose = h(
    "select",
    {
      onchange: (event) => {
        dead = event.target.value === "dead";
        page = 0;
        load();
      },
    },
    h("option", { value: "all" }, "All"),
    h("option", { value: "dead", selected: dead }, "Dead letters"),
  );

  async function load() {
    if (!place.isConnected) return;
    remember("notifications", { show: dead && "dead", page });
    const query = { dead: dead ? "true" : undefined, page, size: SIZE };
    const { result, error } = await attempt(() => get("notifications", query));
    // The address was made up.
    if (error?.status === 400 && page) {
      page = 0;
      return load();
    }
    if (!result || !place.isConnected) return;
    const last = Math.max(0, Math.ceil(result.totalElements / SIZE) - 1);
    if (page > last) {
      page = last;
      return load();
    }
    refill(rows, ...result.content.map((letter) => row(letter, retry)));
    wakeFor(result.content);
    empty.textContent = result.content.length
      ? ""
      : dead
        ? "No dead letters."
        : "Nobody was told anything yet. A status notifies if its template says so.";
    const turn = (text, to) =>
      h("button", { "data-key": text, disabled: to < 0 || to > last, onclick: () => ((page = to), load()) }, text);
    refill(
      pager,
      ...(last > 0 ? [turn("Newer", page - 1), `${page + 1} of ${last + 1}`, turn("Older", page + 1)] : []),
    );
  }

  async function retry({ id }) {
    const { result } = await attempt(() => ask("POST", "notification/retry", { notificationId: id }));
    if (result) toast(result.message);
    await load();
  }

  /** A try that fails, and is not the last, is no event. What waits behind another is not tried. */
  function wakeFor(letters) {
    clearTimeout(waking);
    const isTried = ({ stage, at, failedTries }) => stage === "owed" && (failedTries > 0 || now() - at < TRY);
    const tries = letters.filter(isTried).map(({ at }) => Math.max(0, at - now()));
    if (tries.length) waking = setTimeout(load, Math.min(...tries) + SOON);
  }

  place.append(
    h("div", { class: "head" }, h("h1", {}, "Notifications"), h("label", {}, "Show ", choose)),
    h(
      "div",
      { class: "card flush" },
      h(
        "table",
        { class: "stack" },
        h(
          "thead",
          {},
          h("tr", {}, ...["When", "Device", "Status", "To", "By", "Became", ""].map((text) => h("th", {}, text))),
        ),
        rows,
      ),
      empty,
    ),
    pager,
  );
  load();
  const reload = calmly(load, 500);
  return {
    told: (name, data) => (name === "missed" || data.line?.kind === "notified") && reload(),
    close: () => clearTimeout(waking),
  };
}

function row(letter, retry) {
  return h(
    "tr",
    { "data-key": String(letter.id) },
    h("td", {}, moment(letter.enteredAt)),
    h("td", {}, h("a", { href: `#/device/${letter.deviceId}` }, letter.deviceName ?? `Device ${letter.deviceId}`)),
    h("td", {}, letter.status ? chip(letter.status) : ""),
    h("td", { title: letter.address ?? "" }, letter.to),
    h("td", {}, letter.channel),
    h("td", { class: letter.stage === "dead" ? "became bad" : "became" }, became(letter)),
    h("td", {}, again(letter, retry)),
  );
}

function again(letter, retry) {
  const words = { owed: "Try now", dead: "Try again" }[letter.stage];
  return words ? h("button", { class: "small", onclick: () => retry(letter) }, words) : null;
}

/** How far it is, why no further, and when it goes on. */
function became({ stage, at, why, failedTries, lastFailure }) {
  if (stage === "delivered") return `delivered, ${moment(at)}`;
  if (stage === "dead") return `dead: ${why}${lastFailure ? `; the last try: ${lastFailure}` : ""}, ${moment(at)}`;
  if (!failedTries) return "owed";
  const failed = failedTries === 1 ? "a try failed" : `${failedTries} tries failed`;
  return `owed, ${failed}${lastFailure ? `: ${lastFailure}` : ""}; next try ${moment(at)}`;
}

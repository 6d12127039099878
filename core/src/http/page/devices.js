// The list of devices, and one of them: its connection and its status as two facts, and what comes next and when.

import {
  ask,
  attempt,
  calmly,
  chip,
  colorOf,
  fill,
  focusHeading,
  get,
  h,
  length,
  moment,
  now,
  recall,
  refill,
  remember,
  spell,
  ticking,
  toast,
} from "./api.js";

const SIZE = 50;

/** The device whose page was shown last: on the way back the list goes on from it. */
let visited;

/** A device that sends its data over HTTP has no connection, and closed none. */
const isOverHttp = ({ reason }) => reason === "reported";

/** The connection in a few words. */
function connectionWords(connection) {
  switch (connection.state) {
    case "connected":
      return ["Connected", ticking(() => `for ${length(now() - connection.since)}`)];
    case "disconnected":
      if (isOverHttp(connection)) return ["Over HTTP", ticking(() => `sent data ${length(now() - connection.at)} ago`)];
      return ["Disconnected", ticking(() => `${length(now() - connection.at)} ago: ${connection.why}`)];
    default:
      return ["Never seen", null];
  }
}

function next(device) {
  if (!device.next)
    return h(
      "span",
      { class: "hint" },
      device.connection.state === "connected"
        ? "stays while connected"
        : device.status
          ? "the last status"
          : "its first login",
    );
  return h(
    "span",
    { class: "next" },
    chip(device.next),
    ticking(() => {
      const left = device.next.at - now();
      return left > 0 ? ` in ${length(left)}` : " any moment";
    }),
    h("span", { class: "hint" }, ` at ${moment(device.next.at)}`),
  );
}

export function deviceList(place) {
  const said = recall();
  let page = Number(said.get("page")) || 0;
  let status = said.get("status") ?? "";
  let before = new Map();
  const search = h("input", {
    type: "search",
    value: said.get("search") ?? "",
    placeholder: "Search",
    "aria-label": "Search devices",
    title: "Press / to search",
    oninput: () => ((page = 0), keep(), reload()),
    onkeydown: (event) => event.key === "ArrowDown" && focusFirst(event),
  });
  const filters = h("div", { class: "filters", role: "group", "aria-label": "Statuses" });
  const rows = h("tbody");
  const empty = h("p", { class: "empty" });
  const pager = h("div", { class: "pager" });

  function keep() {
    const asked = { search: search.value, status, page };
    remember("devices", asked);
    return asked;
  }

  async function load() {
    if (!place.isConnected) return;
    const { result, error } = await attempt(() => get("devices", { ...keep(), size: SIZE }));
    // No template has the status any more, or the address was made up.
    if (error?.status === 400 && (status || page)) {
      status = "";
      page = 0;
      return load();
    }
    if (!result || !place.isConnected) return;
    const last = Math.max(0, Math.ceil(result.totalElements / SIZE) - 1);
    if (page > last) {
      page = last;
      return load();
    }
    refill(rows, ...result.content.map(row));
    if (document.activeElement.matches("body, h1")) rows.querySelector(`[data-device="${visited}"]`)?.focus();
    visited = undefined;
    before = new Map(result.content.map((device) => [device.id, device.status?.key]));
    empty.textContent = result.content.length ? "" : "No device fits.";
    const all = result.statuses.reduce((sum, { count }) => sum + count, 0);
    const order = (key) => ["new", "online"].indexOf(key) + 1 || 9;
    const counts = result.statuses.sort(
      (one, other) => order(one.status?.key ?? "new") - order(other.status?.key ?? "new"),
    );
    refill(
      filters,
      filter("", "All", all),
      ...counts.map(({ status, count }) =>
        filter(status?.key ?? "new", status?.label ?? "New", count, colorOf(status)),
      ),
    );
    const turn = (text, to) =>
      h("button", { "data-key": text, disabled: to < 0 || to > last, onclick: () => ((page = to), load()) }, text);
    refill(pager, ...(last > 0 ? [turn("Back", page - 1), `${page + 1} of ${last + 1}`, turn("Next", page + 1)] : []));
  }

  function filter(key, label, count, color) {
    return h(
      "button",
      {
        class: "filter",
        "data-key": key,
        "aria-pressed": String(status === key),
        color: color ?? "currentColor",
        onclick: () => ((status = key), (page = 0), load()),
      },
      color ? h("i", {}) : null,
      `${label} `,
      h("b", {}, String(count)),
    );
  }

  function row(device) {
    const [words, detail] = connectionWords(device.connection);
    const isChanged = before.has(device.id) && before.get(device.id) !== device.status?.key;
    return h(
      "tr",
      { class: isChanged ? "changed" : "", "data-key": String(device.id), color: colorOf(device.status) },
      h(
        "td",
        { class: "name" },
        h("a", { href: `#/device/${device.id}`, "data-device": String(device.id) }, device.name),
        h("span", { class: "hint" }, device.templateName),
      ),
      h(
        "td",
        {},
        chip(device.status),
        device.status
          ? ticking(() => ` for ${length(now() - device.status.since)}`, {
              title: `since ${moment(device.status.since)}`,
            })
          : null,
      ),
      h("td", { "data-label": "Next" }, next(device)),
      h(
        "td",
        { "data-label": "Connection", class: `connection ${device.connection.state}` },
        h("span", { class: "plug" }, words),
        " ",
        detail ?? "",
      ),
    );
  }

  const reload = calmly(load);
  place.append(
    h(
      "div",
      { class: "head" },
      h("h1", {}, "Devices"),
      search,
      h("button", { class: "primary", onclick: () => addDevice() }, "Add a device"),
    ),
    filters,
    h(
      "div",
      { class: "card flush" },
      h(
        "table",
        { class: "stack devices", onkeydown: walk },
        h("thead", {}, h("tr", {}, ...["Device", "Status", "Next", "Connection"].map((text) => h("th", {}, text)))),
        rows,
      ),
      empty,
    ),
    pager,
  );
  load();
  return { told: () => reload() };
}

/** The arrow keys go from device to device. */
function walk(event) {
  const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
  const links = [...event.currentTarget.querySelectorAll("a[data-device]")];
  const to = links[links.indexOf(document.activeElement) + step];
  if (step && to) {
    event.preventDefault();
    to.focus();
  }
}

/** From wherever nothing is written: down into the list. */
export function focusFirst(event) {
  const first = document.querySelector("a[data-device]");
  if (!first) return;
  event.preventDefault();
  first.focus();
}

async function addDevice() {
  await deviceDialog("Add a device", { name: "", contacts: {} }, "Add", async (fields) => {
    const { result } = await attempt(() => ask("POST", "device", {}, fields), "Added.");
    if (result) location.hash = `#/device/${result.id}`;
    return result;
  });
}

/** Asks what a device is. `done` is given the fields, and says whether they were taken. */
async function deviceDialog(title, device, button, done) {
  const { result: templates } = await attempt(() => get("templates"));
  if (!templates) return;
  if (!templates.length) return toast("A device follows a template, and there is none yet.", true);
  const name = h("input", { id: "name", maxlength: "100", placeholder: "Kitchen sensor", value: device.name });
  const template = h(
    "select",
    { id: "template" },
    ...templates.map(({ name }) => h("option", { value: name, selected: name === device.templateName }, name)),
  );
  const lines = Object.entries(device.contacts).map(([name, address]) => `${name} ${address}`);
  const contacts = h("textarea", {
    id: "contacts",
    rows: "3",
    placeholder: "owner ada@example.org",
    value: lines.join("\n"),
  });
  const dialog = h(
    "dialog",
    { onclose: () => dialog.remove() },
    h(
      "form",
      {
        onsubmit: async (event) => {
          event.preventDefault();
          const fields = { name: name.value, templateName: template.value, contacts: readContacts(contacts.value) };
          if (await done(fields)) dialog.close();
        },
      },
      h("h2", {}, title),
      h("label", { for: "name" }, "Name"),
      name,
      h("label", { for: "template" }, "Template"),
      template,
      h("label", { for: "contacts" }, "Contacts of its own"),
      contacts,
      h("p", { class: "hint" }, "One a line: a name, and an address or URL. They go before the template's."),
      h(
        "div",
        { class: "buttons" },
        h("button", { type: "button", onclick: () => dialog.close() }, "Cancel"),
        h("button", { class: "primary" }, button),
      ),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
}

function readContacts(text) {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  return Object.fromEntries(lines.map((line) => [line.split(/\s/, 1)[0], line.replace(/^\S+\s*/, "")]));
}

export function devicePage(place, id) {
  visited = id;
  const about = { deviceId: id };
  const title = h("h1", {}, `Device ${id}`);
  const facts = h("div", { class: "facts" });
  const chain = h("div", { class: "card" });
  const lines = h("ol", { class: "timeline" });
  const more = h(
    "button",
    { hidden: true, onclick: () => ((size = Math.min(500, size + 50)), loadTimeline()) },
    "Show older",
  );
  const values = h("div", {});
  const isHiddenShown = h("input", { type: "checkbox", onchange: () => loadTimeline() });
  let size = 50;
  let device;
  let isClosed = false;
  const controls = commandForm(about);
  const token = tokenField(about, () => load());

  async function load() {
    const { result, error } = await attempt(() => get("device", about));
    if (!result) {
      if (error?.status === 404)
        fill(place, h("p", { class: "empty" }, error.message, " ", h("a", { href: "#/devices" }, "All devices")));
      return;
    }
    device = result;
    title.textContent = device.name;
    document.title = `${device.name}: ${device.status?.label ?? "New"} · blynk-sim`;
    fill(facts, connectionFact(device), statusFact(device));
    refill(
      chain,
      h("h2", {}, "Chain"),
      drawChain(device, about, load),
      h(
        "p",
        { class: "hint" },
        "Of template ",
        h("a", { href: `#/template/${encodeURIComponent(device.templateName)}` }, device.templateName),
        `; heartbeat ${spell(device.heartbeat)}, so silence is noticed after ${spell(device.allowance)}.`,
      ),
    );
    controls.update(device);
    token.update(device);
    fill(values, valueTable(device));
  }

  async function loadTimeline() {
    const { result } = await attempt(() => get("device/timeline", { ...about, size }));
    if (!result) return;
    const shown = result.content.filter((line) => isHiddenShown.checked || !line.hidden);
    fill(lines, ...shown.map(timelineLine));
    if (!shown.length) lines.append(h("li", { class: "empty" }, "Nothing has happened yet."));
    const isFocused = document.activeElement === more;
    more.hidden = result.totalElements <= size || size >= 500;
    if (isFocused && more.hidden) focusHeading(place);
  }

  async function edit() {
    if (!device) return;
    await deviceDialog("Edit the device", device, "Save", async (fields) => {
      const { error } = await attempt(() => ask("PATCH", "device", about, fields), "Saved.");
      load();
      return !error;
    });
  }

  async function remove() {
    if (
      !confirm(
        `Remove ${device?.name ?? "this device"}? Its token is worth nothing at once, and its timeline, values and notifications are gone.`,
      )
    )
      return;
    isClosed = true;
    const { error } = await attempt(() => ask("DELETE", "device", about), "Removed.");
    if (!error) location.hash = "#/devices";
    else isClosed = false;
  }

  place.append(
    h("p", { class: "crumb" }, h("a", { href: "#/devices" }, "Devices"), " / "),
    h(
      "div",
      { class: "head" },
      title,
      h("button", { class: "quiet", onclick: edit }, "Edit"),
      h("button", { class: "quiet", onclick: remove }, "Remove"),
    ),
    facts,
    chain,
    h(
      "div",
      { class: "columns" },
      h(
        "div",
        { class: "side" },
        h("section", { class: "card" }, h("h2", {}, "Control"), controls.element),
        h("section", { class: "card" }, h("h2", {}, "Values"), values),
        h("section", { class: "card" }, h("h2", {}, "Token"), token.element),
      ),
      h(
        "section",
        { class: "card" },
        h(
          "div",
          { class: "head" },
          h("h2", {}, "Timeline"),
          h("label", { class: "hint" }, isHiddenShown, " also what the template hides"),
        ),
        lines,
        more,
      ),
    ),
  );
  load();
  loadTimeline();
  const reload = calmly(async () => {
    // Whoever removed it has left, and needs no word that it is gone.
    if (isClosed) return;
    await load();
    await loadTimeline();
  });
  return {
    told: (name, data) => (name === "missed" || name === "template" || data.deviceId === Number(id)) && reload(),
    close: () => {
      isClosed = true;
      document.title = "blynk-sim";
    },
  };
}

function connectionFact(device) {
  const { connection } = device;
  const [words, detail] = connectionWords(connection);
  const rows = [
    connection.state === "connected" && ["Since", moment(connection.since)],
    connection.state === "connected" && ["Session", String(connection.session)],
    connection.state === "disconnected" && ["At", moment(connection.at)],
    connection.state === "disconnected" && !isOverHttp(connection) && ["Last byte", moment(connection.lastByteAt)],
    device.hardwareInfo && ["Told of itself", device.hardwareInfo],
    device.firstConnectTime && ["First seen", moment(device.firstConnectTime)],
  ];
  return h(
    "section",
    { class: `card fact connection ${connection.state}` },
    h("h2", {}, "Connection"),
    h("p", { class: "big" }, h("span", { class: "plug" }, words)),
    h("p", {}, detail ?? "It has not logged in and not sent data."),
    table(rows),
  );
}

function statusFact(device) {
  const { status } = device;
  const rows = [status && ["Since", moment(status.since)]];
  return h(
    "section",
    { class: "card fact status", color: colorOf(status) },
    h("h2", {}, "Status"),
    h("p", { class: "big" }, chip(status)),
    h(
      "p",
      {},
      status ? ticking(() => `for ${length(now() - status.since)}`) : "It has none before its first login or data.",
    ),
    table(rows),
    h("p", { class: "upcoming" }, h("b", {}, "Next "), next(device)),
  );
}

function table(rows) {
  return h(
    "dl",
    {},
    ...rows.filter(Boolean).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
}

/** The chain of statuses, with the current one, the next one, and those that can be set now. */
function drawChain(device, about, load) {
  const place = device.chain.findIndex(({ key }) => key === device.status?.key);
  const set = async (status) => {
    await attempt(() => ask("POST", "device/status", about, { status: status.key }), `${status.label} is set.`);
    load();
  };
  const step = (status, index) => {
    const state = index === place ? "current" : status.key === device.next?.key ? "next" : "";
    const canSet = place >= 0 && index > place;
    return h(
      "li",
      { class: state, "data-key": status.key, color: colorOf(status) },
      index ? h("span", { class: "wait" }, `${spell(status.after)} →`) : null,
      h("span", { class: "node", "aria-current": state === "current" ? "step" : null }, status.label),
      canSet
        ? h(
            "button",
            {
              class: "quiet small",
              onclick: () => set(status),
              title: `Set ${status.label} now; it holds until the next login or data`,
            },
            "Set",
          )
        : null,
    );
  };
  return h("ol", { class: "chain" }, ...device.chain.map(step));
}

/** A form for commands that obeys what the status says of them. */
function commandForm(about) {
  const pin = h("input", { id: "pin", value: "V0", pattern: "[Vv][0-9]{1,3}", size: "4", required: true });
  const value = h("input", { id: "value", value: "1", required: true });
  const send = h("button", { class: "primary" }, "Send");
  const words = h("p", { class: "hint", role: "status" });
  const element = h(
    "form",
    {
      class: "command",
      onsubmit: async (event) => {
        event.preventDefault();
        const { result } = await attempt(() =>
          ask("POST", "device/command", about, { pin: pin.value.trim(), value: value.value }),
        );
        if (result) toast(result.warning ?? (result.state === "sent" ? "Sent." : "It waits for the device."));
      },
    },
    h("div", {}, h("label", { for: "pin" }, "Pin"), pin),
    h("div", {}, h("label", { for: "value" }, "Value"), value),
    send,
    words,
  );
  const update = (device) => {
    const rule = device.status?.controls ?? "allow";
    const isConnected = device.connection.state === "connected";
    for (const field of [pin, value, send]) field.disabled = rule === "block";
    words.className = rule === "allow" ? "hint" : rule === "warn" ? "warning" : "warning block";
    words.textContent = {
      allow: isConnected ? "The device is handed it at once." : "It waits until the device is back.",
      warn: isConnected
        ? "The device is handed it at once."
        : `${device.status?.label}: the command is applied when the device is back.`,
      block: `${device.status?.label}: the template blocks commands in this status.`,
    }[rule];
  };
  return { element, update };
}

function valueTable(device) {
  const pins = [...new Set([...Object.keys(device.values), ...Object.keys(device.pending)])];
  const order = (pin) => Number(pin.slice(1));
  if (!pins.length) return h("p", { class: "empty" }, "None yet.");
  const row = (pin) => [
    pin,
    h("span", {}, device.values[pin] ?? "", pin in device.pending ? h("span", { class: "badge" }, "waits") : null),
  ];
  return table(pins.sort((one, other) => order(one) - order(other)).map(row));
}

/** The device's token, which is shown when asked for. */
function tokenField(about, changed) {
  const code = h("code", {}, "••••••••");
  let text = "";
  const show = h(
    "button",
    {
      onclick: () => (
        (code.textContent = code.textContent === text ? "••••••••" : text),
        (show.textContent = code.textContent === text ? "Hide" : "Show")
      ),
    },
    "Show",
  );
  const copy = h("button", { onclick: () => attempt(() => navigator.clipboard.writeText(text), "Copied.") }, "Copy");
  const renew = h(
    "button",
    {
      onclick: async () => {
        if (
          !confirm("Replace the token? The old one is worth nothing at once, and who is connected with it is let go.")
        )
          return;
        await attempt(() => ask("POST", "device/token", about), "The token is replaced.");
        changed();
      },
    },
    "Replace",
  );
  const update = (device) => {
    if (code.textContent === text) code.textContent = device.token;
    text = device.token;
  };
  return { element: h("div", {}, h("p", {}, code), h("div", { class: "buttons" }, show, copy, renew)), update };
}

const SIGNS = {
  login: "→",
  announced: "i",
  superseded: "⇄",
  closed: "×",
  interrupted: "!",
  reported: "↑",
  status: "●",
  commanded: "⌘",
  applied: "✓",
  notified: "✉",
};
const NAMES = {
  login: "Login",
  announced: "Announced",
  superseded: "Superseded",
  closed: "Closed",
  interrupted: "Server",
  reported: "Report",
  commanded: "Command",
  applied: "Applied",
  notified: "Notification",
};

function timelineLine(line) {
  const what =
    line.kind === "status"
      ? [line.from ? [chip(line.from), " → "] : [], chip(line.to)].flat(2)
      : [h("b", {}, NAMES[line.kind])];
  const latency =
    line.closeLatency > 0 ? h("span", { class: "hint" }, ` ${length(line.closeLatency)} after its last byte`) : null;
  return h(
    "li",
    { class: `${line.kind}${line.hidden ? " hidden-line" : ""}`, color: line.to ? colorOf(line.to) : "currentColor" },
    h("span", { class: "sign", "aria-hidden": "true" }, SIGNS[line.kind]),
    h("time", { title: new Date(line.at).toISOString() }, moment(line.at)),
    h("span", { class: "what" }, ...what, " ", h("span", { class: "why" }, line.text), latency),
  );
}

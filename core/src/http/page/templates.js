// Templates: the list, and an editor that draws the chain of statuses.

import {
  answer,
  ask,
  attempt,
  chip,
  colorOf,
  fill,
  focusHeading,
  get,
  h,
  refill,
  spell,
  toast,
  unspell,
} from "./api.js";

const MOST = 16;
const CHANNELS = ["webhook", "email", "push", "sms"];

const labelOf = (status) => status.label || status.key.charAt(0).toUpperCase() + status.key.slice(1) || "…";
const look = (status) => ({ ...status, label: labelOf(status) });

export function templateList(place) {
  const list = h("div", { class: "templates" });
  async function load() {
    const { result } = await attempt(() => get("templates"));
    if (!result) return;
    refill(
      list,
      ...result.map((template) =>
        h(
          "a",
          {
            class: "card template",
            "data-key": template.name,
            href: `#/template/${encodeURIComponent(template.name)}`,
          },
          h("h2", {}, template.name),
          flow(template.statuses),
          h(
            "p",
            { class: "hint" },
            `heartbeat ${spell(template.heartbeat)} · ${template.devices} ${template.devices === 1 ? "device" : "devices"}`,
          ),
        ),
      ),
    );
  }
  place.append(
    h(
      "div",
      { class: "head" },
      h("h1", {}, "Templates"),
      h("a", { class: "button primary", href: "#/template/" }, "New template"),
    ),
    list,
  );
  load();
  return { told: (name) => (name === "template" || name === "missed") && load() };
}

/** The chain in one line. */
function flow(statuses) {
  return h(
    "p",
    { class: "flow" },
    ...statuses.flatMap((status, index) => [
      index ? h("span", { class: "arrow" }, `${spell(status.after)} →`) : null,
      chip(look(status)),
    ]),
  );
}

export function templatePage(place, name) {
  const isNew = name === "";
  let template = {
    name: "",
    heartbeat: 45,
    offlineIgnore: 0,
    contacts: {},
    statuses: [{ key: "online" }, { key: "offline", after: 60 }].map(whole),
  };
  let chosen = 1;
  let isChanged = false;
  let isRemoved = false;
  /** What a save takes for granted: that it is still what was read, or still none. */
  let condition = { "if-none-match": "*" };
  let isStoring = false;
  const naming = h("input", {
    maxlength: "100",
    required: true,
    oninput: (event) => ((template.name = event.target.value), touch()),
  });
  const title = h("h1", {}, isNew ? "New template" : name);
  const drawing = h("ol", { class: "editor-chain", "aria-label": "Chain of statuses" });
  const form = h("section", { class: "card status-form" });
  const general = h("section", { class: "card" });
  const notice = h("p", { class: "hint" });
  const words = h("div", { class: "error", role: "alert" });
  const discard = h("button", { class: "quiet", onclick: removeTemplate }, "Remove");
  const save = h("button", { class: "primary", onclick: store }, isNew ? "Create" : "Save");

  function touch() {
    isChanged = true;
    save.disabled = false;
    if (!words.querySelector("button")) fill(words);
    draw();
  }

  function draw() {
    fill(
      drawing,
      ...template.statuses.flatMap((status, index) => [
        index
          ? h(
              "li",
              { class: "wait" },
              h("span", {}, spell(status.after)),
              h(
                "svg:svg",
                { viewBox: "0 0 60 10", "aria-hidden": "true" },
                h("svg:path", { d: "M0 5h54m-6-4 6 4-6 4" }),
              ),
              h(
                "button",
                {
                  class: "add",
                  title: "Add a status here",
                  "aria-label": `Add a status before ${labelOf(status)}`,
                  disabled: template.statuses.length >= MOST,
                  onclick: () => add(index),
                },
                "+",
              ),
            )
          : null,
        h(
          "li",
          {},
          h(
            "button",
            {
              class: "node",
              "aria-pressed": String(index === chosen),
              color: colorOf(status),
              onclick: () => wrongIn(form) ?? choose(index),
            },
            h("b", {}, labelOf(status)),
            h("span", { class: "marks" }, marks(status)),
          ),
        ),
      ]),
      h(
        "li",
        { class: "wait end" },
        h(
          "button",
          {
            class: "add",
            title: "Add a status at the end",
            "aria-label": "Add a status at the end",
            disabled: template.statuses.length >= MOST,
            onclick: () => add(template.statuses.length),
          },
          "+",
        ),
      ),
    );
  }

  /** A field of the status's form that says nothing that can be kept, if there is one: it is not left unseen. */
  const wrongIn = (part) => {
    const wrong = part.querySelector("input[aria-invalid=true]");
    wrong?.focus();
    return wrong;
  };

  function choose(index) {
    chosen = index;
    draw();
    fillStatus();
    drawing.querySelector('[aria-pressed="true"]')?.focus();
  }

  function add(index) {
    if (wrongIn(form)) return;
    const taken = new Set(template.statuses.map(({ key }) => key));
    const key =
      ["standby", "inactive", "retired"].find((key) => !taken.has(key)) ??
      `status-${[...Array(MOST).keys()].find((n) => !taken.has(`status-${n}`))}`;
    template.statuses.splice(index, 0, whole({ key, after: 3_600 }));
    touch();
    choose(index);
  }

  function remove() {
    template.statuses.splice(chosen, 1);
    touch();
    choose(Math.min(chosen, template.statuses.length - 1));
  }

  function move(by) {
    if (wrongIn(form)) return;
    const [status] = template.statuses.splice(chosen, 1);
    template.statuses.splice(chosen + by, 0, status);
    touch();
    choose(chosen + by);
  }

  /** The form of the chosen status. */
  function fillStatus() {
    const status = template.statuses[chosen];
    const isFirst = chosen === 0;
    const isKind = status.key === "online" || status.key === "offline";
    const set = (key, value) => ((status[key] = value), touch());
    const text = (label, key, attributes = {}) =>
      field(
        label,
        h("input", { value: status[key] ?? "", oninput: (event) => set(key, event.target.value), ...attributes }),
      );
    const telling = h("div", {});
    const tell = () => fill(telling, status.notify ? notifyForm(status.notify, template.contacts) : null);
    tell();
    const isPlain = /^#[0-9a-f]{6}$/i.test(colorOf(status));
    fill(
      form,
      h(
        "div",
        { class: "head" },
        h("h2", {}, labelOf(status)),
        isFirst
          ? null
          : h(
              "span",
              { class: "buttons" },
              h(
                "button",
                { "aria-label": "Move left", title: "Move left", disabled: chosen < 2, onclick: () => move(-1) },
                "←",
              ),
              h(
                "button",
                {
                  "aria-label": "Move right",
                  title: "Move right",
                  disabled: chosen === template.statuses.length - 1,
                  onclick: () => move(1),
                },
                "→",
              ),
              h(
                "button",
                { disabled: isKind, title: isKind ? "Every chain has it; it can be renamed" : "", onclick: remove },
                "Remove",
              ),
            ),
      ),
      isFirst ? h("p", { class: "hint" }, "A login or data sets it at once. Commands are always allowed.") : null,
      h(
        "div",
        { class: "grid" },
        text("Label", "label", { placeholder: labelOf({ key: status.key }), maxlength: "100" }),
        isKind ? null : text("Key, for scripts", "key", { maxlength: "40", pattern: "[A-Za-z0-9_\\-]+" }),
        isFirst
          ? null
          : lengthField(
              "Enter it after",
              status.after,
              (seconds) => set("after", seconds),
              `after ${labelOf(template.statuses[chosen - 1])}; 0s for at once`,
            ),
        field(
          "Colour",
          h(
            "span",
            { class: "color" },
            h("input", {
              type: "color",
              value: isPlain ? colorOf(status) : "#808080",
              "aria-label": "Choose a colour",
              oninput: (event) => (
                set("color", event.target.value),
                (event.target.parentElement.lastChild.value = event.target.value)
              ),
            }),
            h("input", {
              value: status.color ?? "",
              placeholder: "automatic",
              "aria-label": "Colour as text",
              oninput: (event) => set("color", event.target.value),
            }),
          ),
        ),
        text("Icon", "icon", { placeholder: "none", maxlength: "100" }),
        isFirst
          ? null
          : field(
              "Commands of users",
              select(
                [
                  ["allow", "are allowed"],
                  ["warn", "are kept, with a warning"],
                  ["block", "are refused"],
                ],
                status.controls,
                (value) => set("controls", value),
              ),
            ),
      ),
      h(
        "label",
        { class: "check" },
        h("input", {
          type: "checkbox",
          checked: status.timeline,
          onchange: (event) => set("timeline", event.target.checked),
        }),
        " Show the change to it on the timeline",
      ),
      h(
        "label",
        { class: "check" },
        h("input", {
          type: "checkbox",
          checked: status.notify !== undefined,
          onchange: (event) => (
            set(
              "notify",
              event.target.checked ? { channels: ["webhook"], to: ["owner"], limit: 0, every: 1 } : undefined,
            ),
            tell()
          ),
        }),
        " Tell somebody when a device enters it",
      ),
      telling,
    );
  }

  function notifyForm(notify, contacts) {
    const set = (key, value) => ((notify[key] = value), touch());
    const unknown = () => notify.to.filter((name) => !(name in contacts));
    const missing = h("span", { class: "hint" });
    const check = () =>
      (missing.textContent = unknown().length
        ? `no contact of the template is called ${unknown().join(", ")}; a device may have one`
        : "names of contacts, with commas");
    check();
    return h(
      "fieldset",
      {},
      h("legend", {}, "Notification"),
      h(
        "div",
        { class: "checks" },
        ...CHANNELS.map((channel) =>
          h(
            "label",
            {},
            h("input", {
              type: "checkbox",
              checked: notify.channels.includes(channel),
              onchange: (event) =>
                set(
                  "channels",
                  CHANNELS.filter((one) => (one === channel ? event.target.checked : notify.channels.includes(one))),
                ),
            }),
            ` ${channel}`,
          ),
        ),
      ),
      h(
        "div",
        { class: "grid" },
        field(
          "To",
          h("input", {
            value: notify.to.join(", "),
            oninput: (event) => (
              set(
                "to",
                event.target.value
                  .split(",")
                  .map((name) => name.trim())
                  .filter(Boolean),
              ),
              check()
            ),
          }),
          missing,
        ),
        field(
          "Text",
          h("input", {
            value: notify.text ?? "",
            placeholder: "device and status",
            maxlength: "1000",
            oninput: (event) => set("text", event.target.value || undefined),
          }),
        ),
        lengthField("At most one in", notify.limit ?? 0, (seconds) => set("limit", seconds), "0s: no limit"),
        field(
          "Only each n-th time",
          h("input", {
            type: "number",
            min: "1",
            value: String(notify.every ?? 1),
            oninput: (event) => set("every", Number(event.target.value) || 1),
          }),
        ),
      ),
    );
  }

  function fillGeneral() {
    const contacts = h("div", { class: "contacts" });
    const rows = Object.entries(template.contacts);
    const keep = () => ((template.contacts = Object.fromEntries(rows.filter(([name]) => name))), touch());
    const drawContacts = () =>
      fill(
        contacts,
        ...rows.map((row, index) =>
          h(
            "div",
            { class: "contact" },
            h("input", {
              value: row[0],
              placeholder: "owner",
              "aria-label": "Name",
              oninput: (event) => ((row[0] = event.target.value.trim()), keep()),
            }),
            h("input", {
              value: row[1],
              placeholder: "https://… or name@example.org",
              "aria-label": "Address",
              oninput: (event) => ((row[1] = event.target.value), keep()),
            }),
            h(
              "button",
              {
                "aria-label": `Remove ${row[0]}`,
                onclick: () => (rows.splice(index, 1), keep(), drawContacts(), contacts.lastChild.focus()),
              },
              "×",
            ),
          ),
        ),
        h(
          "button",
          {
            onclick: () => (
              rows.push(["", ""]),
              drawContacts(),
              contacts.querySelector(".contact:last-of-type input").focus()
            ),
          },
          "Add a contact",
        ),
      );
    drawContacts();
    fill(
      general,
      h("h2", {}, "All statuses"),
      h(
        "div",
        { class: "grid" },
        lengthField(
          "Heartbeat",
          template.heartbeat,
          (seconds) => ((template.heartbeat = seconds), touch()),
          "of devices that announce none; 1s to 1d",
        ),
        lengthField(
          "Hide disconnects shorter than",
          template.offlineIgnore,
          (seconds) => ((template.offlineIgnore = seconds), touch()),
          "on the timeline; 0s hides none",
        ),
      ),
      h("h2", {}, "Contacts"),
      contacts,
    );
  }

  async function store() {
    if (isStoring || wrongIn(place)) return;
    const body = {
      ...template,
      statuses: template.statuses.map(({ label, color, icon, ...rest }, index) => ({
        ...rest,
        label: label || undefined,
        color: color || undefined,
        icon: icon || undefined,
        after: index ? rest.after : 0,
      })),
    };
    delete body.devices;
    isStoring = true;
    try {
      await answer("PUT", "template", {}, body, condition);
    } catch (error) {
      fill(words, error.message);
      if (error.status === 412 && !isNew) await meet();
      return;
    } finally {
      isStoring = false;
    }
    isChanged = false;
    toast("Saved.");
    if (isNew) location.hash = `#/template/${encodeURIComponent(template.name.trim())}`;
    else show(await read());
    if ([document.body, save].includes(document.activeElement)) focusHeading(place);
  }

  async function removeTemplate() {
    if (!confirm(`Remove the template ${name}?`)) return;
    // Whoever removes it needs no word that it is gone.
    isRemoved = true;
    const { error } = await attempt(() => ask("DELETE", "template", { name }), "Removed.");
    if (!error) location.hash = "#/templates";
    else isRemoved = false;
  }

  /** What the server has now, with its edition; an error if it has none. */
  const read = () => answer("GET", "template", { name }).catch((error) => error);

  /** Shows what was read. */
  function show({ json, edition, message }) {
    isChanged = false;
    if (!json) {
      fill(place, h("p", { class: "empty" }, message, " ", h("a", { href: "#/templates" }, "All templates")));
      return;
    }
    condition = { "if-match": edition };
    template = { ...json, statuses: json.statuses.map(whole) };
    discard.disabled = json.devices > 0;
    discard.title = json.devices ? "Devices follow it" : "";
    notice.textContent = json.devices
      ? `${json.devices} ${json.devices === 1 ? "device follows" : "devices follow"} this template. A change applies at once: each keeps its status, who is in one that is gone is in the next one that is left, and a wait that is over by its new length ends now.`
      : "No device follows this template yet.";
    fill(words);
    drawAll();
  }

  function drawAll() {
    chosen = Math.min(chosen, template.statuses.length - 1);
    save.disabled = !isNew;
    draw();
    fillStatus();
    fillGeneral();
  }

  /** Somebody else may have changed it. Neither what they did nor what is being written here is lost without a word. */
  async function meet() {
    const theirs = await read();
    const isKnown = theirs.json ? theirs.edition === condition["if-match"] : theirs.status !== 404;
    if (isKnown || isRemoved) return;
    if (!isChanged) return show(theirs);
    const keep = () => {
      condition = theirs.json ? { "if-match": theirs.edition } : { "if-none-match": "*" };
      store();
    };
    fill(
      words,
      h("p", {}, `Somebody else ${theirs.json ? "changed" : "removed"} this template meanwhile.`),
      h(
        "div",
        { class: "buttons" },
        h(
          "button",
          { onclick: () => (show(theirs), focusHeading(place)) },
          "Take theirs, and lose what is written here",
        ),
        h("button", { onclick: keep }, "Keep mine, and undo theirs"),
      ),
    );
  }

  fill(
    place,
    h("p", { class: "crumb" }, h("a", { href: "#/templates" }, "Templates"), " / "),
    h("div", { class: "head" }, title, isNew ? null : discard, save),
    words,
    isNew ? h("section", { class: "card" }, field("Name", naming)) : null,
    h("div", { class: "card scroll" }, drawing),
    h("div", { class: "columns" }, form, general),
    notice,
  );
  // Also of what is not taken because it cannot be.
  for (const part of [form, general])
    part.addEventListener("input", () => {
      isChanged = true;
      save.disabled = false;
    });
  if (isNew) (drawAll(), naming.focus());
  else read().then(show);
  return {
    told: (event, data) => {
      const isOurs = event === "missed" || (event === "template" && data.name === name);
      if (isOurs && condition["if-match"] && !isStoring) meet();
    },
    isUnsaved: () => isChanged && !isRemoved,
  };
}

/** A status with every field that the editor writes. */
function whole(status) {
  return { after: 0, controls: "allow", timeline: true, ...status };
}

function marks(status) {
  return [
    status.controls === "block" ? "no commands" : status.controls === "warn" ? "warns" : "",
    status.notify ? "✉" : "",
    status.timeline ? "" : "not shown",
  ]
    .filter(Boolean)
    .join(" · ");
}

let fields = 0;

/** A field with its label. What else is said of it describes it, and is no part of its name. */
function field(label, input, ...said) {
  const id = `field-${++fields}`;
  const notes = said
    .filter(Boolean)
    .map((note) => (note instanceof Element ? note : h("span", { class: "hint" }, note)));
  notes.forEach((note, index) => (note.id = `${id}-${index}`));
  if (notes.length) input.setAttribute("aria-describedby", notes.map((note) => note.id).join(" "));
  if (input.matches("input, select")) input.id = id;
  const name = input.id ? h("label", { for: input.id }, label) : h("span", {}, label);
  return h("div", { class: "field" }, name, input, ...notes);
}

/** A length of time, written as `1m30s`. What is none is said to be, and changes nothing. */
function lengthField(label, seconds, changed, hint) {
  const input = h("input", { value: spell(seconds), title: "Such as 45s, 2m, 1h30m, 90d" });
  const wrong = h("span", { class: "error", role: "alert" });
  input.addEventListener("input", () => {
    const read = unspell(input.value);
    input.setAttribute("aria-invalid", String(read === undefined));
    wrong.textContent = read === undefined ? noLength(input.value.trim()) : "";
    if (read !== undefined) changed(read);
  });
  return field(label, input, wrong, hint);
}

function noLength(text) {
  if (text === "") return "Write a time, such as 45s or 2m.";
  if (/^\d+$/.test(text)) return `${text} has no unit: write ${text}s or ${text}m.`;
  return `${text} is no time: write one such as 45s, 2m, 1h30m or 90d.`;
}

function select(options, chosen, changed) {
  return h(
    "select",
    { onchange: (event) => changed(event.target.value) },
    ...options.map(([value, text]) => h("option", { value, selected: value === chosen }, text)),
  );
}

// Looks at the page as a person does: URL. Lines that begin with "device:" ask the test for what the device does.

const { chromium } = require("playwright-core");

const url = process.argv[2];
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

async function main(page) {
  const problems = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  const sees = (text) => page.getByText(text).first().waitFor({ timeout: 10_000 });
  const step = (what) => console.log(what);
  const isIn = async (selector, text) => {
    await page.locator(selector, { hasText: text }).first().waitFor({ timeout: 10_000 });
  };

  step("the printed address signs in, and the token does not stay in it");
  await page.goto(url);
  await isIn("#live.on", "live");
  if (page.url().includes("token")) throw new Error(page.url());

  step("the list shows a device that was never seen, and then that it is online");
  await isIn("tbody tr", "Never seen");
  step("device: connect");
  await isIn("tbody tr", "Online");
  await isIn("tbody tr", "Connected");

  step("by keyboard: search, down to the device, and open it");
  await page.keyboard.press("/");
  await page.keyboard.type("first");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await isIn(".fact.connection", "Connected");
  await isIn(".fact.status", "Online");
  await isIn(".fact.status", "stays while connected");
  await isIn(".timeline", "logged in from 127.0.0.1");

  step("a keyboard and a screen reader go on from the heading, and on the way back from the device");
  const focused = () => page.evaluate(() => document.activeElement.textContent);
  const goesTo = async (text) => {
    await page.waitForFunction((text) => document.activeElement.textContent.trim() === text, text, { timeout: 10_000 }).catch(async () => {
      throw new Error(`the focus is on ${JSON.stringify(await focused())}, not on ${text}`);
    });
  };
  await goesTo("First device");
  if ((await page.locator("h1").evaluate((it) => it === document.activeElement)) !== true) throw new Error(await focused());
  await page.goBack();
  await page.locator("tbody tr").waitFor();
  if ((await page.getByLabel("Search devices").inputValue()) !== "first") throw new Error("the search is lost");
  await goesTo("First device");
  await page.getByRole("button", { name: /^Online/ }).click();
  await page.waitForFunction(() => location.hash === "#/devices?search=first&status=online");
  await goesTo("Online 1");
  await page.reload();
  await page.getByRole("button", { name: /^Online/, pressed: true }).waitFor();
  await page.goto(new URL("/#/device/0", url).href);
  await isIn(".fact.status", "Online");

  step("a value that the device writes is there at once");
  step("device: write");
  await isIn(".side", "21.5");

  step("a short chain, made in the editor");
  await page.goto(new URL("/#/template/Default", url).href);
  await page.getByRole("button", { name: "Add a status before Offline" }).click();
  await page.getByLabel("Label").fill("Asleep");
  await page.getByLabel("Enter it after").fill("2s");
  await page.getByLabel("Commands of users").selectOption("warn");
  await page.locator(".editor-chain .node").nth(2).click();
  await page.getByLabel("Enter it after").fill("2s");
  await page.getByLabel("Commands of users").selectOption("block");
  await page.getByRole("button", { name: "Save" }).click();
  await sees("Saved.");

  step("what somebody else changed meanwhile is not undone without a word");
  const operator = await page.evaluate(() => localStorage.getItem("blynk-sim operator"));
  const api = async (method, path, body) => {
    const answer = await fetch(new URL(`/api/v1/organization/${path}`, url), {
      method,
      headers: { authorization: `Bearer ${operator}` },
      body: body && JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.text().then((text) => text && JSON.parse(text));
  };
  const slower = async (heartbeat) => api("PUT", "template", { ...(await api("GET", "template?name=Default")), heartbeat });
  await slower(50);
  await page.waitForFunction(() => [...document.querySelectorAll("input")].some(({ value }) => value === "50s"));
  await page.getByLabel("Label").fill("Gone");
  await slower(55);
  await isIn(".error", "Somebody else changed this template meanwhile.");
  await page.getByRole("button", { name: "Take theirs" }).click();
  if ((await page.getByLabel("Heartbeat").inputValue()) !== "55s") throw new Error("theirs is not shown");
  await page.getByLabel("Label").fill("Gone");
  // Told by the refusal alone, as where the event comes late.
  await page.route("**/template?", async (route) => (await slower(45), route.continue()), { times: 1 });
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "Keep mine" }).click();
  await page.locator("h2", { hasText: "Gone" }).waitFor();
  await page.getByRole("button", { name: "Save", disabled: true }).waitFor();
  const kept = await api("GET", "template?name=Default");
  if (kept.heartbeat !== 55 || kept.statuses[2].label !== "Gone") throw new Error(JSON.stringify(kept));
  await page.getByLabel("Label").fill("");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "Save", disabled: true }).waitFor();

  step("a length of time that is none is not sent");
  await page.getByLabel("Enter it after").fill("soon");
  await page.locator('input[aria-invalid="true"]').waitFor();
  await isIn(".field .error", "soon is no time: write one such as 45s");
  await page.getByLabel("Enter it after").fill("5");
  await isIn(".field .error", "5 has no unit: write 5s or 5m.");
  const waits = page.getByRole("textbox", { name: "Enter it after", exact: true });
  const about = (await waits.getAttribute("aria-describedby")).split(" ").map((id) => `#${id}`).join(", ");
  if (!(await page.locator(about).allTextContents()).join().includes("has no unit")) throw new Error("the mistake describes nothing");
  await page.locator(".editor-chain .node").nth(0).click();
  await isIn(".status-form h2", "Offline");
  if ((await waits.inputValue()) !== "5" || !(await waits.evaluate((it) => it === document.activeElement))) {
    throw new Error("another status was chosen, and the mistake is lost");
  }
  const sent = [];
  page.on("request", (request) => request.method() === "PUT" && sent.push(request.url()));
  await page.getByRole("button", { name: "Save" }).click({ force: true });
  await page.waitForTimeout(300);
  if (sent.length) throw new Error(`${sent} was sent`);

  step("the device goes through its statuses, live, and the controls obey them");
  const left = page.waitForEvent("dialog").then((dialog) => dialog.accept());
  await page.goto(new URL("/#/device/0", url).href);
  await left;
  await isIn(".fact.connection", "Connected");
  step("device: close");
  await isIn(".fact.connection", "the device closed the connection");
  await isIn(".fact.status .upcoming", "Asleep");
  await isIn(".fact.status .big", "Asleep");
  await isIn(".command", "is applied when the device is back");
  await page.getByLabel("Value").fill("5");
  await page.getByRole("button", { name: "Send" }).click();
  await isIn(".side", "waits");
  await isIn(".fact.status .big", "Offline");
  await isIn(".command", "blocks commands");
  if (await page.getByRole("button", { name: "Send" }).isEnabled()) throw new Error("commands are not blocked");
  await isIn(".timeline", "the 2s wait is over");

  step("and is back");
  step("device: connect");
  await isIn(".fact.status .big", "Online");
  if (await page.getByRole("button", { name: "Send" }).isDisabled()) throw new Error("commands are still blocked");

  step("a device is added, edited and removed");
  page.on("dialog", (dialog) => dialog.accept());
  await page.goto(new URL("/#/devices", url).href);
  await page.getByRole("button", { name: "Add a device" }).click();
  await page.getByLabel("Name").fill("Fan");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await isIn("h1", "Fan");
  await goesTo("Fan");
  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByLabel("Name").fill("Big fan");
  await page.getByLabel("Contacts of its own").fill("owner ada@example.org\ninstaller https://example.org/a b");
  await page.getByRole("button", { name: "Save" }).click();
  await isIn("h1", "Big fan");
  await page.getByRole("button", { name: "Edit" }).click();
  const contacts = await page.getByLabel("Contacts of its own").inputValue();
  if (!contacts.includes("installer https://example.org/a b")) throw new Error(contacts);
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Remove" }).click();
  await isIn("h1", "Devices");
  await goesTo("Devices");
  await page.waitForTimeout(500);
  if (await page.getByText("Big fan").count()) throw new Error("a removed device is still shown");

  step("a device over HTTP closed no connection");
  const { id, token: http } = await api("POST", "device", { templateName: "Default", name: "Weather" });
  await fetch(new URL(`/external/api/update?token=${http}&V1=3`, url));
  await isIn("tbody tr", "Over HTTP sent data");
  await page.goto(new URL(`/#/device/${id}`, url).href);
  await isIn(".fact.connection", "sent data");
  if (await page.getByText("closed the connection").count()) throw new Error("it is told to have closed one");
  await api("DELETE", `device?deviceId=${id}`);

  step("somebody is told and cannot be reached: the page says why, and tries at once when it is asked to");
  await page.goto(new URL("/#/template/Default", url).href);
  await page.locator(".editor-chain .node").nth(2).click();
  await page.getByLabel("Tell somebody when a device enters it").check();
  await page.getByRole("button", { name: "Add a contact" }).click();
  await page.locator(".contact input").nth(0).fill("owner");
  await page.locator(".contact input").nth(1).fill("http://127.0.0.1:1/");
  await page.getByRole("button", { name: "Save" }).click();
  await sees("Saved.");
  await page.goto(new URL("/#/notifications", url).href);
  step("device: close");
  await isIn("tbody tr", "owed, a try failed: cannot be reached: ");
  // The next try by itself comes after eight seconds.
  await isIn("tbody tr", /owed, 4 tries failed: .*refused.*; next try /);
  await page.getByRole("button", { name: "Try now" }).click();
  await sees("It is tried now.");
  await page.locator("tbody tr", { hasText: "owed, 5 tries failed" }).waitFor({ timeout: 5_000 });
  await goesTo("Try now");
  await page.getByLabel("Show").selectOption("dead");
  await sees("No dead letters.");
  await page.reload();
  await sees("No dead letters.");
  step("device: connect");

  step("a template is made, and removed; one with devices cannot be");
  await page.goto(new URL("/#/templates", url).href);
  await page.getByRole("link", { name: "New template" }).click();
  await page.locator(".editor-chain").waitFor();
  await page.keyboard.type("Short-lived");
  await page.getByRole("button", { name: "Create" }).click();
  await isIn("h1", "Short-lived");
  await goesTo("Short-lived");
  await page.locator(".head").first().getByRole("button", { name: "Remove" }).click();
  await isIn("h1", "Templates");
  await goesTo("Templates");
  await page.goto(new URL("/#/template/Default", url).href);
  await sees("1 device follows this template");
  if (await page.locator(".head").first().getByRole("button", { name: "Remove" }).isEnabled()) throw new Error("it is followed");

  step("a new template does not take the place of one that is there");
  await page.goto(new URL("/#/template/", url).href);
  await isIn("h1", "New template");
  await page.getByLabel("Name").fill("Default");
  await page.getByRole("button", { name: "Create" }).click();
  await isIn(".error", "Template Default is there already.");
  await page.goto(new URL("/#/template/Default", url).href);
  await isIn("h1", "Default");

  step("what is not saved is not left without a question");
  page.removeAllListeners("dialog");
  const asked = new Promise((done) => page.once("dialog", (dialog) => dialog.dismiss().then(() => done(dialog.message()))));
  await page.getByLabel("Label").fill("Away");
  await page.getByRole("link", { name: "Notifications" }).click();
  if (!(await asked).includes("not saved")) throw new Error(await asked);
  await isIn("h1", "Default");
  page.on("dialog", (dialog) => dialog.accept());
  await page.getByRole("link", { name: "Devices" }).first().click();
  await isIn("h1", "Devices");

  step("on a phone nothing is wider than the screen");
  await page.setViewportSize({ width: 360, height: 740 });
  for (const view of ["devices", "device/0", "templates", "template/Default", "notifications"]) {
    await page.goto(new URL(`/#/${view}`, url).href);
    await page.locator("h1").first().waitFor();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    if (width > 360) throw new Error(`${view} is ${width} wide`);
  }

  step("and what is done with a device stands above its long timeline");
  await page.goto(new URL("/#/device/0", url).href);
  await isIn(".timeline", "logged in from");
  const top = (heading) => page.getByRole("heading", { name: heading, exact: true }).evaluate((it) => it.getBoundingClientRect().top);
  for (const heading of ["Control", "Token"]) {
    if ((await top(heading)) > (await top("Timeline"))) throw new Error(`${heading} is below the timeline`);
  }

  step("after a status is set the focus is on no other button that sets one");
  await page.getByRole("button", { name: "Set", exact: true }).last().click();
  await isIn(".fact.status .big", "Offline");
  await goesTo("First device");

  step("an address that was made up shows the list all the same");
  await page.goto(new URL("/#/devices?status=nope&page=1.5", url).href);
  await isIn("tbody tr", "First device");
  await page.goto(new URL("/#/devices?page=7", url).href);
  await isIn("tbody tr", "First device");
  await page.goto(new URL("/#/device/0", url).href);

  step("a server that is away for a moment costs nobody the token");
  await page.route("**/api/v1/**", (route) => route.abort());
  await page.reload();
  await sees("The server does not answer");
  await page.unroute("**/api/v1/**");
  await isIn("#live.on", "live");

  step("a token that was replaced is asked for again");
  const token = await page.evaluate(() => localStorage.getItem("blynk-sim operator"));
  await page.evaluate(() => localStorage.setItem("blynk-sim operator", "replaced-meanwhile"));
  await page.goto(new URL("/#/devices", url).href);
  await sees("not valid any more");
  await page.getByLabel("Operators' token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await isIn("#live.on", "live");
  await goesTo("First device");

  step("who signs out is out");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Operators' token").fill("wrong-wrong-wrong-wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await sees("That is not the operators' token.");
  const unexpected = problems.filter((text) => !/400|401|412|404|ERR_FAILED/.test(text));
  if (unexpected.length) throw new Error(unexpected.join("\n"));
}

(async () => {
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  const page = await browser.newPage();
  try {
    await main(page);
    console.log("all of it was seen");
  } catch (error) {
    console.log(`${error.stack}\non the page:\n${await page.locator("body").innerText()}`);
    process.exitCode = 1;
  } finally {
    await browser.close();
  }
})();

import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTempHome, findCanary, openaiCompletion, startFakeProvider } from "@openclaw/testkit";
import OpenAI from "openai";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { BIN, openclaw, startOpenclawGateway } from "../e2e/openclaw.ts";
import { createBrowserHandover } from "./browser-handover.ts";
import { CHROMIUM, openChromium } from "./chromium.ts";
import { startIdentityProvider } from "./identity-provider.ts";
import { openTerminal, TMUX } from "./tmux-terminal.ts";

const CONFIG = ".openclaw/openclaw.json";
const STORE = ".openclaw/agents/main/agent/auth-profiles.json";
const PROFILE = "acme:anna@example.test";

let browserHome: string;
let browser: Awaited<ReturnType<typeof openChromium>>;

/** A command that waits in a terminal, and a person whose browser was sent somewhere by it. */
async function beginLogin() {
  const idp = await startIdentityProvider();
  onTestFinished(() => idp.close());
  const models = await startFakeProvider({ default: { body: openaiCompletion("from acme") } });
  onTestFinished(() => models.close());
  const home = await createTempHome({
    [CONFIG]: {
      gateway: { mode: "local" },
      agents: { defaults: { model: "acme/large" } },
      models: { providers: { acme: { baseUrl: `${models.url}/v1`, api: "openai-completions", models: [], oauth: idp.oauth } } },
    },
  });
  onTestFinished(() => home.remove());
  const handover = await createBrowserHandover(home.path);
  onTestFinished(() => handover.close());
  const command = `${process.execPath} ${BIN} models auth login --provider acme`;
  const terminal = await openTerminal(home, command, { BROWSER: handover.program });
  onTestFinished(() => terminal.close());

  const looks: Record<string, string> = {};
  /** Remembers what everybody on this machine, and whoever looks over the shoulder, can see now. */
  async function look(when: string): Promise<void> {
    looks[`arguments ${when}`] = await argumentsOfAll();
    looks[`screen ${when}`] = await terminal.screen();
  }
  idp.beforeAnswer((path) => (path === "/token" || path === "/me" ? look(`at ${path}`) : Promise.resolve()));
  const tooLate = once(AbortSignal.timeout(20_000), "abort").then(async () => {
    throw new Error(`no browser was opened\n${await terminal.screen()}`);
  });
  const { args, done } = await Promise.race([handover.opened, tooLate]);
  await look("when the browser opens");
  done();
  expect(args).toEqual([expect.stringMatching(/^http:/u)]);
  const [address = ""] = args;

  const person = await browser.person();
  onTestFinished(() => person.close());
  const page = await person.newPage();
  await page.goto(address);
  return { home, idp, models, terminal, page, address: new URL(address), looks, look };
}

async function signIn(page: Page): Promise<void> {
  await page.fill("[name=login]", "anna");
  await page.fill("[name=password]", "test-password");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).waitFor();
}

/** The page the browser ends at, which the command itself serves. */
async function endOf(page: Page, click: Locator) {
  const [response] = await Promise.all([
    page.waitForResponse((response) => new URL(response.url()).pathname === "/callback"),
    click.click(),
  ]);
  await page.getByText("You can close this page").waitFor();
  return { callback: new URL(response.url()), headers: response.headers(), html: await page.content() };
}

async function argumentsOfAll(): Promise<string> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/u.test(name));
  // One that has ended meanwhile says nothing.
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return lines.map((line) => line.replaceAll("\0", " ")).join("\n");
}

describe.skipIf(!TMUX || !CHROMIUM)("35: a person with a browser, at a provider that is not ours", () => {
  beforeAll(async () => {
    browserHome = await mkdtemp(join(tmpdir(), "openclaw-browser-"));
    browser = await openChromium(browserHome);
  });
  afterAll(async () => {
    await browser.close();
    await rm(browserHome, { recursive: true, force: true });
  });

  test("signs in once; what came of it is in the store and nowhere else, and stays alive by itself", async () => {
    const { home, idp, models, terminal, page, address, looks, look } = await beginLogin();
    await signIn(page);
    const { callback, headers, html } = await endOf(page, page.getByRole("button", { name: "Continue" }));
    await terminal.sees("ended with");
    await look("at the end");

    expect(headers).toMatchObject({ "referrer-policy": "no-referrer", "cache-control": "no-store" });
    expect(looks["arguments when the browser opens"]).toContain(address.href);
    expect(looks["screen at the end"]).toContain(address.href);
    expect(looks["screen at the end"]).toContain(`Auth profile: ${PROFILE} (acme/oauth)`);
    expect(looks["screen at the end"]).toContain("ended with 0");
    expect(Object.keys(looks)).toContain("arguments at /me");

    const { profiles } = JSON.parse(await home.read(STORE));
    expect(profiles).toEqual({
      [PROFILE]: {
        type: "oauth",
        provider: "acme",
        access: expect.any(String),
        refresh: expect.any(String),
        expires: expect.any(Number),
        accountId: "anna",
        email: "anna@example.test",
        clientId: "test-cli",
      },
    });
    expect((await stat(join(home.path, STORE))).mode & 0o777).toBe(0o600);
    const { access, refresh } = profiles[PROFILE];
    const [exchange, ...others] = idp.grants;
    expect(others).toEqual([]);
    expect(exchange).toMatchObject({ type: "authorization_code", given: { access_token: access, refresh_token: refresh } });

    const code = callback.searchParams.get("code") ?? "";
    const verifier = exchange?.sent["code_verifier"] ?? "";
    for (const secret of [code, verifier, access, refresh]) {
      expect(secret).toMatch(/^[\w-]{40,}$/u);
      const found = await findCanary(secret, { texts: { ...looks, html }, folders: [home.path] });
      expect(found.map(({ where }) => where)).toEqual(secret === access || secret === refresh ? [join(home.path, STORE)] : []);
    }
    const status = await openclaw(home, ["models", "status", "--json"]);
    const { oauth } = JSON.parse(status.stdout).auth;
    expect(oauth.profiles).toMatchObject([{ profileId: PROFILE, status: "ok" }]);

    // An hour later, as far as the store says.
    await home.write(STORE, { version: 1, profiles: { [PROFILE]: { ...profiles[PROFILE], expires: Date.now() - 1000 } } });
    const { url, running } = await startOpenclawGateway(home, ["gateway", "--port", "0"]);
    onTestFinished(async () => void (await running.stop()));
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: (await home.read(".openclaw/gateway-token")).trim(), maxRetries: 0 });
    const ask = () => client.chat.completions.create({ model: "acme/large", messages: [{ role: "user", content: "hi" }] });
    const answers = await Promise.all([ask(), ask(), ask()]);
    expect(answers.map(({ choices }) => choices[0]?.message.content)).toEqual(["from acme", "from acme", "from acme"]);

    const [, refreshed, ...more] = idp.grants;
    expect([more, idp.refusals]).toEqual([[], []]);
    expect(refreshed).toMatchObject({ type: "refresh_token", sent: { refresh_token: refresh } });
    const renewed = JSON.parse(await home.read(STORE)).profiles[PROFILE];
    expect(renewed).toMatchObject({ access: refreshed?.given["access_token"], refresh: refreshed?.given["refresh_token"] });
    expect([renewed.access, renewed.refresh]).not.toEqual([access, refresh]);
    expect(renewed.refresh).not.toBe(refresh);
    expect(renewed.expires).toBeGreaterThan(Date.now() + 500_000);
    expect(models.keysSeen()).toEqual([renewed.access, renewed.access, renewed.access]);
    const texts = { ...looks, stdout: running.stdout(), stderr: running.stderr() };
    for (const secret of [access, refresh, renewed.access, renewed.refresh]) expect(await findCanary(secret, { texts })).toEqual([]);
  });

  test("who denies consent is told so, and nothing is stored", async () => {
    const { home, idp, terminal, page } = await beginLogin();
    const config = await home.read(CONFIG);
    await signIn(page);
    const { callback, headers } = await endOf(page, page.getByRole("link", { name: "Cancel" }));
    expect(callback.searchParams.get("error")).toBe("access_denied");
    expect(headers["referrer-policy"]).toBe("no-referrer");
    const shown = await terminal.sees("ended with");
    expect(shown).toContain("Error: acme: the login was denied: access_denied");
    expect(shown).toContain("ended with 1");
    expect(idp.grants).toEqual([]);
    expect([await home.read(CONFIG), (await home.list()).includes(STORE)]).toEqual([config, false]);
  });
});

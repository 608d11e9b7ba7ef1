import { chmod, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { createTempHome, findCanary, findProgram, runProcess, startFakeIdp, type FakeIdp, type TempHome } from "@openclaw/testkit";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { BIN } from "../e2e/openclaw.ts";

const tmux = findProgram("tmux") ?? "";
const stty = findProgram("stty") ?? "";
const curl = findProgram("curl") ?? "";

const STORE = ".openclaw/agents/main/agent/auth-profiles.json";
const setupToken = `sk-ant-oat01-${"test_Key-One".repeat(8).slice(0, 95)}`;

async function sceneWith({ isPortTaken = false, term = "xterm-256color", stored = {} } = {}) {
  const idp = await startFakeIdp();
  onTestFinished(() => idp.close());
  const { port, close } = await takePort();
  if (isPortTaken) onTestFinished(close);
  else await close();
  const { authorizationUrl, tokenUrl, deviceUrl, clientId } = idp;
  const oauth = { authorizationUrl, tokenUrl, deviceUrl, clientId, redirectPort: port, redirectPath: "/auth/callback" };
  const home = await createTempHome({
    ".openclaw/openclaw.json": {
      models: { providers: { acme: { baseUrl: "http://127.0.0.1:1/v1", api: "openai-completions", models: [], oauth } } },
    },
    [STORE]: { version: 1, profiles: stored },
  });
  onTestFinished(() => home.remove());
  return { idp, port, home, profiles: async () => JSON.parse(await home.read(STORE)).profiles, open: terminalIn(home, term) };
}

async function takePort() {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { port: address.port, close: () => new Promise<void>((resolve) => void server.close(() => resolve())) };
}

/** Runs a command in a real terminal of 80 by 24. How the command leaves the terminal is asked of it afterwards. */
function terminalIn(home: TempHome, term: string) {
  return async (args: string, env: Readonly<Record<string, string>> = {}) => {
    const socket = join(home.path, "tmux.sock");
    const run = async (...words: readonly string[]) =>
      (
        await runProcess(tmux, ["-S", socket, ...words], {
          env: { ...home.env, PATH: process.env["PATH"], LANG: "C.UTF-8", TERM: "xterm-256color", ...env },
          timeoutMs: 10_000,
        })
      ).stdout;
    const command = `TERM=${term} ${process.execPath} ${BIN} models auth ${args}; echo ended with $?; ${stty} -a | grep -oE -- ' -?(echo|icanon)( |$)'; cat`;
    await run("new-session", "-d", "-s", "ask", "-x", "80", "-y", "24", command);
    onTestFinished(async () => void (await run("kill-server")));
    const screen = () => run("capture-pane", "-p", "-J", "-S", "-", "-t", "ask");
    const sees = async (text: string | RegExp) => {
      const isThere = (shown: string) => (typeof text === "string" ? shown.includes(text) : text.test(shown));
      try {
        return await vi.waitUntil(
          async () => {
            const shown = await screen();
            return isThere(shown) && shown;
          },
          { timeout: 20_000, interval: 50 },
        );
      } catch {
        throw new Error(`not on screen: ${text}\n${await screen()}`);
      }
    };
    return {
      sees,
      keys: (...keys: readonly string[]) => run("send-keys", "-t", "ask", ...keys),
      /** As somebody types it: `;` ends a command of tmux otherwise. */
      types: (text: string) => run("send-keys", "-t", "ask", "-l", text),
      async endsWith(code: number) {
        const shown = await sees(new RegExp(`ended with ${code}\\n[^]*icanon`, "u"));
        // Echo and line by line, as it was.
        expect(shown).toMatch(/ended with \d+\n\s*icanon\s*\n\s*echo/u);
        return shown;
      },
    };
  };
}

/** The address on the screen: no character of it is lost to the width of the terminal. */
function addressIn(shown: string, { authorizationUrl }: FakeIdp): URL {
  const found = shown.split(/\s+/u).find((word) => word.startsWith(authorizationUrl));
  if (found === undefined) throw new Error(`no address in\n${shown}`);
  return new URL(found);
}

const ASKS = "Paste the address your browser ended at, or the code (hidden):";

describe.skipIf(!tmux || !stty)("35: in a real terminal", () => {
  test("with the port taken the question is there at once, nonsense is told from an address, and what is pasted is not shown", async () => {
    const { idp, port, open, profiles } = await sceneWith({ isPortTaken: true });
    const terminal = await open("login --provider acme");
    const shown = await terminal.sees(ASKS);
    expect(shown).toContain(`Port ${port} of this machine is taken, so the browser cannot come back by itself.`);
    const callback = await idp.authorize(addressIn(shown, idp));
    await terminal.types("y");
    await terminal.keys("Enter");
    await terminal.sees("That is too short to be either");
    const foreign = new URL(callback);
    foreign.searchParams.set("state", "of-another-login");
    await terminal.types(foreign.href);
    await terminal.keys("Enter");
    await terminal.sees("the address belongs to another login");
    await terminal.types(`  ${callback.href}`);
    await terminal.keys("Enter");
    const end = await terminal.endsWith(0);
    expect(end).toContain("Auth profile: acme:account-one@example.test (acme/oauth)");
    const code = callback.searchParams.get("code") ?? "";
    const { access, refresh } = (await profiles())["acme:account-one@example.test"];
    for (const secret of [code, access, refresh]) expect(await findCanary(secret, { texts: { end } })).toEqual([]);
    expect(idp.tokenRequests()).toBe(1);
  });

  test("the bare code is enough, also on a terminal that knows no more than a typewriter", async () => {
    const { idp, open } = await sceneWith({ term: "dumb" });
    const terminal = await open("login --provider acme --no-browser");
    const callback = await idp.authorize(addressIn(await terminal.sees(ASKS), idp));
    await terminal.types(callback.searchParams.get("code") ?? "");
    await terminal.keys("Enter");
    expect(await terminal.endsWith(0)).toContain("Auth profile: acme:account-one@example.test");
  });

  test.skipIf(!curl)(
    "the browser that $BROWSER names is opened with the address alone, comes back, and the question is taken away",
    async () => {
      const { home, idp, open } = await sceneWith();
      const browser = join(home.path, "browser");
      const to = `$(${curl} -s -o /dev/null -w '%{redirect_url}' "$1")`;
      await writeFile(
        browser,
        `#!/bin/sh\necho "$# $1 $ANTHROPIC_API_KEY" > ${home.path}/opened\n${curl} -s -o ${home.path}/page "${to}"\n`,
      );
      await chmod(browser, 0o755);
      const terminal = await open("login --provider acme", { BROWSER: browser, ANTHROPIC_API_KEY: "test-key-one" });
      const shown = await terminal.endsWith(0);
      expect(shown).toContain("Your browser is being opened.");
      // One argument, and no key in its environment.
      expect(await home.read("opened")).toBe(`1 ${addressIn(shown, idp).href} \n`);
      expect(await home.read("page")).toContain("You can close this page");
    },
  );

  test("a consent that was denied is told, by paste too", async () => {
    const { idp, open, profiles } = await sceneWith();
    const terminal = await open("login --provider acme --no-browser");
    const callback = await idp.authorize(addressIn(await terminal.sees(ASKS), idp), { error: "access_denied" });
    await terminal.types(callback.href);
    await terminal.keys("Enter");
    expect(await terminal.endsWith(1)).toContain("Error: acme: the login was denied: access_denied");
    expect(await profiles()).toEqual({});
  });

  test("D22: Ctrl-C ends it with 130, nothing is stored, and the terminal is as it was", async () => {
    const { idp, open, profiles } = await sceneWith();
    const terminal = await open("login --provider acme --no-browser");
    await terminal.sees(ASKS);
    await terminal.keys("C-c");
    await terminal.endsWith(130);
    expect([await profiles(), idp.tokenRequests()]).toEqual([{}, 0]);
  });

  test("T18: another account takes the place of one only after a yes", async () => {
    const old = { type: "oauth", provider: "acme", access: "test-access-old", refresh: "test-refresh-old", email: "anna@example.test" };
    const { idp, open, profiles } = await sceneWith({ stored: { "acme:default": old } });
    const terminal = await open("login --provider acme --no-browser --profile-id acme:default");
    const callback = await idp.authorize(addressIn(await terminal.sees(ASKS), idp));
    await terminal.types(callback.href);
    await terminal.keys("Enter");
    await terminal.sees("acme:default is anna@example.test, and the login is of account-one@example.test.");
    await terminal.sees("Replace it by this login?");
    await terminal.keys("Enter");
    expect(await terminal.endsWith(1)).toContain("Nothing was changed.");
    expect(await profiles()).toEqual({ "acme:default": old });
  });

  test("20: a setup-token is made by the person's own program, and taken when it is pasted", async () => {
    const { home, open, profiles } = await sceneWith();
    const claude = join(home.path, "claude");
    await writeFile(claude, '#!/bin/sh\nprintf "claude $1 asks: "; read answer; echo "claude got [$answer]"\n');
    await chmod(claude, 0o755);
    const terminal = await open("setup-token", { PATH: `${home.path}:${process.env["PATH"]}` });
    expect(await terminal.sees("Run `claude setup-token` here now?")).toContain("Anthropic permits setup-tokens for Claude Code only");
    await terminal.keys("Enter");
    await terminal.sees("claude setup-token asks:");
    await terminal.types("hello");
    await terminal.keys("Enter");
    // Not a key of it went elsewhere.
    await terminal.sees("claude got [hello]");
    await terminal.sees("Paste the token, all of its lines (hidden):");
    await terminal.types("sk-proj-nonsense");
    await terminal.keys("Enter");
    await terminal.sees("Expected token starting with sk-ant-oat01-");
    await terminal.types(setupToken);
    await terminal.keys("Enter");
    await terminal.sees("Name of the token (empty for default)");
    await terminal.keys("Enter");
    const shown = await terminal.endsWith(0);
    expect(shown).toMatch(/Auth profile: anthropic:default \(anthropic\/token\)\n.*\nToken: sk-ant-oat01-#[0-9a-f]{8}, 108 characters/u);
    expect(await findCanary(setupToken.slice("sk-ant-oat01-".length), { texts: { shown } })).toEqual([]);
    expect(await profiles()).toEqual({ "anthropic:default": { type: "token", provider: "anthropic", token: setupToken } });
  });

  test("add asks for what is not given", async () => {
    const { open, profiles } = await sceneWith();
    const terminal = await open("add");
    await terminal.sees("Provider");
    await terminal.keys("Up", "Enter");
    await terminal.sees("Id of the provider");
    await terminal.types("homelab");
    await terminal.keys("Enter");
    await terminal.sees("What do you have for homelab?");
    await terminal.keys("Enter");
    await terminal.sees("Id of the account");
    await terminal.keys("Enter");
    await terminal.sees("Paste API key for homelab (hidden):");
    await terminal.types("your-api-key");
    await terminal.keys("Enter");
    await terminal.sees("This is the mask of a key or an example, not a key");
    await terminal.types("test-key-homelab");
    await terminal.keys("Enter");
    const shown = await terminal.endsWith(0);
    expect(shown).toMatch(/Auth profile: homelab:default \(homelab\/api_key\)\n/u);
    expect(shown).not.toContain("test-key-homelab");
    expect(await profiles()).toEqual({ "homelab:default": { type: "api_key", provider: "homelab", key: "test-key-homelab" } });
  });

  test("who wants to add a login is led to it", async () => {
    const { idp, open, profiles } = await sceneWith();
    const terminal = await open("add --provider acme");
    await terminal.sees("What do you have for acme?");
    await terminal.keys("Enter");
    const callback = await idp.authorize(addressIn(await terminal.sees(ASKS), idp));
    await terminal.types(callback.href);
    await terminal.keys("Enter");
    await terminal.sees("Auth profile: acme:account-one@example.test (acme/oauth)");
    expect(Object.keys(await profiles())).toEqual(["acme:account-one@example.test"]);
  });

  test("without --provider the providers that have a login are offered", async () => {
    const { open } = await sceneWith();
    const terminal = await open("login --no-browser");
    expect(await terminal.sees("Log in to")).toMatch(/acme[^]*chutes[^]*github-copilot[^]*openai-codex/u);
    await terminal.keys("Enter");
    await terminal.sees("Log in to acme at this address:");
    await terminal.keys("C-c");
    await terminal.endsWith(130);
  });
});

import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { openHome, resolvePaths } from "@openclaw/home";
import { createTempHome, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Interrupted, type Prompt } from "../../prompt.ts";
import { runSecretsConfigure, type ConfigureFlags } from "./configure.ts";

let home: TempHome;

beforeEach(async () => {
  home = await createTempHome({
    ".openclaw/openclaw.json": {
      models: { providers: { acme: { baseUrl: "http://127.0.0.1:1/v1", api: "openai-completions", apiKey: "test-key-acme", models: [] } } },
    },
    ".openclaw/agents/main/agent/auth-profiles.json": {
      version: 1,
      profiles: { "openai:default": { type: "api_key", provider: "openai", key: "test-key-one" } },
    },
    "vault.json": { openai: "test-key-one", other: "test-key-two" },
  });
});

afterEach(() => home.remove());

/** What a person answers: for a choice the beginning of its label, for several a list, for text the text. */
type Answer = readonly [question: RegExp, answer: string | boolean | readonly string[] | typeof ctrlC];
const ctrlC = Symbol("Ctrl-C");

function scripted(answers: readonly Answer[]) {
  const left = [...answers];
  const said: string[] = [];
  const next = (message: string) => {
    said.push(message);
    const [question, answer] = left.shift() ?? [];
    if (!question?.test(message)) throw new Error(`asked ${JSON.stringify(message)}, expected ${question}`);
    if (answer === ctrlC) throw new Interrupted();
    return answer;
  };
  const pick = <T>(
    choices: readonly { readonly label: string; readonly value: T; readonly hint?: string | undefined }[],
    label: unknown,
  ): T => {
    said.push(...choices.map((choice) => `${choice.label} ${choice.hint ?? ""}`));
    const found = choices.find((choice) => choice.label.startsWith(String(label)));
    if (!found) throw new Error(`no choice ${String(label)} among ${choices.map((choice) => choice.label).join(" | ")}`);
    return found.value;
  };
  const prompt: Prompt = {
    say: (text) => void said.push(text),
    select: async ({ message, choices }) => pick(choices, next(message)),
    async selectMany({ message, choices }) {
      const labels = next(message);
      return Array.isArray(labels) ? labels.map((label) => pick(choices, label)) : [];
    },
    async text({ message, check }) {
      for (;;) {
        const answer = String(next(message));
        const problem = check?.(answer);
        if (problem === undefined) return answer;
        said.push(problem);
      }
    },
    secret: () => Promise.reject(new Error("no secret is asked for")),
    confirm: async ({ message }) => next(message) === true,
  };
  return { prompt, said, left };
}

async function configure(flags: ConfigureFlags, answers: readonly Answer[], env: Record<string, string> = {}) {
  const script = scripted(answers);
  const out: string[] = [];
  const all = { ...home.env, ...env };
  const context = {
    io: { out: (text: string) => void out.push(text), err: (text: string) => void out.push(text), secret: () => undefined },
    env: all,
    clock: { now: () => Date.UTC(2026, 0, 2) },
    home: () => openHome({ paths: resolvePaths({ env: all, osHome: home.path, cwd: home.path }), env: all, use: "inspect" }),
    interrupted: () => new Promise<NodeJS.Signals>(() => undefined),
  };
  const code = await runSecretsConfigure(context, flags, () => Promise.resolve(script.prompt));
  return { code, out: out.join("\n"), ...script, said: script.said.join("\n") };
}

const toVault: readonly Answer[] = [
  [/Where are secrets kept/, "Add"],
  [/What kind/, "A file"],
  [/name for it/, "Vault"],
  [/name for it/, "vault"],
  [/Path of the file/, "vault.json"],
  [/Path of the file/, "~/vault.json"],
  [/What does it hold/, "JSON"],
  [/Where are secrets kept/, "Go on"],
  [/Which places/, ["profiles.openai:default.key"]],
  [/where is its secret kept/, "vault"],
  [/Which secret of the file/, "/openai"],
];

test("offers the accounts of a store without profiles, and a reference under another name", async () => {
  await home.write(".openclaw/agents/main/agent/auth-profiles.json", {
    openai: { type: "api_key", apiKey: "test-key-one" },
    xai: { type: "api_key", key_ref: { source: "env", provider: "default", id: "XAI_KEY" } },
  });
  const { said } = await configure({ skipProviderSetup: true }, [
    [/Which places/, ["profiles.openai:default.key"]],
    [/where is its secret kept/, ctrlC],
  ]);
  expect(said).toMatch(/profiles\.openai:default\.key stored value/u);
  expect(said).toMatch(/profiles\.xai:default\.key/u);
});

test("refuses to ask where nobody is at a terminal, and says what to type instead", async () => {
  const context = {
    io: { out: () => undefined, err: () => undefined, secret: () => undefined },
    env: {},
    clock: { now: () => 0 },
    home: () => Promise.reject(new Error("the home is not opened")),
    interrupted: () => new Promise<NodeJS.Signals>(() => undefined),
  };
  await expect(runSecretsConfigure(context, {}, () => undefined)).rejects.toThrow("secrets configure requires an interactive TTY.");
});

test("--providers-only and --skip-provider-setup together are a usage error", async () => {
  await expect(configure({ providersOnly: true, skipProviderSetup: true }, [])).rejects.toThrow("leave nothing to ask");
});

test("writes a plan that names references and holds no secret, in a private file", async () => {
  const planOut = join(home.path, "plan.json");
  const before = await home.list();
  const { code, out, said, left } = await configure({ planOut }, toVault);
  expect(left).toEqual([]);
  expect(code).toBe(0);
  expect(out).toContain("openclaw secrets apply --from");
  expect((await stat(planOut)).mode & 0o777).toBe(0o600);
  const text = await readFile(planOut, "utf8");
  expect(JSON.parse(text)).toEqual({
    version: 1,
    protocolVersion: 1,
    generatedBy: "openclaw secrets configure",
    targets: [
      {
        type: "auth-profiles.api_key.key",
        path: "profiles.openai:default.key",
        pathSegments: ["profiles", "openai:default", "key"],
        agentId: "main",
        ref: { source: "file", provider: "vault", id: "/openai" },
      },
    ],
    providerUpserts: { vault: { source: "file", path: "~/vault.json", mode: "json" } },
    options: { scrubEnv: true, scrubAuthProfilesForProviderTargets: true, scrubLegacyAuthJson: true },
  });
  expect(said).toContain("the value in use now");
  expect(`${said}${text}${out}`).not.toMatch(/test-key/);
  expect(await home.list()).toEqual([...before, "plan.json"].toSorted());
});

test("says where a reference leads to another value, and where it leads nowhere, and shows neither value", async () => {
  const planOut = join(home.path, "plan.json");
  const { said } = await configure(
    { planOut, skipProviderSetup: true },
    [
      [/Which places/, ["profiles.openai:default.key", "models.providers.acme.apiKey"]],
      [/where is its secret kept/, "default"],
      [/Which variable/, "OPENAI_API_KEY"],
      [/where is its secret kept/, "default"],
      [/Which variable/, "Another one"],
      [/Which variable/, "lower_case"],
      [/Which variable/, "NOT_SET"],
      [/lead nowhere/, "Leave those places"],
    ],
    { OPENAI_API_KEY: "test-key-three" },
  );
  expect(said).toContain("ANOTHER value");
  expect(said).toContain("LEADS NOWHERE");
  expect(said).toContain('"NOT_SET" is missing or empty');
  expect(said).toContain("an env id must match");
  expect(said).not.toMatch(/test-key/);
  expect(JSON.parse(await readFile(planOut, "utf8")).targets).toHaveLength(1);
});

test("applies the plan after a last question: the reference is there and the value gone", async () => {
  const { code, out } = await configure({ apply: true }, [...toVault, [/Apply this plan now/, true]]);
  expect(code).toBe(0);
  expect(out).toContain("Secrets applied.");
  const store = JSON.parse(await home.read(".openclaw/agents/main/agent/auth-profiles.json"));
  expect(store.profiles["openai:default"]).toEqual({
    type: "api_key",
    provider: "openai",
    keyRef: { source: "file", provider: "vault", id: "/openai" },
  });
});

test("a no to the last question changes nothing", async () => {
  const before = await home.read(".openclaw/agents/main/agent/auth-profiles.json");
  const { code, out } = await configure({ apply: true }, [
    ...toVault,
    [/Apply this plan now/, false],
    [/Where is the plan to be kept/, ""],
  ]);
  expect([code, out]).toEqual([0, expect.stringContaining("Nothing was changed")]);
  expect(await home.read(".openclaw/agents/main/agent/auth-profiles.json")).toBe(before);
});

test("D22: Ctrl-C at any question ends with 130 and nothing is written", async () => {
  const before = await home.list();
  const full: readonly Answer[] = [...toVault, [/Apply this plan now/, true]];
  for (let count = 0; count < full.length; count += 1) {
    const [question = /./] = full[count] ?? [];
    const { code } = await configure({ apply: true, planOut: join(home.path, "plan.json") }, [...full.slice(0, count), [question, ctrlC]]);
    expect(code).toBe(130);
  }
  expect(await home.list()).toEqual(before);
});

test("asks before it replaces a file, and leaves it when the answer is no", async () => {
  await home.write("plan.json", "mine\n");
  const planOut = join(home.path, "plan.json");
  await expect(configure({ planOut }, [[/Replace it/, false]])).rejects.toThrow("left as it is");
  expect(await home.read("plan.json")).toBe("mine\n");
  await configure({ planOut }, [[/Replace it/, true], ...toVault]);
  expect(await home.read("plan.json")).toContain("protocolVersion");
});

test("makes a new account, and the plan says which provider it is for", async () => {
  const { out } = await configure(
    { json: true, skipProviderSetup: true },
    [
      [/Which places/, ["A new account"]],
      [/Id of the account/, "openai:default"],
      [/Id of the account/, "anthropic:work"],
      [/Provider it is for/, "anthropic"],
      [/What is its secret/, "an API key"],
      [/where is its secret kept/, "default"],
      [/Which variable/, "ANTHROPIC_API_KEY"],
      [/Another new account/, false],
      [/Apply this plan now/, false],
    ],
    { ANTHROPIC_API_KEY: "test-key-four" },
  );
  const report = JSON.parse(out);
  expect(report.plan.targets).toEqual([
    expect.objectContaining({ path: "profiles.anthropic:work.key", authProfileProvider: "anthropic", agentId: "main" }),
  ]);
  expect(report.preflight).toEqual([{ path: "profiles.anthropic:work.key", reference: "env:default:ANTHROPIC_API_KEY", outcome: "new" }]);
});

test("names what is wrong with a file before it is used, and takes it out of the draft when told to", async () => {
  await home.write("open.json", { a: "test-key-five" }, 0o644);
  const { out, said } = await configure({ providersOnly: true }, [
    [/Where are secrets kept/, "Add"],
    [/What kind/, "A file"],
    [/name for it/, "open"],
    [/Path of the file/, "~/open.json"],
    [/What does it hold/, "JSON"],
    [/What now/, "Leave it out"],
    [/Where are secrets kept/, "Go on"],
  ]);
  expect(said).toContain("permissions are too open");
  expect(out).toContain("Nothing was chosen");
});

test("X20: without --allow-exec a command is looked at and not run, and the plan says so", async () => {
  await home.write("resolver", `#!/bin/sh\ntouch ${home.path}/was-run\n`, 0o700);
  const answers: readonly Answer[] = [
    [/Where are secrets kept/, "Add"],
    [/What kind/, "A command"],
    [/name for it/, "op"],
    [/Path of the command/, join(home.path, "resolver")],
    [/Arguments/, ""],
    [/Variables it is given/, ""],
    [/answer in JSON/, true],
    [/be a link/, false],
    [/Where are secrets kept/, "Go on"],
    [/Which places/, ["profiles.openai:default.key"]],
    [/where is its secret kept/, "op"],
    [/Which id/, "../x"],
    [/Which id/, "openai"],
  ];
  const { said } = await configure({ planOut: join(home.path, "plan.json") }, answers);
  expect(said).toContain("not tried");
  expect(await home.list()).not.toContain("was-run");
  await expect(configure({ apply: true }, [...answers, [/Where is the plan to be kept/, "~/kept.json"]])).rejects.toThrow("--allow-exec");
  expect(await home.list()).not.toContain("was-run");
  expect(JSON.parse(await home.read("kept.json")).targets).toHaveLength(1);
  const { said: tried } = await configure({ allowExec: true, json: true }, [
    ...answers,
    [/lead nowhere/, "Keep"],
    [/Apply this plan now/, false],
  ]);
  expect(tried).toContain("LEADS NOWHERE");
  expect(await home.list()).toContain("was-run");
});

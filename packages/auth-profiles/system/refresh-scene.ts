import { mkdirSync, symlinkSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createTempHome, startFakeIdp, type FakeIdp, type FakeIdpOptions, type FakeTokens, type TempHome } from "@openclaw/testkit";
import { parseAuthStore } from "../src/store.ts";
import { SALT, type Ask } from "./refresh-requester.ts";

/** Three agents of one machine. */
export const AGENTS = ["main", "work", "ops"] as const;
export type Agent = (typeof AGENTS)[number];

/**
 * How they share a login: `work` and `ops` read through to main's file; their files are links to it; one of each; or
 * each file holds a copy of the login, as older versions made, which may not say whose it is.
 */
export type Layout = "read through" | "links" | "one of each" | "copies" | "copies behind main" | "unnamed copies";

export interface SceneOptions extends FakeIdpOptions {
  readonly layout?: Layout;
  /** How long the access that is stored still lives. It has ended unless given. */
  readonly livesMs?: number;
}

/** An identity provider, and agents that have a login there. */
export interface Scene {
  readonly home: TempHome;
  readonly idp: FakeIdp;
  /** The login that is stored at first. */
  readonly login: FakeTokens;
  /** What an agent's process is asked. */
  ask(agent?: Agent, more?: Partial<Ask>): Ask;
  /** An agent's file as it is. */
  file(agent?: Agent): Promise<string>;
  /** The names of the tokens an agent's file holds. */
  stored(agent?: Agent): Promise<{ readonly access: string | undefined; readonly refresh: string | undefined }>;
  /** Everything that is neither a store nor a lock. */
  leftovers(): Promise<readonly string[]>;
  end(): Promise<void>;
}

/** The access that is stored at first. */
export const OLD_ACCESS = "test-access-old";

export const storeFileOf = (agent: Agent): string => `agents/${agent}/auth-profiles.json`;

/** The text of a store with that login. Some of it nobody knows. */
export function storeWith(entry: object): string {
  const login = { type: "oauth", provider: "acme", accountId: "account-one", note: 1, ...entry };
  return `${JSON.stringify({ version: 1, profiles: { "acme:work": login }, future: { kept: true } }, undefined, 2)}\n`;
}

/** Call `end` when done. */
export async function openScene({ layout = "read through", livesMs = -1_000, ...options }: SceneOptions = {}): Promise<Scene> {
  const [home, idp] = await Promise.all([createTempHome(), startFakeIdp(options)]);
  const login = idp.issue();
  const isNamed = layout !== "unnamed copies";
  const entry = { access: OLD_ACCESS, refresh: login.refresh, expires: Date.now() + livesMs };
  const text = storeWith({ ...entry, ...(!isNamed && { accountId: undefined }) });
  const pathOf = (agent: Agent) => join(home.path, storeFileOf(agent));
  const isCopied = layout === "copies" || layout === "copies behind main" || !isNamed;
  const isLink = (agent: Agent) => (layout === "links" && agent !== "main") || (layout === "one of each" && agent === "ops");
  const readsMain = (agent: Agent) => agent !== "main" && !isLink(agent) && layout !== "copies" && isNamed;

  await home.write(storeFileOf("main"), text);
  for (const agent of AGENTS.slice(1)) {
    if (isCopied) await home.write(storeFileOf(agent), text);
    if (!isLink(agent)) continue;
    mkdirSync(dirname(pathOf(agent)), { recursive: true, mode: 0o700 });
    symlinkSync(pathOf("main"), pathOf(agent));
  }

  return {
    home,
    idp,
    login,
    ask: (agent = "main", more = {}) => ({
      storePath: pathOf(agent),
      ...(readsMain(agent) && { mainPath: pathOf("main") }),
      ...(isCopied && { siblingPaths: AGENTS.map(pathOf) }),
      statePath: join(home.path, "state"),
      tokenUrl: idp.tokenUrl,
      ...more,
    }),
    file: (agent = "main") => readFile(pathOf(agent), "utf8"),
    async stored(agent = "main") {
      const profile = parseAuthStore(JSON.parse(await readFile(pathOf(agent), "utf8"))).profiles.get("acme:work");
      if (profile?.type !== "oauth") throw new Error("no login is stored");
      return { access: profile.access?.fingerprint(SALT), refresh: profile.refresh?.fingerprint(SALT) };
    },
    leftovers: async () => (await home.list()).filter((file) => !file.endsWith("auth-profiles.json") && !file.endsWith(".lock")),
    async end() {
      await idp.close();
      await home.remove();
    },
  };
}

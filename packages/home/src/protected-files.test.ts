import { link, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createTempHome, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openHome } from "./home.ts";
import { resolvePaths } from "./paths.ts";
import { createProtectedFiles, type ProtectedFiles } from "./protected-files.ts";

const STATE = ".openclaw";
const STORE = `${STATE}/agents/main/agent/auth-profiles.json`;

let folder: TempHome;
let files: ProtectedFiles;
const at = (path: string) => join(folder.path, path);

beforeEach(async () => {
  folder = await createTempHome({
    [`${STATE}/openclaw.json`]: {
      agents: { list: [{ id: "far", agentDir: "~/elsewhere/far" }] },
      secrets: { providers: { vault: { source: "file", path: "~/keys/vault.json" } } },
    },
    [`${STATE}/.env`]: "A=b",
    [STORE]: { version: 1, profiles: {} },
    "keys/vault.json": "{}",
    "elsewhere/far/auth-profiles.json": "{}",
    [`${STATE}/workspace/notes.md`]: "x",
    "project/notes.md": "x",
    token: "x",
  });
  const paths = resolvePaths({ env: folder.env, osHome: folder.path, cwd: folder.path });
  const home = await openHome({ paths, env: folder.env, use: "inspect" });
  files = createProtectedFiles({ home, files: [at("token")] });
});
afterEach(() => folder.remove());

describe("T24: what a model's file tool must not touch", () => {
  test.each([
    `${STATE}`,
    `${STATE}/`,
    `${STATE}/openclaw.json`,
    `${STATE}/openclaw.json.bak`,
    `${STATE}/.env`,
    `${STATE}/gateway-token`,
    `${STATE}/fingerprint-salt`,
    `${STATE}/not-there-yet`,
    `${STATE}/locks/x.lock`,
    `${STATE}/refresh`,
    `${STATE}/credentials/oauth.json`,
    `${STATE}/agents`,
    `${STATE}/agents/main`,
    STORE,
    `${STORE}.tmp-1`,
    `${STATE}/agents/main/agent/auth.json`,
    `${STATE}/agents/gone/agent/auth-profiles.json`,
    "elsewhere/far/auth-profiles.json",
    "elsewhere/far",
    "keys/vault.json",
    "keys/vault.json.bak",
    "token",
    // By a detour, in other letters, in other Unicode.
    `${STATE}/workspace/../.env`,
    `project/../${STATE}/./agents//main/agent/auth-profiles.json`,
    `.OpenClaw/OPENCLAW.json`,
    `${STATE}/Agents/Main/Agent/auth-profiles.json`,
  ])("T24: %s", async (path) => {
    expect(await files.covers(folder.path + "/" + path)).toBe(true);
  });

  test.each(["/proc/self/environ", "/proc/1/environ", "/proc/self/mem", "/proc/self/task/1/environ"])("T24: %s", async (path) => {
    expect(await files.covers(path)).toBe(true);
  });

  test("T24: by a link, to the file or to a folder above it, and by way of /proc", async () => {
    await symlink(at(STORE), at("project/link"));
    await symlink(at(STATE), at("project/folder"));
    await symlink("link", at("project/link-to-link"));
    for (const path of ["link", "link-to-link", "folder/.env", "folder/agents/main/agent/auth-profiles.json"]) {
      expect([path, await files.covers(at(`project/${path}`))]).toEqual([path, true]);
    }
    expect(await files.covers(`/proc/self/root${at(STORE)}`)).toBe(true);
  });

  test("T24: by a second name", async () => {
    for (const [index, path] of [STORE, `${STATE}/.env`, `${STATE}/openclaw.json`, "keys/vault.json", "token"].entries()) {
      await link(at(path), at(`project/second-${index}`));
      expect([path, await files.covers(at(`project/second-${index}`))]).toEqual([path, true]);
    }
    await link(at("project/notes.md"), at("project/two-names.md"));
    expect(await files.covers(at("project/two-names.md"))).toBe(false);
  });

  test("T24: what cannot be looked at is taken for protected", async () => {
    await symlink("loop", at("project/loop"));
    expect([await files.covers(at("project/loop")), await files.covers(`${at("project")}/\0`)]).toEqual([true, true]);
  });

  test("everything else is free: a workspace, also that in the state folder, and files that are not there", async () => {
    await mkdir(at(`${STATE}/skills`));
    await writeFile(at(`${STATE}/skills/a.md`), "x");
    const free = [
      "project/notes.md",
      "project/new.md",
      `${STATE}/workspace/notes.md`,
      `${STATE}/skills/a.md`,
      `${STATE}/agents/main/sessions/s.jsonl`,
      "keys/other.json",
      "tokens",
      "",
    ];
    for (const path of free) expect([path, await files.covers(at(path))]).toEqual([path, path === "tokens"]);
  });
});

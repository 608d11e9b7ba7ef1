import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { giveToNobody, isMountAllowed, said } from "@openclaw/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { runScript } from "./child.ts";
import { ASK } from "./refresh-requester.ts";
import { openScene, storeFileOf, type Scene } from "./refresh-scene.ts";

const canMount = await isMountAllowed();

async function open(): Promise<Scene> {
  const scene = await openScene();
  onTestFinished(() => scene.end());
  return scene;
}

/**
 * Runs a script that may `ask(request)`, with the agents' folder on a small disk of its own, which ends with it. Locks and
 * notes are elsewhere. Each request is answered once, so that the number of them tells which of the refreshes was sent.
 */
async function onSmallDisk(scene: Scene, script: string): Promise<readonly unknown[]> {
  const mount = `
    cp -a "$0/agents" "$0/before" && mount -t tmpfs -o size=512k,mode=700 tmpfs "$0/agents" && cp -a "$0/before/." "$0/agents" && exec "$@"`;
  const under = ["/usr/bin/env", "unshare", "-m", "/bin/sh", "-c", mount, scene.home.path];
  return saidBy(scene, script, under);
}

async function saidBy(scene: Scene, script: string, under: readonly string[] = []): Promise<readonly unknown[]> {
  const prepared = `${ASK}
    const { execFileSync } = await import("node:child_process");
    const request = JSON.parse(args[0]);
    const agents = args[1];
    const text = () => fs.readFileSync(request.storePath, "utf8");
    const before = text();
    const storeIsAsItWas = () => text() === before;
    ${script}`;
  const result = await runScript(prepared, { args: [JSON.stringify(scene.ask()), join(scene.home.path, "agents")], under });
  expect(result).toMatchObject({ code: 0, stderr: "" });
  expect(result.stdout).not.toMatch(/test-refresh|test-access|eyJ/);
  return said(result.stdout).filter((line) => !JSON.stringify(line).includes(`"waits":true`));
}

const REFUSED = expect.objectContaining({ code: "store-unwritable" });
const GIVEN = { token: expect.any(String), isAtOnce: false };

describe("a refresh that could not be saved is refused before anything is sent", () => {
  test.skipIf(!canMount)("W2: on a full disk, and is made when there is room again", async () => {
    const scene = await open();
    const outcome = await onSmallDisk(
      scene,
      `const filler = agents + "/filler";
       try { fs.writeFileSync(filler, Buffer.alloc(600_000)); } catch (error) { say(error.code); }
       say(await ask(request));
       say([storeIsAsItWas(), fs.readdirSync(agents + "/main")]);
       fs.unlinkSync(filler);
       say(await ask(request));
       say(storeIsAsItWas());`,
    );
    expect(outcome).toEqual(["ENOSPC", REFUSED, [true, ["auth-profiles.json"]], GIVEN, false]);
    expect([scene.idp.tokenRequests(), scene.idp.reuses()]).toEqual([1, 0]);
  });

  test.skipIf(!canMount)("W2: on a disk that is mounted for reading, and is made when it can be written to again", async () => {
    const scene = await open();
    const outcome = await onSmallDisk(
      scene,
      `execFileSync("mount", ["-o", "remount,ro", agents]);
       say(await ask(request));
       say([storeIsAsItWas(), fs.readdirSync(agents + "/main")]);
       execFileSync("mount", ["-o", "remount,rw", agents]);
       say(await ask(request));
       say(storeIsAsItWas());`,
    );
    expect(outcome).toEqual([REFUSED, [true, ["auth-profiles.json"]], GIVEN, false]);
    expect([scene.idp.tokenRequests(), scene.idp.reuses()]).toEqual([1, 0]);
  });

  test("W2: in a folder that may not be written to", async () => {
    const scene = await open();
    const folder = join(scene.home.path, "agents/main");
    await scene.home.write("state/kept", "");
    const places = ["", "agents", "agents/main", storeFileOf("main"), "state"];
    await giveToNobody(...places.map((path) => join(scene.home.path, path)));
    await chmod(folder, 0o500);
    const outcome = await saidBy(scene, `dropRights(); say(await ask(request)); say(storeIsAsItWas());`);
    await chmod(folder, 0o700);
    expect(outcome).toEqual([REFUSED, true]);
    expect(scene.idp.tokenRequests()).toBe(0);
  });

  test("W2: where it cannot be noted on the disk that a token is sent", async () => {
    const scene = await open();
    await scene.home.write("state/refresh", "a file in the place of the folder");
    const outcome = await saidBy(scene, `say(await ask(request)); say(storeIsAsItWas());`);
    expect(outcome).toEqual([expect.objectContaining({ code: expect.any(String) }), true]);
    expect(scene.idp.tokenRequests()).toBe(0);
  });
});

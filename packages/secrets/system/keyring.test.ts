import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { findProgram, startProcess } from "@openclaw/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { readRecipe } from "./recipe.ts";
import { ask, awkwardSecret, createToolHome, type ToolHome } from "./tool-home.ts";

const secret = awkwardSecret();
const programs = ["dbus-run-session", "dbus-send", "gnome-keyring-daemon", "secret-tool"];

async function setUp() {
  const home = await createToolHome();
  for (const folder of ["run", "data"]) await mkdir(join(home.path, folder), { mode: 0o700 });
  return { home, recipe: await readRecipe("Keyring of the system") };
}

const variables = ({ path }: ToolHome) => ({ XDG_RUNTIME_DIR: join(path, "run"), XDG_DATA_HOME: join(path, "data") });

/** A session with a message bus, and a keyring if it is to be unlocked as a login does. The variables it has. */
async function logIn(home: ToolHome, { unlocked }: { unlocked: boolean }) {
  // Asking for a secret before the daemon is there would have the bus start another one, which is locked.
  const isThere = "dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner";
  const unlock = `printf test-password | gnome-keyring-daemon --unlock --foreground --components=secrets &
    until ${isThere} string:org.freedesktop.secrets | grep true; do sleep 0.05; done;`;
  const script = `${unlocked ? unlock : ""} echo "bus <$DBUS_SESSION_BUS_ADDRESS>"; exec sleep 600`;
  const session = await startProcess("/usr/bin/dbus-run-session", ["--", "/bin/sh", "-c", script], {
    env: { ...home.env, ...variables(home) },
  });
  onTestFinished(async () => void (await session.stop()));
  const [, address = ""] = await session.waitForOutput(/bus <(.*)>/u, 10_000);
  return { ...home.env, ...variables(home), DBUS_SESSION_BUS_ADDRESS: address, stop: session.stop };
}

describe.skipIf(programs.some((program) => findProgram(program) === undefined))("the keyring of the system", () => {
  test("an unlocked one gives the secret to who gets the session's two variables", async () => {
    const { home, recipe } = await setUp();
    const { stop: _, ...env } = await logIn(home, { unlocked: true });
    await home.type(recipe.code("sh"), secret, env);
    expect(await ask(recipe, env, secret)).toBe(secret);

    const providers = Object.fromEntries(Object.entries(recipe.providers).map(([alias, config]) => [alias, { ...config, passEnv: [] }]));
    expect(await ask({ ...recipe, providers }, env, secret)).toMatchObject({
      code: "command-failed",
      hint: "run it by hand with an empty environment to see why; it gets only env and passEnv, so not PATH, HOME, XDG_RUNTIME_DIR, DBUS_SESSION_BUS_ADDRESS",
    });
  });

  test("X17: a locked one is an error within three seconds, and so is a session that is over", async () => {
    const { home, recipe } = await setUp();
    const { stop: logOut, ...first } = await logIn(home, { unlocked: true });
    await home.type(recipe.code("sh"), secret, first);
    await logOut();

    const { stop, ...env } = await logIn(home, { unlocked: false });
    const failed = { code: "command-failed", message: "exec:keyring:openai: /usr/bin/secret-tool ended with exit code 1" };
    const started = performance.now();
    expect(await ask(recipe, env, secret)).toMatchObject(failed);
    await stop();
    expect(await ask(recipe, env, secret)).toMatchObject(failed);
    expect(await ask(recipe, home.env, secret)).toMatchObject(failed);
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});

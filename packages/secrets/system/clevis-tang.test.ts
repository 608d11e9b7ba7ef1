import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { findProgram, manualClock } from "@openclaw/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { createSecretResolver, createSecretSnapshot, type Surface } from "../src/index.ts";
import { readRecipe } from "./recipe.ts";
import { ask, awkwardSecret, createToolHome } from "./tool-home.ts";

const secret = awkwardSecret();
/** Debian has them outside of PATH. */
const tangd = "/usr/libexec/tangd";
const isInstalled = findProgram("clevis") !== undefined && findProgram("tang-show-keys") !== undefined && existsSync(tangd);

/** Key server of a network, which can go away and come back at the same address. */
interface KeyServer {
  readonly port: number;
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
}

/** Serves with tangd as systemd's socket would: a process for each connection. */
async function startKeyServer(keys: string): Promise<KeyServer> {
  const sockets = new Set<Socket>();
  let server: Server;
  async function listen(port: number): Promise<number> {
    server = createServer((socket) => {
      sockets.add(socket);
      const child = spawn(tangd, [keys], { stdio: ["pipe", "pipe", "ignore"], env: {} });
      socket.pipe(child.stdin);
      child.stdout.pipe(socket);
      socket.once("close", () => void (sockets.delete(socket) && child.kill()));
      for (const stream of [socket, child.stdin, child.stdout]) stream.on("error", () => socket.destroy());
    });
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }
  async function goAway(): Promise<void> {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  }
  const port = await listen(0);
  onTestFinished(goAway);
  return { port, goAway, comeBack: async () => void (await listen(port)) };
}

async function setUp() {
  const home = await createToolHome();
  await mkdir(join(home.path, "keys"));
  await home.run("/usr/libexec/tangd-keygen", [join(home.path, "keys")]);
  const server = await startKeyServer(join(home.path, "keys"));
  const { stdout: thumbprint } = await home.run("/usr/bin/tang-show-keys", [String(server.port)]);
  const recipe = await readRecipe("clevis and tang", {
    "/home/me": home.path,
    "tang.example:7500": `127.0.0.1:${server.port}`,
    '"THUMBPRINT"': JSON.stringify(thumbprint.trim()),
  });
  await home.type(recipe.code("sh"), secret);
  return { home, server, recipe };
}

describe.skipIf(!isInstalled)("clevis, with tang as the key server", () => {
  test("the recipe leads to the secret while the server is there, and fails at once while it is not", async () => {
    const { server, recipe } = await setUp();
    expect(await ask(recipe, {}, secret)).toBe(secret);
    await server.goAway();
    const started = performance.now();
    expect(await ask(recipe, {}, secret)).toMatchObject({
      code: "command-failed",
      message: "exec:clevis:openai: /bin/bash ended with exit code 1",
    });
    expect(performance.now() - started).toBeLessThan(3_000);
  });

  describe("a program that runs on it", () => {
    async function program(onFailure: "strict" | "isolate") {
      const { server, recipe } = await setUp();
      const clock = manualClock();
      const env = { GROQ_API_KEY: "test-key-two" };
      const surfaces: readonly Surface[] = [
        { path: "models.providers.openai.apiKey", owner: "openai", ref: recipe.ref },
        { path: "models.providers.groq.apiKey", owner: "groq", ref: { source: "env", provider: "default", id: "GROQ_API_KEY" } },
      ];
      const resolver = createSecretResolver({ env, providers: recipe.providers, clock });
      const snapshot = createSecretSnapshot({ resolver, surfaces, onFailure, clock });
      onTestFinished(() => snapshot.close());
      const valueOf = (owner: string) => snapshot.current.get(`models.providers.${owner}.apiKey`)?.reveal();
      // A failure stands for three seconds.
      const reload = () => {
        clock.advance(3_000);
        return snapshot.reload();
      };
      const codesOf = (report: { readonly diagnostics: readonly { readonly code: string }[] }) =>
        report.diagnostics.map(({ code }) => code);
      return { server, snapshot, reload, codesOf, values: () => [valueOf("openai"), valueOf("groq")] };
    }

    test.each([
      ["strict", "kept"],
      ["isolate", "swapped"],
    ] as const)(
      "%s: keeps the last known good while the server is away, and says when it goes and comes back",
      async (onFailure, outcome) => {
        const { server, snapshot, reload, codesOf, values } = await program(onFailure);
        await snapshot.activate();
        expect(values()).toEqual([secret, "test-key-two"]);

        await server.goAway();
        const degraded = await reload();
        expect([degraded.outcome, codesOf(degraded), values()]).toEqual([outcome, ["SECRETS_RELOADER_DEGRADED"], [secret, "test-key-two"]]);
        expect(degraded.failures).toMatchObject([{ path: "models.providers.openai.apiKey", owner: "openai", code: "command-failed" }]);
        expect(codesOf(await reload())).toEqual([]);

        await server.comeBack();
        const recovered = await reload();
        expect([recovered.outcome, codesOf(recovered), values()]).toEqual([
          "swapped",
          ["SECRETS_RELOADER_RECOVERED"],
          [secret, "test-key-two"],
        ]);
      },
    );

    test("strict: does not start without the server", async () => {
      const { server, snapshot, values } = await program("strict");
      await server.goAway();
      await expect(snapshot.activate()).rejects.toMatchObject({
        code: "activation-failed",
        message: "Not every secret could be resolved: models.providers.openai.apiKey (exec:clevis:openai): command-failed",
      });
      expect(values()).toEqual([undefined, undefined]);
    });

    test("isolate: starts without it, with what needs it off, and has it on once the server is back", async () => {
      const { server, snapshot, reload, values } = await program("isolate");
      await server.goAway();
      await snapshot.activate();
      expect(values()).toEqual([undefined, "test-key-two"]);
      expect(snapshot.current.stateOf("models.providers.openai.apiKey")).toMatchObject({ status: "cold" });
      await server.comeBack();
      await reload();
      expect(values()).toEqual([secret, "test-key-two"]);
    });
  });
});

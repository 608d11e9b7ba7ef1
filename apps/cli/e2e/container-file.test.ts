import { cp, mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createTempHome, runProcess, startProcess, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { BIN } from "./openclaw.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const PORT = 18_789;

interface Instruction {
  readonly name: string;
  readonly text: string;
}

async function instructions(): Promise<readonly Instruction[]> {
  const text = await readFile(join(ROOT, "deploy/Containerfile"), "utf8");
  const lines = text
    .replaceAll(/^#.*\n/gmu, "")
    .replaceAll(/\\\n\s*/gu, "")
    .split("\n");
  return lines
    .filter((line) => line.trim() !== "")
    .map((line) => ({ name: line.split(" ", 1)[0] ?? "", text: line.slice(line.indexOf(" ") + 1) }));
}

const all = async (name: string) => (await instructions()).filter((each) => each.name === name).map(({ text }) => text);

/** The arguments of the last instruction of a name, in its JSON form: without it a shell would stand between. */
async function argumentsOf(name: string): Promise<readonly string[]> {
  const found: unknown = JSON.parse(/\[.*\]/u.exec((await all(name)).at(-1) ?? "")?.[0] ?? "null");
  return Array.isArray(found) ? found.map(String) : [];
}

let home: TempHome;
beforeEach(async () => {
  home = await createTempHome();
});
afterEach(() => home.remove());

test("what the container file copies is there, and is not ignored", async () => {
  const ignored = (await readFile(join(ROOT, ".dockerignore"), "utf8")).split("\n");
  const sources = (await all("COPY")).filter((text) => !text.startsWith("--from")).flatMap((text) => text.split(" ").slice(0, -1));
  expect(sources.length).toBeGreaterThan(5);
  for (const source of sources) {
    expect((await stat(join(ROOT, source))).isFile() || (await stat(join(ROOT, source))).isDirectory()).toBe(true);
    expect(ignored).toContain(`!${source}`);
  }
  expect(ignored).toEqual(expect.arrayContaining(["*", "**/.env*", "**/.openclaw*", "**/node_modules"]));
});

test("the scripts it builds with exist", async () => {
  const { scripts } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
  const [, script] = /--silent run (\S+)/u.exec((await all("RUN"))[0] ?? "") ?? [];
  expect(Object.keys(scripts)).toContain(script);
});

test("it runs as a user without a name, keeps everything on a volume, and holds no secret", async () => {
  expect(await all("USER")).toEqual(["10001:10001"]);
  expect(await argumentsOf("VOLUME")).toEqual(["/state"]);
  expect(await all("ENV")).toEqual(["OPENCLAW_STATE_DIR=/state"]);
  expect(await all("ARG")).toEqual([]);
  expect(await all("STOPSIGNAL")).toEqual(["SIGTERM"]);
  expect(await all("EXPOSE")).toEqual([String(PORT)]);
});

test("its flags are flags of this program", async () => {
  const { stdout } = await runProcess(process.execPath, [BIN, "gateway", "run", "--help"], { env: home.env, timeoutMs: 20_000 });
  const [noun, verb, ...flags] = await argumentsOf("CMD");
  expect([noun, verb]).toEqual(["gateway", "run"]);
  for (const flag of flags.filter((word) => word.startsWith("--"))) expect(stdout).toContain(flag);
});

test("what is copied into the image is all it takes to serve, and its health check knows", async () => {
  const app = join(home.path, "app");
  await mkdir(app);
  for (const text of (await all("COPY")).filter((each) => each.startsWith("--from=build"))) {
    const [, source = "", target = ""] = /\/source\/(\S+) (\S+)$/u.exec(text) ?? [];
    await cp(join(ROOT, source), join(app, target), { recursive: true });
  }
  const [, program = ""] = await argumentsOf("ENTRYPOINT");
  expect(program).toBe("/app/bin/openclaw.mjs");
  // As in the container: no HOME, and no place to write to but the state folder.
  const env = { OPENCLAW_STATE_DIR: join(home.path, "state"), PATH: "/usr/local/bin:/usr/bin:/bin" };
  await mkdir(env.OPENCLAW_STATE_DIR, { mode: 0o700 });
  const args = [join(home.path, program), ...(await argumentsOf("CMD")), "--port", "0"];
  const gateway = await startProcess(process.execPath, args, { env });
  onTestFinished(async () => void (await gateway.stop()));
  const [, port = ""] = await gateway.waitForOutput(/^Gateway: http:\S+:(\d+)$/mu, 20_000);

  const [, ...check] = (await argumentsOf("HEALTHCHECK")).map((word) => word.replace(String(PORT), port));
  const isHealthy = async () => (await runProcess(process.execPath, check, { env, timeoutMs: 20_000 })).code;
  expect(await isHealthy()).toBe(0);
  gateway.signal("SIGTERM");
  expect(await gateway.exited).toEqual({ code: 0, signal: null });
  expect(await isHealthy()).toBe(1);
});

import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { createTempHome } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import { openclaw, startOpenclawGateway } from "./openclaw.ts";

const OLD = "test-token-old-0123456789abcdef0123456789ab";
const NEW = "test-token-new-0123456789abcdef0123456789ab";

test("T8: a token that was rotated in its file counts at once, and the old one is refused", async () => {
  const home = await createTempHome({ "keys/token": `${OLD}\n` });
  onTestFinished(() => home.remove());
  const path = join(home.path, "keys/token");
  await chmod(path, 0o600);
  await home.write(".openclaw/openclaw.json", {
    gateway: { mode: "local", auth: { token: { source: "file", provider: "token", id: "value" } } },
    secrets: { providers: { token: { source: "file", path, mode: "singleValue", allowInsecurePath: true } } },
  });
  const { url, running } = await startOpenclawGateway(home, ["gateway", "--port", "0"]);
  onTestFinished(async () => void (await running.stop()));
  const status = async (token: string) => (await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${token}` } })).status;
  expect([await status(OLD), await status(NEW)]).toEqual([200, 401]);

  await home.write("keys/token", `${NEW}\n`, 0o600);
  await running.waitForOutput(/tokens changed: another token: admin/u, 20_000);
  expect([await status(OLD), await status(NEW)]).toEqual([401, 200]);

  const reload = await openclaw(home, ["secrets", "reload", "--url", url]);
  expect([reload.code, reload.stderr]).toEqual([0, ""]);
  expect([await status(OLD), await status(NEW)]).toEqual([401, 200]);
});

test("a token file that begins to count, and cannot be used, is followed until it can", async () => {
  const home = await createTempHome({});
  onTestFinished(() => home.remove());
  await home.write(".openclaw/gateway-token", `${NEW}\n`, 0o644);
  await home.write(".openclaw/openclaw.json", { gateway: { mode: "local", auth: { token: OLD } } });
  const { url, running } = await startOpenclawGateway(home, ["gateway", "--port", "0"]);
  onTestFinished(async () => void (await running.stop()));
  await home.write(".openclaw/openclaw.json", { gateway: { mode: "local" } });
  await running.waitForOutput(/not taken over: .*can be read by others/u, 20_000);

  await chmod(join(home.stateDir, "gateway-token"), 0o600);
  await running.waitForOutput(/tokens changed: another token: admin/u, 20_000);
  expect((await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${NEW}` } })).status).toBe(200);
});

import { tmpdir } from "node:os";
import { setImmediate as turn } from "node:timers/promises";
import { openHome, resolvePaths } from "@openclaw/home";
import { Secret } from "@openclaw/secrets";
import { createTempHome } from "@openclaw/testkit";
import { expect, onTestFinished, test, vi } from "vitest";
import { gatewayToken, startGateway } from "../src/index.ts";

const OLD = "test-gateway-token-old-0123456789abcdef01234567";
const NEW = "test-gateway-token-new-0123456789abcdef01234567";

test("T8: of two reloads at once the token that was looked up later counts, however long the other look-up takes", async () => {
  const folder = await createTempHome({});
  onTestFinished(() => folder.remove());
  const home = await openHome({
    paths: resolvePaths({ env: folder.env, osHome: folder.path, cwd: tmpdir() }),
    env: folder.env,
    use: "gateway",
  });
  const [old, renewed] = [OLD, NEW].map((text) => gatewayToken(Secret.of(text), "test"));
  if (!old || !renewed) throw new Error("no tokens");
  const slow = Promise.withResolvers<void>();
  let isRotated = false;
  let lookUps = 0;
  const gateway = await startGateway({
    home,
    token: old,
    port: 0,
    bind: "loopback",
    async reloadToken() {
      lookUps += 1;
      const found = isRotated ? renewed : old;
      // The first one judges what was read, the second one takes it over.
      if (lookUps === 2) await slow.promise;
      return found;
    },
  });
  onTestFinished(async () => void (await gateway.close()));
  const first = gateway.reload();
  await vi.waitFor(() => expect(lookUps).toBe(2));
  isRotated = true;
  const second = gateway.reload();
  await vi.waitFor(() => expect(lookUps).toBeGreaterThan(2));
  for (let turns = 0; turns < 100; turns += 1) await turn();
  slow.resolve();
  await Promise.all([first, second]);
  const statusOf = async (token: string) =>
    (await fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${token}` } })).status;
  expect([await statusOf(OLD), await statusOf(NEW)]).toEqual([401, 200]);
});

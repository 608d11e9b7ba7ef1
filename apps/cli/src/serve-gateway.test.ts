import { openHome, resolvePaths } from "@openclaw/home";
import { createTempHome, manualClock } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import type { CliContext } from "./context.ts";
import { serveGateway } from "./serve-gateway.ts";

test("a gateway whose start fails after it listens listens no longer", async () => {
  const folder = await createTempHome();
  onTestFinished(() => folder.remove());
  await folder.write(".openclaw/curl-headers/in-the-way", "");
  const paths = resolvePaths({ env: folder.env, osHome: folder.path, cwd: folder.path });
  const shown: string[] = [];
  const context: CliContext = {
    io: { out: (text) => void shown.push(text), err: (text) => void shown.push(text), secret: () => undefined },
    env: folder.env,
    clock: manualClock(),
    isDev: true,
    paths: async () => paths,
    home: (request = {}) => openHome({ paths, env: folder.env, ...request }),
    learn: async () => undefined,
    harden: () => undefined,
    interrupted: () => new Promise(() => undefined),
    onHangup: () => undefined,
    supervisor: undefined,
    output: { backlog: () => 0, abandonAfter: () => undefined },
  };
  await expect(serveGateway(context, { port: 0, allowUnconfigured: true })).rejects.toMatchObject({ code: "file-refused" });
  const url = shown.find((line) => line.startsWith("Gateway: "))?.slice("Gateway: ".length) ?? "";
  await expect(fetch(`${url}/healthz`)).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } });
});

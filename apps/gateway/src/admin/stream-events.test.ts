import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { connect, type Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { openHome, resolvePaths } from "@openclaw/home";
import { createRedactor } from "@openclaw/secrets";
import { createTempHome, manualClock } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import { createEventLog } from "../event-log.ts";
import { streamEvents } from "./stream-events.ts";

/** A log that is served to whoever comes, over real sockets. */
async function setUp(capacity: number) {
  const files = await createTempHome({ ".openclaw/openclaw.json": {} });
  const home = await openHome({ paths: resolvePaths({ env: files.env, osHome: files.path, cwd: files.path }), env: files.env });
  const clock = manualClock();
  const log = createEventLog({ home, clock, redactor: createRedactor(), capacity });
  let buffered = 0;
  const server: Server = createServer((request, response) => {
    const lastId = request.headers["last-event-id"];
    response.writeHead(200, { "content-type": "text/event-stream", connection: "close" });
    streamEvents(response, log, { clock, types: undefined, lastId: typeof lastId === "string" ? lastId : undefined });
    log.listen(() => (buffered = Math.max(buffered, response.writableLength)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    home.close();
    await files.remove();
  });
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const record = (text: string) => log.record({ type: "client-gone", model: text });

  async function reader(headers = ""): Promise<{ readonly socket: Socket; readonly text: () => string }> {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`);
    await expect.poll(() => text).toContain(": events follow");
    return { socket, text: () => text };
  }
  return { log, clock, record, reader, buffered: () => buffered };
}

test("a reader that reads nothing is dropped with a last event, and nothing is kept for it", async () => {
  const { log, record, reader, buffered } = await setUp(64);
  const { socket, text } = await reader();
  socket.pause();
  const long = "x".repeat(4000);
  for (let count = 0; log.listenerCount > 1 && count < 100_000; count += 1) {
    record(long);
    if (count % 16 === 0) await setImmediate();
  }
  expect(log.listenerCount).toBe(1);
  expect(buffered()).toBeLessThan(256 * 1024);
  socket.resume();
  await once(socket, "close");
  expect(text()).toMatch(/event: dropped\ndata: \{"reason":"this reader was too slow","missed":\d+\}\n\n\r\n0\r\n\r\n$/u);
});

test("a slow reader that keeps up with the ring misses nothing", async () => {
  const { record, reader } = await setUp(20_000);
  const { socket, text } = await reader();
  socket.pause();
  const long = "x".repeat(2000);
  for (let count = 1; count <= 10_000; count += 1) record(`${count}:${long}`);
  await setImmediate();
  socket.resume();
  await expect.poll(text, { timeout: 10_000 }).toContain('"model":"10000:');
  const seen = [...text().matchAll(/"model":"(\d+):/gu)].map(([, count]) => Number(count));
  expect(seen).toEqual(Array.from({ length: 10_000 }, (_, index) => index + 1));
});

test("a reader that is gone for two heartbeats without a word is dropped, one that reads gets them", async () => {
  const { log, clock, record, reader } = await setUp(20_000);
  const [idle, stuck] = [await reader(), await reader()];
  stuck.socket.pause();
  for (let count = 1; count <= 10_000; count += 1) record("x".repeat(2000));
  await expect.poll(idle.text, { timeout: 10_000 }).toContain(`-10000\n`);
  for (let beat = 1; beat <= 3; beat += 1) {
    await clock.waitForSleepers(2);
    clock.advance(15_000);
    await setImmediate();
  }
  await expect.poll(idle.text).toContain(": still here");
  // One of each reader, and those of the test.
  expect(log.listenerCount).toBe(3);
});

test("goes on behind the event that was seen last, and says what is missing", async () => {
  const { log, record, reader } = await setUp(4);
  for (let count = 1; count <= 6; count += 1) record(`event ${count}`);
  const from = async (id: string) => (await reader(`Last-Event-ID: ${id}\r\n`)).text;

  const near = await from(`${log.run}-4`);
  await expect.poll(near).toContain("event 6");
  expect(near()).not.toContain("event: gap");
  expect([...near().matchAll(/event (\d)/gu)].map(([, count]) => count)).toEqual(["5", "6"]);

  const far = await from(`${log.run}-1`);
  await expect.poll(far).toContain("event 6");
  expect(far()).toContain('event: gap\ndata: {"missed":1}');
  expect([...far().matchAll(/event (\d)/gu)].map(([, count]) => count)).toEqual(["3", "4", "5", "6"]);

  for (const odd of ["of-another-run-3", "nonsense", `${log.run}-nonsense`, `${log.run}--5`, `${log.run}-1e9`]) {
    const text = await from(odd);
    record("the latest");
    await expect.poll(text).toContain("the latest");
  }
});

test("ends with a last event when the log is closed", async () => {
  const { log, reader } = await setUp(4);
  const { socket, text } = await reader();
  log.close();
  await once(socket, "close");
  expect(text()).toContain("event: closing\ndata: {}");
});

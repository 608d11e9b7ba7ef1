import { createServer, request, type IncomingHttpHeaders, type RequestOptions } from "node:http";
import { manualClock } from "@openclaw/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { listenForCallback, type CallbackListener, type CallbackListenerOptions } from "./callback-listener.ts";

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function listen(options: Partial<CallbackListenerOptions> = {}): Promise<CallbackListener> {
  const listener = await listenForCallback({ path: "/auth/callback", ...options });
  closers.push(() => listener.close());
  return listener;
}

interface Seen {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly page: string;
}

/** One raw request: `fetch` would correct the path and the Host header. */
function ask(url: string, options: RequestOptions = {}): Promise<Seen> {
  const { promise, resolve, reject } = Promise.withResolvers<Seen>();
  const asked = request(url, { agent: false, ...options }, async (response) => {
    let page = "";
    try {
      for await (const chunk of response.setEncoding("utf8")) page += chunk;
      resolve({ status: response.statusCode ?? 0, headers: response.headers, page });
    } catch (error) {
      reject(error);
    }
  });
  asked.on("error", reject).end();
  return promise;
}

const portOf = (listener: CallbackListener) => new URL(listener.redirectUri).port;

test("receives the callback once, shows nothing of it, and stops listening", async () => {
  const clock = manualClock();
  const listener = await listen({ clock });
  expect(listener.redirectUri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/auth\/callback$/);
  const { status, headers, page } = await ask(`${listener.redirectUri}?code=test-code&state=test-state`);
  expect([status, headers["referrer-policy"], headers["cache-control"]]).toEqual([200, "no-referrer", "no-store"]);
  expect(page).not.toMatch(/test-code|test-state|script|href|src=/);
  expect((await listener.received).href).toBe(`${listener.redirectUri}?code=test-code&state=test-state`);
  await listener.close();
  await expect(ask(`${listener.redirectUri}?code=other`)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  expect(clock.sleeping()).toEqual([]);
});

test("T17: of callbacks that come at the same time one is answered as such", async () => {
  const listener = await listen();
  const asked = await Promise.allSettled(
    ["127.0.0.1", "[::1]", "127.0.0.1", "[::1]"].map((host, index) =>
      ask(`http://${host}:${portOf(listener)}/auth/callback?code=${index}`),
    ),
  );
  expect(asked.filter((seen) => seen.status === "fulfilled" && seen.value.status === 200)).toHaveLength(1);
});

test("needs 35: IPv6 leads to the same listener", async () => {
  const listener = await listen({ redirectHost: "localhost" });
  expect(listener.redirectUri).toMatch(/^http:\/\/localhost:/);
  expect((await ask(`http://[::1]:${portOf(listener)}/auth/callback?code=test-code`)).status).toBe(200);
  expect((await listener.received).searchParams.get("code")).toBe("test-code");
});

describe("T17: what is not the callback does not count", () => {
  test.each([
    ["another path", "/auth/callback/", {}, 404],
    ["a path that means the same", "/auth/./callback", {}, 404],
    ["a path spelled otherwise", "/auth/%63allback", {}, 404],
    ["a path in other letters", "/AUTH/callback", {}, 404],
    ["the icon", "/favicon.ico", {}, 404],
    ["an absolute address", "http://evil.test/auth/callback?code=x", {}, 404],
    ["POST", "/auth/callback?code=x", { method: "POST" }, 405],
    ["HEAD", "/auth/callback?code=x", { method: "HEAD" }, 405],
    ["OPTIONS", "/auth/callback?code=x", { method: "OPTIONS" }, 405],
    ["another host", "/auth/callback?code=x", { headers: { host: "evil.test" } }, 421],
    ["another host that resolves here", "/auth/callback?code=x", { headers: { host: "127.0.0.1.evil.test" } }, 421],
    ["another port", "/auth/callback?code=x", { headers: { host: "127.0.0.1:1" } }, 421],
    ["no port", "/auth/callback?code=x", { headers: { host: "localhost" } }, 421],
    ["another state", "/auth/callback?code=x&state=other", {}, 400],
    ["no state", "/auth/callback?code=x", {}, 400],
  ])("%s", async (_what, path, options, status) => {
    const listener = await listen({ accepts: (callback) => callback.searchParams.get("state") === "test-state" });
    const { hostname: host, port } = new URL(listener.redirectUri);
    const seen = await ask(listener.redirectUri, { host, port, path, ...options });
    expect(seen.status).toBe(status);
    expect(seen.headers["referrer-policy"]).toBe("no-referrer");
    expect((await ask(`${listener.redirectUri}?code=test-code&state=test-state`)).status).toBe(200);
    expect((await listener.received).searchParams.get("code")).toBe("test-code");
  });
});

test("needs 35: a port that is taken is a typed error that says what to do, on either address", async () => {
  for (const host of ["127.0.0.1", "::1"]) {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, host, resolve));
    closers.push(() => new Promise((resolve) => other.close(resolve)));
    const address = other.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    await expect(listenForCallback({ path: "/cb", port })).rejects.toMatchObject({
      code: "login-refused",
      message: expect.stringContaining("EADDRINUSE"),
      hint: expect.stringContaining("paste"),
    });
    // Nothing stays behind on the other address.
    const again = await new Promise<unknown>((resolve) => {
      const probe = createServer().once("error", resolve);
      probe.listen(port, host === "::1" ? "127.0.0.1" : "::1", () => probe.close(() => resolve("free")));
    });
    expect(again).toBe("free");
  }
});

test("ends after 5 minutes, and not before", async () => {
  const clock = manualClock();
  const listener = await listen({ clock });
  clock.advance(299_999);
  expect((await ask(`${listener.redirectUri}/other`)).status).toBe(404);
  clock.advance(1);
  await expect(listener.received).rejects.toMatchObject({ code: "login-timeout" });
  await listener.close();
  await expect(ask(listener.redirectUri)).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("ends with its signal, whose reason comes back as it came", async () => {
  const controller = new AbortController();
  const listener = await listen({ signal: controller.signal });
  controller.abort("stop");
  await expect(listener.received).rejects.toBe("stop");
  await listener.close();
  await expect(ask(listener.redirectUri)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await expect(listenForCallback({ path: "/cb", signal: AbortSignal.abort("gone") })).rejects.toBe("gone");
});

test("a login that ended elsewhere closes it, without an unhandled rejection", async () => {
  const listener = await listen();
  await listener.close();
  await listener.close();
  await expect(listener.received).rejects.toMatchObject({ code: "login-refused" });
});

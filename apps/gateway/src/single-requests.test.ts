import { lookup } from "node:dns/promises";
import { hostname } from "node:os";
import { startFakeProvider, type FakeProvider } from "@openclaw/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createSingleRequests, type SingleRequests } from "./single-requests.ts";

let provider: FakeProvider;
let requests: SingleRequests;
beforeEach(async () => {
  provider = await startFakeProvider({
    default: { status: 302, headers: { location: "/elsewhere", "x-twice": ["a", "b"] }, body: "moved" },
  });
  requests = createSingleRequests();
});
afterEach(async () => {
  await requests.close();
  await provider.close();
});

function init(signal: AbortSignal = new AbortController().signal) {
  return { method: "POST", headers: { "x-api-key": "test-key-one" }, body: "{}", redirect: "manual", signal } as const;
}

async function textOf(body: AsyncIterable<Uint8Array> | null): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body ?? []) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test("sends what it is given once, and follows no redirect", async () => {
  const answer = await requests.fetch(false)(new URL("/v1/messages?a=b", provider.url), init());
  expect([answer.status, answer.headers.get("Location"), answer.headers.get("x-twice"), answer.headers.get("x-none")]).toEqual([
    302,
    "/elsewhere",
    "a",
    null,
  ]);
  expect(await textOf(answer.body)).toBe("moved");
  expect(provider.hits).toMatchObject([{ key: "test-key-one", method: "POST", path: "/v1/messages?a=b", body: Buffer.from("{}") }]);
});

/** A name that is not called local and leads to this machine: what a machine calls itself, or a name Debian gives it. */
async function ownName(): Promise<string | undefined> {
  for (const name of [hostname(), "ip6-localhost", "ip6-loopback"]) {
    const addresses = await lookup(name, { all: true }).catch(() => []);
    if (addresses.length > 0) return name;
  }
  return undefined;
}

const name = await ownName();

// Which names lead here is for the machine to say. Where `.ci/run` runs there is one, and it has to be there.
test.skipIf(name === undefined && process.env.REQUIRE_SYSTEM !== "1")(
  "connects to no address of this network by a public name, and says what to set",
  async () => {
    const url = new URL(provider.url);
    url.hostname = name ?? "";
    expect(url.hostname).toBe(name);
    await expect(requests.fetch(false)(url, init())).rejects.toMatchObject({
      code: "address-refused",
      hint: expect.stringContaining("local"),
    });
    expect(provider.acceptedConnections()).toBe(0);
  },
);

test("an abort ends a request, and closing ends one that nobody reads", async () => {
  provider.setReplies("test-key-one", [{ beforeHeaders: "hang" }, { stream: ["data: 1\n\n"], afterHeaders: "hang" }]);
  const stop = new AbortController();
  const running = requests.fetch(false)(new URL(provider.url), init(stop.signal));
  await provider.waitForHit();
  stop.abort(new Error("enough"));
  await expect(running).rejects.toThrow("enough");

  const { body } = await requests.fetch(false)(new URL(provider.url), init());
  const reading = body?.[Symbol.asyncIterator]();
  expect(Buffer.from((await reading?.next())?.value ?? []).toString()).toBe("data: 1\n\n");
  await reading?.return?.();
  await provider.waitForAborted(2);
});

import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { test } from "vitest";
import type * as secrets from "../packages/secrets/src/index.ts";

// Loaded by Node itself: vitest turns every use of an import into a getter call, which counts in a loop over bytes.
const { createRedactor, Secret }: typeof secrets = createRequire(import.meta.url)("../packages/secrets/src/index.ts");

const MIB = 2 ** 20;

/** Letters and digits that look random and are the same in every run. */
const random = (seed: string, length: number) =>
  createHash("shake256", { outputLength: length }).update(seed).digest("base64url").slice(0, length);

/** Keys of the lengths and beginnings that providers give out. */
const keys = Array.from({ length: 100 }, (_, index) => {
  const [prefix, length] = [["sk-ant-api03-", 95] as const, ["sk-proj-", 156] as const, ["AIza", 35] as const, ["gsk_", 52] as const][
    index % 4
  ] ?? ["", 40];
  return prefix + random(`key ${index}`, length);
});

function redactorOf(values: readonly string[]) {
  const redactor = createRedactor();
  for (const value of values) redactor.add(Secret.of(value));
  redactor.text("built before it is timed");
  return redactor;
}

function repeatTo(length: number, line: (index: number) => string): Buffer {
  let text = "";
  for (let index = 0; text.length < length; index += 1) text += line(index);
  return Buffer.from(text).subarray(0, length);
}

const log = repeatTo(MIB, (index) => {
  const record = {
    level: 30,
    time: 1_790_000_000_000 + index * 37,
    pid: 4242,
    requestId: random(`request ${index}`, 16),
    msg: 'upstream said "overloaded"\nwill try the next',
    provider: ["anthropic", "openai", "google"][index % 3],
    model: "claude-sonnet-4-5",
    status: 529,
    durationMs: (index * 37) % 2000,
    url: "/v1/messages?beta=true&tag=a%20b",
    headers: { "content-type": "application/json", "x-request-id": `req_${random(`id ${index}`, 24)}` },
  };
  return `${JSON.stringify(record)}\n`;
});

const events = Array.from({ length: 4096 }, (_, index) => {
  const delta = { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: ` word ${index}, "so"\n` } };
  return Buffer.from(`event: content_block_delta\ndata: ${JSON.stringify({ id: `msg_${random("message", 24)}`, ...delta })}\n\n`);
});

/** Nowhere in the texts; as long as what an operator would search for. */
const phrase = Buffer.from("no such text in there");
const key = Buffer.from(`sk-ant-api03-${random("not loaded", 95)}`);

test("1 MiB of JSON log, beside one Buffer.indexOf pass", async ({ bench }) => {
  const all = redactorOf(keys);
  const one = redactorOf(keys.slice(0, 1));
  const withPassword = redactorOf([...keys.slice(1), "Tr0ub4dor&3"]);
  const withPrivateKey = redactorOf([
    ...keys.slice(1),
    `-----BEGIN PRIVATE KEY-----\n${`${random("line", 64)}\n`.repeat(25)}-----END PRIVATE KEY-----\n`,
  ]);
  const withWord = redactorOf([...keys.slice(1), "hunter2"]);
  await bench.compare(
    bench("floor: Buffer.indexOf of a phrase", () => void log.indexOf(phrase)),
    bench("floor: Buffer.indexOf of a key", () => void log.indexOf(key)),
    bench("100 keys", () => void all.bytes(log)),
    bench("1 key", () => void one.bytes(log)),
    bench("99 keys and a password of 11 characters", () => void withPassword.bytes(log)),
    bench("99 keys and a private key of many lines", () => void withPrivateKey.bytes(log)),
    bench("99 keys and a password of 7 characters", () => void withWord.bytes(log)),
    { time: 400, warmupTime: 200 },
  );
});

test("server-sent events, one by one, beside one Buffer.indexOf pass over each", async ({ bench }) => {
  const all = redactorOf(keys);
  const stream = all.stream();
  await bench.compare(
    bench("floor: Buffer.indexOf of a phrase", () => {
      for (const event of events) event.indexOf(phrase);
    }),
    bench("floor: Buffer.indexOf of a key", () => {
      for (const event of events) event.indexOf(key);
    }),
    bench("100 keys, a stream", () => {
      for (const event of events) stream.push(event);
    }),
    { time: 400, warmupTime: 200 },
  );
});

test("1 MiB of what is hard to tell from a value, beside one Buffer.indexOf pass", async ({ bench }) => {
  const all = redactorOf(keys);
  const periodic = redactorOf(["ab".repeat(500) + "c", ...keys]);
  const nearKey = repeatTo(MIB, (index) => `${keys[index % 100]?.slice(0, -1)} `);
  const prefixes = repeatTo(MIB, () => "sk-ant-api03-");
  const period = repeatTo(MIB, () => "ab");
  const escapes = repeatTo(MIB, () => "%61\\u0062");
  const otherEscapes = repeatTo(MIB, () => '%20\\"');
  const found = repeatTo(MIB, (index) => `${keys[index % 100]} `);
  await bench.compare(
    bench("floor: Buffer.indexOf of a phrase", () => void log.indexOf(phrase)),
    bench("keys without their last character", () => void all.bytes(nearKey)),
    bench("beginnings of keys", () => void all.bytes(prefixes)),
    bench("ab..., a value being 500 of them and a c", () => void periodic.bytes(period)),
    bench("the same in escapes", () => void periodic.bytes(escapes)),
    bench("escapes of other letters", () => void all.bytes(otherEscapes)),
    bench("keys, all of them found", () => void all.bytes(found)),
    { time: 400, warmupTime: 200 },
  );
});

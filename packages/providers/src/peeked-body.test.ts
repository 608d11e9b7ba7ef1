import { manualClock } from "@openclaw/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { peekBody } from "./peeked-body.ts";

const clean = (error: unknown) => error;
const clock = manualClock();

interface Source {
  readonly body: ReadableStream<Uint8Array>;
  readonly pulls: () => number;
  readonly cancelled: () => unknown;
}

/** A body that gives a chunk whenever it is asked, then ends, or breaks off with the error. */
function sourceOf(chunks: readonly Uint8Array[], error?: Error): Source {
  const left = chunks.map((chunk) => Uint8Array.from(chunk));
  let pulls = 0;
  let cancelled: unknown;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        pulls += 1;
        const chunk = left.shift();
        if (chunk) controller.enqueue(chunk);
        else if (error) controller.error(error);
        else controller.close();
      },
      cancel: (reason) => {
        cancelled = reason ?? "cancelled";
      },
    },
    { highWaterMark: 0 },
  );
  return { body, pulls: () => pulls, cancelled: () => cancelled };
}

async function readAll(stream: ReadableStream<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test("however it is cut, and however much of it was looked at, every byte comes once and in order", async () => {
  const chunk = fc.uint8Array({ minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(fc.array(chunk, { maxLength: 12 }), fc.nat(14), async (chunks, enoughAt) => {
      const { body } = sourceOf(chunks);
      let seen = 0;
      const isEnough = () => (seen += 1) > enoughAt;
      const peeked = await peekBody(body, { isEnough, clock, signal: undefined });
      let ends = 0;
      const all = await readAll(peeked.stream({ through: undefined, clean, onEnd: () => (ends += 1) }));
      expect(all).toEqual(Buffer.concat(chunks));
      expect(all.subarray(0, peeked.bytes.length)).toEqual(peeked.bytes);
      expect(peeked.ending?.kind).toBe(enoughAt >= chunks.length ? "whole" : undefined);
      expect(ends).toBe(1);
    }),
  );
});

describe("a body", () => {
  const chunks = ["one", "two", "three"].map((text) => Buffer.from(text));

  test("is not read at all where its head says enough, and then only as it is asked for", async () => {
    const source = sourceOf(chunks);
    const peeked = await peekBody(source.body, { isEnough: undefined, clock, signal: undefined });
    expect(source.pulls()).toBe(0);
    const reader = peeked.stream({ through: undefined, clean, onEnd: () => undefined }).getReader();
    await reader.read();
    expect(source.pulls()).toBe(1);
  });

  test("that breaks off is read as far as it came, then with what it broke", async () => {
    const error = new Error("gone");
    const peeked = await peekBody(sourceOf(chunks.slice(0, 1), error).body, { isEnough: () => false, clock, signal: undefined });
    expect(peeked).toMatchObject({ bytes: Buffer.from("one"), ending: { kind: "cut", error } });
    let ends = 0;
    const reader = peeked.stream({ through: undefined, clean: () => new Error("clean"), onEnd: () => (ends += 1) }).getReader();
    expect(Buffer.from((await reader.read()).value ?? [])).toEqual(Buffer.from("one"));
    await expect(reader.read()).rejects.toThrow("clean");
    expect(ends).toBe(1);
  });

  test("that nobody wants any more is cancelled, with the reason", async () => {
    const source = sourceOf(chunks);
    const peeked = await peekBody(source.body, { isEnough: () => true, clock, signal: undefined });
    let ends = 0;
    await peeked.stream({ through: undefined, clean, onEnd: () => (ends += 1) }).cancel("enough");
    expect([source.cancelled(), ends]).toEqual(["enough", 1]);
    const dropped = sourceOf(chunks);
    (await peekBody(dropped.body, { isEnough: () => true, clock, signal: undefined })).discard();
    expect(dropped.cancelled()).toBe("cancelled");
  });

  test("that hangs is let go with the reason of an abort, also when its source ignores the signal", async () => {
    const reason = new Error("enough");
    const abort = new AbortController();
    let cancelled: unknown;
    const body = new ReadableStream<Uint8Array>({ cancel: (why) => void (cancelled = why) });
    const peeking = peekBody(body, { isEnough: () => false, clock, signal: abort.signal });
    abort.abort(reason);
    await expect(peeking).rejects.toBe(reason);
    expect(cancelled).toBe(reason);
  });

  test("passes what takes values out of it, which is told its end", async () => {
    const through = { push: (chunk: Uint8Array) => Buffer.from(chunk).subarray(1), end: () => Buffer.from("!") };
    const peeked = await peekBody(sourceOf([Buffer.from("x"), ...chunks]).body, { isEnough: () => true, clock, signal: undefined });
    expect((await readAll(peeked.stream({ through, clean, onEnd: () => undefined }))).toString()).toBe("newohree!");
  });
});

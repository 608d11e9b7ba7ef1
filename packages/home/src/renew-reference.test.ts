import { manualClock } from "@openclaw/testkit";
import type { SecretRef } from "@openclaw/secrets";
import { expect, test } from "vitest";
import { createReferenceRenewal } from "./renew-reference.ts";

const ref: SecretRef = { source: "exec", provider: "vault", id: "a" };
const other: SecretRef = { ...ref, id: "b" };

function setUp() {
  const clock = manualClock();
  const asked: string[] = [];
  const answers: PromiseWithResolvers<void>[] = [];
  const renew = createReferenceRenewal({
    clock,
    ask({ id }) {
      const answer = Promise.withResolvers<void>();
      asked.push(id);
      answers.push(answer);
      return answer.promise;
    },
  });
  return { clock, asked, answers, renew };
}

test("those who ask at once share one question, and each reference has its own", async () => {
  const { asked, answers, renew } = setUp();
  const all = Promise.all([renew(ref), renew(ref), renew(other)]);
  for (const answer of answers) answer.resolve();
  await all;
  expect(asked).toEqual(["a", "b"]);
});

test("a reference is asked for again after 30 seconds, whatever the last time led to, and when the clock was set back", async () => {
  const { clock, asked, answers, renew } = setUp();
  const first = renew(ref);
  answers[0]?.reject(new Error("closed"));
  await expect(first).rejects.toThrow("closed");
  clock.advance(29_999);
  await expect(renew(ref)).rejects.toThrow("closed");
  expect(asked).toEqual(["a"]);
  clock.advance(1);
  void renew(ref);
  clock.advance(-5_000);
  void renew(ref);
  expect(asked).toEqual(["a", "a", "a"]);
});

test("whoever goes away ends the waiting, and not what others wait for", async () => {
  const { answers, renew } = setUp();
  const leaving = new AbortController();
  const [gone, stays] = [renew(ref, leaving.signal), renew(ref)];
  leaving.abort(new Error("the client left"));
  await expect(gone).rejects.toThrow("the client left");
  answers[0]?.resolve();
  await expect(stays).resolves.toBeUndefined();
});

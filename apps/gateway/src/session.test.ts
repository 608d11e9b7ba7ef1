import { expect, test } from "vitest";
import { sessionOf } from "./session.ts";

const owner = { client: "#00000001", agentId: "main" };
const keyed = (key: string) => ({ "x-openclaw-session-key": key });

test("a session is a client, an agent and a key", () => {
  const session = sessionOf(keyed("one"), owner);
  expect(sessionOf(keyed("one"), owner)).toBe(session);
  const others = [
    sessionOf(keyed("two"), owner),
    sessionOf(keyed("one"), { ...owner, client: "#00000002" }),
    sessionOf(keyed("one"), { ...owner, agentId: "ops" }),
    sessionOf(keyed('main","one'), { ...owner, agentId: "" }),
  ];
  expect(new Set([session, ...others]).size).toBe(5);
});

test("without a key there is none", () => {
  expect([sessionOf({}, owner), sessionOf(keyed(""), owner)]).toEqual([undefined, undefined]);
});

test("what is kept is short and says nothing of the key", () => {
  const session = sessionOf(keyed("someone@example.com".repeat(500)), owner);
  expect(session).toMatch(/^[\w-]{43}$/u);
});

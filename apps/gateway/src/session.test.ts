import { expect, test } from "vitest";
import { sessionOf, type SessionSource } from "./session.ts";

const owner = { client: "#00000001", agentId: "main" };
const nothing = { headers: {}, dialect: "openai-completions", body: Buffer.from("") } as const;
const keyed = (key: string): SessionSource => ({ ...nothing, headers: { "x-openclaw-session-key": key } });

/** With one member of its body. */
function saying(name: "user" | "metadata", value: unknown, dialect: SessionSource["dialect"] = "openai-completions"): SessionSource {
  const body = Buffer.from(JSON.stringify(value));
  return { headers: {}, dialect, body, [name]: { start: 0, end: body.length } };
}

test("a session is a client, an agent and a key", () => {
  const session = sessionOf(keyed("one"), owner);
  expect(sessionOf(keyed("one"), owner)).toBe(session);
  const others = [
    sessionOf(keyed("two"), owner),
    sessionOf(keyed("one"), { ...owner, client: "#00000002" }),
    sessionOf(keyed("one"), { ...owner, agentId: "ops" }),
    sessionOf(keyed('main","one'), { ...owner, agentId: "" }),
    sessionOf(saying("user", "one"), owner),
  ];
  expect(new Set([session, ...others]).size).toBe(6);
});

test("without a key there is none", () => {
  expect([sessionOf(nothing, owner), sessionOf(keyed(""), owner)]).toEqual([undefined, undefined]);
});

test("what is kept is short and says nothing of the key", () => {
  const session = sessionOf(keyed("someone@example.com".repeat(500)), owner);
  expect(session).toMatch(/^[\w-]{43}$/u);
});

test.each(["openai-completions", "openai-responses"] as const)("the user of a request names it in %s, unless a header does", (dialect) => {
  const session = sessionOf(saying("user", "a user", dialect), owner);
  expect(session).toMatch(/^[\w-]{43}$/u);
  expect(sessionOf({ ...saying("user", "another", dialect), headers: keyed("one").headers }, owner)).toBe(sessionOf(keyed("one"), owner));
  for (const value of [7, "", null, "x".repeat(5000)]) expect(sessionOf(saying("user", value, dialect), owner)).toBeUndefined();
});

test("a user of Anthropic's names none, a session of Claude Code in its place does", () => {
  const of = (userId: unknown) => sessionOf(saying("metadata", { user_id: userId }, "anthropic-messages"), owner);
  const id = "0f9a5c1e-8f4a-4d6e-9a39-6c7f1f0f2a11";
  const session = of(`user_abc_account_def_session_${id}`);
  expect(session).toMatch(/^[\w-]{43}$/u);
  expect(of(JSON.stringify({ device_id: "abc", account_uuid: "def", session_id: id }))).toBe(session);
  expect(of(`user_other_account__session_${id}`)).toBe(session);
  expect(of("user_abc_account_def_session_1f9a5c1e-8f4a-4d6e-9a39-6c7f1f0f2a11")).not.toBe(session);
  for (const value of ["someone", 7, "{}", "{", undefined]) expect(of(value)).toBeUndefined();
  expect(sessionOf(saying("user", "a user", "anthropic-messages"), owner)).toBeUndefined();
  expect(sessionOf(saying("metadata", { user_id: `x_session_${id}` }, "openai-completions"), owner)).toBeUndefined();
});

import { expect, test } from "vitest";
import { sessionOf, type SessionBody } from "./session.ts";

const owner = { client: "#00000001", agentId: "main" };
const keyed = (key: string) => ({ "x-openclaw-session-key": key });

/** A body that says one thing of its session. */
function saying(name: "user" | "metadata", value: unknown, dialect: SessionBody["dialect"] = "openai-completions"): SessionBody {
  const body = Buffer.from(JSON.stringify(value));
  return { dialect, body, [name]: { start: 0, end: body.length } };
}

test("a session is a client, an agent and a key", () => {
  const session = sessionOf(keyed("one"), owner);
  expect(sessionOf(keyed("one"), owner)).toBe(session);
  const others = [
    sessionOf(keyed("two"), owner),
    sessionOf(keyed("one"), { ...owner, client: "#00000002" }),
    sessionOf(keyed("one"), { ...owner, agentId: "ops" }),
    sessionOf(keyed('main","one'), { ...owner, agentId: "" }),
    sessionOf({}, owner, saying("user", "one")),
  ];
  expect(new Set([session, ...others]).size).toBe(6);
});

test("without a key there is none", () => {
  expect([sessionOf({}, owner), sessionOf(keyed(""), owner)]).toEqual([undefined, undefined]);
});

test("what is kept is short and says nothing of the key", () => {
  const session = sessionOf(keyed("someone@example.com".repeat(500)), owner);
  expect(session).toMatch(/^[\w-]{43}$/u);
});

test.each(["openai-completions", "openai-responses"] as const)("the user of a request names it in %s, unless a header does", (dialect) => {
  const session = sessionOf({}, owner, saying("user", "a user", dialect));
  expect(session).toMatch(/^[\w-]{43}$/u);
  expect(sessionOf(keyed("one"), owner, saying("user", "another", dialect))).toBe(sessionOf(keyed("one"), owner));
  for (const value of [7, "", null, "x".repeat(5000)]) expect(sessionOf({}, owner, saying("user", value, dialect))).toBeUndefined();
});

test("a user of Anthropic's names none, a session of Claude Code in its place does", () => {
  const of = (userId: unknown) => sessionOf({}, owner, saying("metadata", { user_id: userId }, "anthropic-messages"));
  const id = "0f9a5c1e-8f4a-4d6e-9a39-6c7f1f0f2a11";
  const session = of(`user_abc_account_def_session_${id}`);
  expect(session).toMatch(/^[\w-]{43}$/u);
  expect(of(JSON.stringify({ device_id: "abc", account_uuid: "def", session_id: id }))).toBe(session);
  expect(of(`user_other_account__session_${id}`)).toBe(session);
  expect(of("user_abc_account_def_session_1f9a5c1e-8f4a-4d6e-9a39-6c7f1f0f2a11")).not.toBe(session);
  for (const value of ["someone", 7, "{}", "{", undefined]) expect(of(value)).toBeUndefined();
  expect(sessionOf({}, owner, saying("user", "a user", "anthropic-messages"))).toBeUndefined();
  expect(sessionOf({}, owner, saying("metadata", { user_id: `x_session_${id}` }, "openai-completions"))).toBeUndefined();
});

import { Secret } from "@openclaw/secrets";
import { manualClock } from "@openclaw/testkit";
import { expect, test } from "vitest";
import { withUserinfo } from "./userinfo.ts";

const tokens = { access: Secret.of("test-access-one"), accountId: "account-one" };
const endpoints = { userinfoUrl: "https://id.test/userinfo" };

function answering(answer: () => Response | Promise<Response>) {
  const seen: { readonly url: string; readonly init: RequestInit | undefined }[] = [];
  const fetch = async (input: string | URL | Request, init?: RequestInit) => {
    seen.push({ url: String(input), init });
    return answer();
  };
  return { seen, options: { fetch, clock: manualClock() } };
}

test("T3: adds the e-mail address that the tokens do not tell, and follows no redirect with the token", async () => {
  const { seen, options } = answering(() => Response.json({ email: "anna@example.test", sub: "1" }));
  expect(await withUserinfo(tokens, endpoints, options)).toEqual({ ...tokens, email: "anna@example.test" });
  expect(seen).toMatchObject([
    { url: "https://id.test/userinfo", init: { redirect: "manual", headers: { authorization: "Bearer test-access-one" } } },
  ]);
});

test("asks nobody where the tokens tell it, or there is nobody to ask", async () => {
  const { seen, options } = answering(() => Response.json({ email: "bob@example.test" }));
  const named = { ...tokens, email: "anna@example.test" };
  expect(await withUserinfo(named, endpoints, options)).toBe(named);
  expect(await withUserinfo(tokens, {}, options)).toBe(tokens);
  expect(seen).toEqual([]);
});

test.each<[string, () => Response | Promise<Response>]>([
  ["a failure", () => Response.json({ email: "anna@example.test" }, { status: 500 })],
  ["a redirect", () => new Response(null, { status: 302, headers: { location: "https://elsewhere.test/" } })],
  ["no JSON", () => new Response("anna@example.test")],
  ["no address", () => Response.json({ email: "anna" })],
  ["an address of two lines", () => Response.json({ email: "anna@example.test\n\u001B[2J" })],
  ["no connection", () => Promise.reject(new TypeError("fetch failed"))],
])("a login is no worse for %s", async (_name, answer) => {
  expect(await withUserinfo(tokens, endpoints, answering(answer).options)).toBe(tokens);
});

test("Ctrl-C ends it", async () => {
  const stop = AbortSignal.abort(new Error("stop"));
  const { options } = answering(() => Response.json({}));
  await expect(withUserinfo(tokens, endpoints, { ...options, signal: stop })).rejects.toThrow("stop");
});

import { createServer } from "node:net";
import { manualClock, startFakeIdp } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import { Interrupted, type Prompt } from "../prompt.ts";
import { logInWithBrowser } from "./browser-login.ts";

/** A person who is asked and, unless `answer` says something, is silent until the question is taken back. */
function person(answer?: (url: URL) => Promise<string>) {
  const said: string[] = [];
  const asked = Promise.withResolvers<void>();
  let isOpen = false;
  const address = () => new URL(/^http\S+$/mu.exec(said.join("\n"))?.[0] ?? "");
  const ask = (signal: AbortSignal): Promise<Prompt> => {
    const unasked = () => Promise.reject(new Error("not asked"));
    return Promise.resolve({
      say: (text) => void said.push(text),
      select: unasked,
      selectMany: unasked,
      text: unasked,
      confirm: unasked,
      async secret({ read }) {
        isOpen = true;
        asked.resolve();
        try {
          if (answer) {
            const result = read(await answer(address()));
            if (typeof result !== "string") return result.value;
          }
          return await new Promise<never>((_resolve, reject) => {
            if (signal.aborted) reject(new Interrupted());
            signal.addEventListener("abort", () => reject(new Interrupted()), { once: true });
          });
        } finally {
          isOpen = false;
        }
      },
    });
  };
  return { ask, said, say: (text: string) => void said.push(text), address, asked: asked.promise, isOpen: () => isOpen };
}

async function sceneWith(redirectPort?: number) {
  const idp = await startFakeIdp();
  onTestFinished(() => idp.close());
  const { authorizationUrl, tokenUrl, clientId } = idp;
  const endpoints = { provider: "acme", authorizationUrl, tokenUrl, clientId, ...(redirectPort !== undefined && { redirectPort }) };
  return { idp, endpoints };
}

async function takenPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  const address = server.address();
  return address !== null && typeof address === "object" ? address.port : 0;
}

const never = new AbortController().signal;

test("35: the browser comes back, and the question is taken away", async () => {
  const { idp, endpoints } = await sceneWith();
  const { ask, say, address, asked, isOpen } = person();
  const login = logInWithBrowser(endpoints, { ask, say, signal: never });
  await asked;
  const callback = await idp.authorize(address());
  // Any page may ask for that address: only the answer to this login ends it.
  const foreign = new URL(callback);
  foreign.searchParams.set("state", "of-another-login");
  expect((await fetch(foreign)).status).toBe(400);
  expect((await fetch(callback)).status).toBe(200);
  expect(await login).toMatchObject({ email: "account-one@example.test" });
  expect(isOpen()).toBe(false);
  await expect(fetch(callback)).rejects.toThrow();
});

test("35: a pasted address ends the listener", async () => {
  const { idp, endpoints } = await sceneWith();
  const { ask, say, address } = person(async (url) => (await idp.authorize(url)).href);
  await logInWithBrowser(endpoints, { ask, say, signal: never });
  await expect(fetch(address().searchParams.get("redirect_uri") ?? "")).rejects.toThrow();
});

test.each([
  ["while it listens", async () => undefined, "The browser did not come back within 5 minutes"],
  ["where the port is taken", takenPort, "acme: nothing was pasted within 5 minutes"],
])("35: five minutes %s, then it is over", async (_name, portOf, message) => {
  const { idp, endpoints } = await sceneWith(await portOf());
  const clock = manualClock();
  const { ask, say, asked, isOpen } = person();
  const login = logInWithBrowser(endpoints, { ask, say, clock, signal: never });
  const outcome = login.catch((error: unknown) => error);
  await asked;
  clock.advance(5 * 60_000);
  expect(await outcome).toMatchObject({ code: "login-timeout", message, hint: expect.stringContaining("begin again") });
  expect([isOpen(), idp.tokenRequests()]).toEqual([false, 0]);
});

test("a signal ends it, and nothing is left open", async () => {
  const { endpoints } = await sceneWith();
  const stop = new AbortController();
  const { ask, say, address, asked, isOpen } = person();
  const login = logInWithBrowser(endpoints, { ask, say, signal: stop.signal });
  const outcome = login.catch((error: unknown) => error);
  await asked;
  stop.abort();
  expect(await outcome).toBeInstanceOf(Error);
  expect(isOpen()).toBe(false);
  await expect(fetch(address().searchParams.get("redirect_uri") ?? "")).rejects.toThrow();
});

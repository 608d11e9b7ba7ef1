import { describe, expect, test } from "vitest";
import { parseConfig } from "./config.ts";
import { configSurfaces } from "./config-surfaces.ts";
import { findSurfaceKind, surfaceKinds } from "./surface-table.ts";

test("no kind is listed twice", () => {
  const ids = surfaceKinds.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

describe("the kind of a place", () => {
  test.each([
    [["models", "providers", "openai", "apiKey"], "models.providers.*.apiKey"],
    [["models", "providers", "a.b", "headers", "X-Key"], "models.providers.*.headers.*"],
    [["agents", "list", "0", "memorySearch", "remote", "apiKey"], "agents.list[].memorySearch.remote.apiKey"],
    [["channels", "slack", "accounts", "me@x", "botToken"], "channels.slack.accounts.*.botToken"],
    [["gateway", "auth", "token"], "gateway.auth.token"],
    [["gateway", "clients", "ci", "token"], "gateway.clients.*.token"],
  ])("%j is %s", (segments, id) => {
    expect(findSurfaceKind(segments)?.id).toBe(id);
  });

  test.each([
    [["models", "providers", "openai", "baseUrl"]],
    [["models", "providers", "openai"]],
    [["models", "providers", "", "apiKey"]],
    [["models", "providers", "openai", "apiKey", "id"]],
    [["agents", "list", "first", "memorySearch", "remote", "apiKey"]],
    [["agents", "list", "01", "memorySearch", "remote", "apiKey"]],
    [[]],
  ])("%j is none", (segments) => {
    expect(findSurfaceKind(segments)).toBeUndefined();
  });
});

describe("the places of a configuration", () => {
  const found = (config: unknown) =>
    configSurfaces(parseConfig(JSON.stringify(config), "openclaw.json")).map(({ path, value, refBeside }) => [path, value, refBeside]);

  test("are found below any key and in lists, with the reference beside them", () => {
    const ref = { source: "env", provider: "default", id: "A" };
    expect(
      found({
        models: { providers: { "a.b": { apiKey: "test-key-one" }, none: {}, empty: { apiKey: "" }, nothing: { apiKey: null } } },
        agents: { list: [{ id: "x" }, { id: "y", memorySearch: { remote: { apiKey: ref } } }] },
        channels: { googlechat: { serviceAccountRef: ref, accounts: { me: { serviceAccount: { type: "x" }, serviceAccountRef: ref } } } },
      }),
    ).toEqual([
      ["models.providers.a.b.apiKey", "test-key-one", undefined],
      ["agents.list.1.memorySearch.remote.apiKey", ref, undefined],
      ["channels.googlechat.serviceAccount", undefined, ref],
      ["channels.googlechat.accounts.me.serviceAccount", { type: "x" }, ref],
    ]);
  });

  test("S6: are own properties only", () => {
    expect(found({ channels: { slack: { accounts: ["botToken"] } }, gateway: { auth: {} } })).toEqual([]);
    expect(found({})).toEqual([]);
  });
});

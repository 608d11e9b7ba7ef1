import { expect, test } from "vitest";
import { renderOrder, renderPasted, renderProfileList, renderRemoval } from "./models-auth.ts";

const order = { agentId: "main", agentDir: "/h/main", provider: "anthropic", authStorePath: "~/main/auth-profiles.json" };

test.each([
  [["a", "b"], "Order override: a, b"],
  [null, "Order override: (none)"],
  [[], "Order override: (empty: no account of this provider is used)"],
])("shows the order %j", (ids, last) => {
  expect(renderOrder({ ...order, order: ids })).toBe(`Agent: main\nProvider: anthropic\nAuth file: ~/main/auth-profiles.json\n${last}`);
});

const listed = {
  profileId: "openai:a",
  provider: "openai",
  type: "api_key",
  status: "static",
  access: "static",
  refresh: "none",
  isRefreshable: false,
} as const;

test("28: lists accounts by provider, and says whose they are where it is another agent", () => {
  const list = {
    agentId: "work",
    agentDir: "/h/work",
    authStorePath: "~/work/auth-profiles.json",
    profiles: [
      { ...listed, agentId: "work", label: "openai:a=#1a2b3c4d" },
      {
        ...listed,
        agentId: "main",
        label: "openai:longer=#1a2b3c4d",
        type: "token" as const,
        status: "ok" as const,
        access: "ok" as const,
        remainingMs: 3_600_000,
      },
    ],
    dropped: [{ id: "bad", reason: "invalid_type" }],
  };
  expect(renderProfileList(list).split("\n")).toEqual([
    "Agent: work",
    "Auth file: ~/work/auth-profiles.json",
    "openai",
    "  openai:a=#1a2b3c4d       api_key static",
    "  openai:longer=#1a2b3c4d  token ok (1h left), of agent main",
    "Not an account: bad (invalid_type)",
  ]);
  expect(renderProfileList({ ...list, profiles: [], dropped: [] })).toContain("No accounts.");
});

test("32: says what is removed, what would be, and what stays", () => {
  const removal = { agentId: "main", agentDir: "/h", profileId: "a", store: ["profiles.a"], config: ["auth.profiles.a"], alsoStoredBy: [] };
  expect(renderRemoval(removal, "done")).toBe("Removed a from agent main:\n  profiles.a\n  openclaw.json: auth.profiles.a");
  expect(renderRemoval(removal, "dry-run")).toContain("nothing was changed");
  expect(renderRemoval({ ...removal, alsoStoredBy: ["work"] }, "planned")).toContain("Agent work stores an account of the same id");
});

test("nothing a file names moves the cursor", () => {
  const evil = "a\u001B]52;c;AAAA\u0007\u202Eb";
  const pasted = { configPath: evil, agentId: evil, profileId: evil, provider: evil, shown: "#1a2b3c4d", length: 108, expiresAt: 0 };
  expect(renderPasted(pasted)).not.toMatch(/[\u001B\u0007\u202E]/u);
  expect(renderPasted(pasted)).toContain("Token: #1a2b3c4d, 108 characters\nExpires: 1970-01-01T00:00:00.000Z");
  expect(renderOrder({ ...order, agentId: evil, order: [evil] })).not.toMatch(/[\u001B\u0007\u202E]/u);
});

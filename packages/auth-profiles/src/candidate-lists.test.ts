import type { Candidate } from "@openclaw/secrets";
import { expect, test } from "vitest";
import { createCandidateLists, type CandidateUse } from "./candidate-lists.ts";
import { billingOfType } from "./candidate.ts";

const hosts = ["https://api.example.com"];
const use: CandidateUse = { provider: "p", hosts, billing: billingOfType };

function setUp() {
  const made: string[] = [];
  const listOf = createCandidateLists((id, asked) => {
    made.push(id);
    const { provider, hosts: allowed } = asked;
    return Object.freeze({
      id,
      provider,
      hosts: allowed,
      origin: id,
      billing: "metered",
      via: "profile",
      resolve: () => {
        throw new Error("not asked for");
      },
    } satisfies Candidate);
  });
  return { made, listOf };
}

test("the same ids have the very same list, and one that cannot be changed", () => {
  const { made, listOf } = setUp();
  const ids = ["p:a", "p:b"];
  const list = listOf(ids, use);
  expect(listOf(ids, { ...use, hosts: [...hosts] })).toBe(list);
  expect(made).toEqual(ids);
  expect(list.map(({ id }) => id)).toEqual(ids);
  expect(Object.isFrozen(list)).toBe(true);
});

test("in another order the candidates are those that were made", () => {
  const { made, listOf } = setUp();
  const [first, second] = listOf(["p:a", "p:b"], use);
  expect(listOf(["p:b", "p:c", "p:a"], use)).toEqual([second, expect.objectContaining({ id: "p:c" }), first]);
  expect(made).toEqual(["p:a", "p:b", "p:c"]);
});

test.each([
  ["other hosts", { ...use, hosts: ["https://other.example.com"] }],
  ["one host more", { ...use, hosts: [...hosts, "https://other.example.com"] }],
  ["another billing", { ...use, billing: () => "local" as const }],
  ["another provider", { ...use, provider: "q" }],
])("with %s they are made anew", (_name, other) => {
  const { made, listOf } = setUp();
  const ids = ["p:a"];
  listOf(ids, use);
  expect(listOf(ids, other)[0]?.hosts).toEqual(other.hosts);
  expect(made).toEqual(["p:a", "p:a"]);
});

test("uses by turns keep their lists: a plan of a provider is asked for beside the provider itself", () => {
  const { made, listOf } = setUp();
  const ids = ["p:a"];
  const other = { ...use, hosts: ["https://other.example.com"] };
  const [first, second] = [listOf(ids, use), listOf(ids, other)];
  expect([listOf(ids, use), listOf(ids, other)]).toEqual([first, second]);
  expect([listOf(ids, use) === first, listOf(ids, other) === second]).toEqual([true, true]);
  expect(made).toEqual(["p:a", "p:a"]);
});

test("of a caller whose use is another each time only the latest are kept", () => {
  const { made, listOf } = setUp();
  const ids = ["p:a"];
  const listAt = (at: number) => listOf(ids, { ...use, hosts: [`https://host-${at}.example.com`] });
  const lists = Array.from({ length: 9 }, (_, at) => listAt(at));
  expect(listAt(8)).toBe(lists[8]);
  expect(listAt(0)).not.toBe(lists[0]);
  expect(made).toHaveLength(10);
});

test("a caller's list of hosts that grows later is not where kept candidates may go", () => {
  const { listOf } = setUp();
  const ids = ["p:a"];
  const growing = [...hosts];
  const [before] = listOf(ids, { ...use, hosts: growing });
  growing.push("https://other.example.com");
  expect(before?.hosts).toEqual(hosts);
  expect(listOf(ids, { ...use, hosts: growing })[0]?.hosts).toEqual(growing);
});

test("requests for providers without candidates leave nothing behind", () => {
  const { made, listOf } = setUp();
  const lists = Array.from({ length: 9 }, (_, at) => listOf([], { ...use, provider: `made-up-${at}` }));
  expect(new Set(lists).size).toBe(1);
  expect(made).toEqual([]);
});

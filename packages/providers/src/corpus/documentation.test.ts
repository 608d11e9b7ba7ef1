import { expect, test } from "vitest";
import { classifyFailure, findProvider } from "../index.ts";
import { runCorpus } from "./index.ts";

test("the example of the documentation", () => {
  const report = runCorpus(
    ({ provider, status, headers, body, error, now }) =>
      classifyFailure(
        {
          ...(status !== undefined && { status }),
          ...(error === undefined ? { header: (name) => headers[name] } : { error }),
          ...(body !== undefined && { errorText: body }),
        },
        findProvider(provider),
        now,
      ),
    { knows: ["scope", "window", "retryAt", "providerCode"] },
  );
  expect(report.differences).toEqual([]);
  expect(report.falseAlarms).toEqual([]);
});

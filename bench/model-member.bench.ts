import { test } from "vitest";
import { findModel, replaceModel } from "../apps/gateway/src/model-member.ts";

/** A chat request of about 32 kB with the model at its end, where it costs most to find. */
const body = Buffer.from(
  JSON.stringify({
    messages: Array.from({ length: 64 }, (_, index) => ({
      role: "user",
      content: `Message ${index} says "hello" to everybody. `.repeat(11),
    })),
    model: "openai/some-model",
  }),
);

test("replacing the model name in 32 kB, beside reading the bytes once and beside parsing them", async ({ bench }) => {
  const find = findModel;
  const replace = replaceModel;
  await bench.compare(
    bench("floor: one Buffer.indexOf pass", () => void body.indexOf("no such text in there")),
    bench("findModel and replaceModel", () => void replace(body, [find(body)], "some-model")),
    bench("JSON.parse and JSON.stringify", () => void Buffer.from(JSON.stringify({ ...JSON.parse(body.toString()), model: "some-model" }))),
    { time: 200, warmupTime: 50 },
  );
});

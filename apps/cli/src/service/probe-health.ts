import { request } from "node:http";

/** What answers at the gateway's address. */
export type HealthAnswer = "ok" | "silent" | "other";

const TIMEOUT_MS = 2_000;
const MAX_BYTES = 1024;

/** Asks `/healthz` on this machine, without a token. `other`: something listens there that is no gateway. */
export function probeHealth(port: number, timeoutMs: number = TIMEOUT_MS): Promise<HealthAnswer> {
  return new Promise((resolve) => {
    const asked = request({
      host: "127.0.0.1",
      port,
      path: "/healthz",
      agent: false,
      timeout: timeoutMs,
      headers: { connection: "close" },
    });
    const settle = (answer: HealthAnswer) => {
      asked.destroy();
      resolve(answer);
    };
    asked.once("timeout", () => settle("other"));
    asked.on("error", (error) => settle("code" in error && error.code === "ECONNREFUSED" ? "silent" : "other"));
    asked.once("response", (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
        if (text.length > MAX_BYTES) settle("other");
      });
      response.once("end", () => settle(response.statusCode === 200 && text.includes('"status":"ok"') ? "ok" : "other"));
      response.once("error", () => settle("other"));
    });
    asked.end();
  });
}

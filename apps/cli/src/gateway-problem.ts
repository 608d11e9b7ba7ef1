import { CliError } from "./exit.ts";
import type { FoundGateway } from "./find-gateway.ts";
import type { GatewayReply } from "./gateway-client.ts";

/** A reply that is no answer. */
export type GatewayProblem = Exclude<GatewayReply, { readonly kind: "answered" }>;

/** Why a gateway gave no answer, in one line without a full stop. */
export function gatewayProblem(problem: GatewayProblem, { url, tokenOrigin }: Pick<FoundGateway, "url" | "tokenOrigin">): string {
  const at = addressOf(url);
  switch (problem.kind) {
    case "absent":
      return `The gateway is not running at ${at} (${problem.reason})`;
    case "refused":
      return `The gateway at ${at} did not take the token (${tokenOrigin})`;
    case "timed-out":
      return `The gateway at ${at} did not answer within ${problem.timeoutMs} ms`;
    case "odd":
      return `What listens at ${at} did not answer as a gateway: ${problem.reason}`;
  }
}

/** The same as an error, with what to type. */
export function gatewayError(problem: GatewayProblem, found: Pick<FoundGateway, "url" | "tokenOrigin">): CliError {
  return new CliError(gatewayProblem(problem, found), hints[problem.kind]);
}

const hints: Readonly<Record<GatewayProblem["kind"], string>> = {
  absent: "start it: openclaw gateway; where it listens on another address: --url",
  refused: "it may have been started with --token-file: give the same here; openclaw gateway token prints what is tried without",
  "timed-out": "it may still be at work: ask again, or give it more time with --timeout",
  odd: "another program may have the port: name the gateway's address with --url",
};

function addressOf(url: URL): string {
  return url.href.replace(/\/$/u, "");
}

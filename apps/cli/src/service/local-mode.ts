import type { Config } from "@openclaw/home";
import { CliError } from "../exit.ts";

/**
 * The guard against a gateway on a machine that was configured to use another one.
 *
 * @throws {CliError} unless `gateway.mode` is `"local"`.
 */
export function requireLocalMode({ gateway }: Pick<Config, "gateway">, shownPath: string, what: string, otherFix = ""): void {
  if (gateway?.mode === "local") return;
  const is = gateway?.mode === undefined ? "is not set" : `is "${gateway.mode}"`;
  throw new CliError(
    `${what}: gateway.mode ${is} in ${shownPath}, and must be "local"`,
    `set it there, as in { gateway: { mode: "local" } }${otherFix}`,
  );
}

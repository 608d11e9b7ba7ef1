import type { Config } from "@openclaw/home";
import { DEFAULT_GATEWAY_PORT } from "../gateway-address.ts";
import type { ServiceSettings } from "./service-definition.ts";

/** The port a gateway with these settings listens on; `undefined` where it is another at each start. */
export function servicePort({ port }: ServiceSettings, { gateway }: Pick<Config, "gateway">): number | undefined {
  const chosen = port ?? gateway?.port ?? DEFAULT_GATEWAY_PORT;
  return chosen === 0 ? undefined : chosen;
}

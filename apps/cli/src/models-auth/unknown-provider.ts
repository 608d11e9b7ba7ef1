import { type HomeSnapshot, nearest } from "@openclaw/home";
import { providerSpecs } from "@openclaw/providers";

/** That nobody knows a provider of that name, with those whose names are like it; `undefined` where it is known. */
export function unknownProvider({ providers, config }: Pick<HomeSnapshot, "providers" | "config">, name: string): string | undefined {
  if (providers.find(name) !== undefined) return undefined;
  const near = nearest(name.trim(), [...providerSpecs.map(({ id }) => id), ...Object.keys(config.models?.providers ?? {})]);
  return `no provider is called ${JSON.stringify(name)}${near.length > 0 ? `; there is ${near.join(", ")}` : ""}`;
}

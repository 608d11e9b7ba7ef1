import type { Arrival } from "./canary-provider.ts";
import type { Finding, Observation } from "./evidence.ts";
import type { PlantedProvider } from "./scratch-home.ts";

/** Whether every key came to its own provider, and to no other. */
export function judgeArrivals(arrivals: readonly Arrival[], providers: readonly PlantedProvider[]): Observation {
  const id = "keys reach their own provider only";
  const isPlanned = ({ provider, label }: Arrival) => providers.some((known) => known.id === provider && known.labels.includes(label));
  const strays = new Map(arrivals.filter((arrival) => !isPlanned(arrival)).map((stray) => [`${stray.provider} ${stray.label}`, stray]));
  const findings = [...strays.values()].map(({ provider, label }): Finding => ({
    place: `request to ${provider}`,
    canary: label,
    form: "plain",
    isPiece: false,
  }));
  const missing = providers.flatMap(({ id, labels }) =>
    labels.filter((label) => !arrivals.some((arrival) => arrival.provider === id && arrival.label === label)),
  );
  return { id, findings, ...(missing.length > 0 && { status: "failed", reason: `not sent: ${missing.join(", ")}` }) };
}

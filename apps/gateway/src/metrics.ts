import { Registry } from "prom-client";
import type { GatewayEvent } from "./context.ts";
import type { EventLoop } from "./event-loop.ts";
import { addProcessMetrics } from "./metrics-process.ts";
import { addStateMetrics, type StateMetricsOptions } from "./metrics-state.ts";
import { addTrafficMetrics } from "./metrics-traffic.ts";

/** What Prometheus is told of a gateway. Holds no secret, and no name of an account. */
export interface Metrics {
  readonly contentType: string;
  /** A request came; the event that it is over ends it. */
  begin(): void;
  observe(event: GatewayEvent): void;
  text(): Promise<string>;
}

/** What metrics are made of. */
export interface MetricsOptions extends Omit<StateMetricsOptions, "registry"> {
  readonly eventLoop: EventLoop;
  /** Of the program. */
  readonly version: string;
}

/** Metrics of one gateway, in a registry of their own: several gateways of a process do not meet. */
export function createMetrics({ eventLoop, version, ...state }: MetricsOptions): Metrics {
  const registry = new Registry();
  const traffic = addTrafficMetrics(registry, state.home);
  const observeState = addStateMetrics({ registry, ...state });
  addProcessMetrics(registry, { eventLoop, version });
  return {
    contentType: registry.contentType,
    begin: () => traffic.begin(),
    observe(event) {
      traffic.observe(event);
      observeState(event);
    },
    text: () => registry.metrics(),
  };
}

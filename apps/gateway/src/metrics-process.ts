import { readdir } from "node:fs/promises";
import { Counter, Gauge, type Registry } from "prom-client";
import type { EventLoop } from "./event-loop.ts";

const STARTED_AT = Math.floor(performance.timeOrigin / 1000);

interface ProcessMetricsOptions {
  readonly eventLoop: EventLoop;
  readonly version: string;
}

/**
 * What is known of any process, under the names that dashboards look for. prom-client's own collectors of these begin
 * timers and observers that nothing ends.
 */
export function addProcessMetrics(registry: Registry, { eventLoop, version }: ProcessMetricsOptions): void {
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number | Promise<number>) =>
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        this.set(await read());
      },
    });
  gauge("process_start_time_seconds", "When the process began, in seconds since 1970.", () => STARTED_AT);
  gauge("process_resident_memory_bytes", "Memory the process holds.", () => process.memoryUsage.rss());
  gauge("process_open_fds", "Open files and connections; -1 where that cannot be told.", countOpenFiles);
  gauge("nodejs_heap_size_used_bytes", "Memory its objects take.", () => process.memoryUsage().heapUsed);
  gauge("nodejs_external_memory_bytes", "Memory of buffers beyond the heap.", () => process.memoryUsage().external);
  counter(registry, "process_cpu_seconds_total", "Time on a processor.", () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  counter(registry, "openclaw_event_loop_active_seconds_total", "Time in which the event loop was busy. Near 1 s per s it is full.", () =>
    eventLoop.activeSeconds(),
  );
  const build = new Gauge({ name: "openclaw_build_info", help: "What runs.", labelNames: ["version", "node"], registers });
  build.set({ version, node: process.versions.node }, 1);
  const delay = new Gauge({
    name: "openclaw_event_loop_delay_seconds",
    help: "How late the event loop was in the last half to whole minute.",
    labelNames: ["quantile"],
    registers,
    collect() {
      const { p50Ms, p99Ms, maxMs } = eventLoop.delay();
      delay.set({ quantile: "0.5" }, p50Ms / 1000);
      delay.set({ quantile: "0.99" }, p99Ms / 1000);
      delay.set({ quantile: "1" }, maxMs / 1000);
    },
  });
}

/** A counter that something else counts. */
function counter(registry: Registry, name: string, help: string, read: () => number): void {
  const shown = new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      shown.reset();
      shown.inc(read());
    },
  });
}

async function countOpenFiles(): Promise<number> {
  try {
    return (await readdir("/proc/self/fd")).length;
  } catch {
    return -1;
  }
}

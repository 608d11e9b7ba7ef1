import { EventEmitter } from "node:events";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { createServer } from "node:net";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Loaded before a program that is measured. Tells over a socket how that stands, and begins anew with what it counts. Once
 * `BENCH_READ_MS` is set, every read of a file takes so much longer from the first question on, and one that does not go on
 * meanwhile holds up everything.
 */

/** What a program says of itself. */
export interface ProbeReading {
  /** The longest that the event loop was held up since the last question, in milliseconds. */
  readonly delayMs: number;
  /** After a collection, in MiB. */
  readonly heapUsed: number;
  /** Of everything that is open. */
  readonly listeners: number;
  readonly handles: number;
}

const delays = monitorEventLoopDelay({ resolution: 5 });
delays.enable();

const readMs = Number(process.env["BENCH_READ_MS"] ?? 0);
let isSlow = false;

if (readMs > 0) {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const { readFileSync } = fs;
  const { readFile, open } = fs.promises;
  Object.assign(fs, {
    readFileSync: (...args: Parameters<typeof readFileSync>) => {
      if (isSlow) Atomics.wait(cell, 0, 0, readMs);
      return readFileSync(...args);
    },
  });
  const slowly =
    <A extends readonly unknown[], R>(read: (...args: A) => Promise<R>) =>
    async (...args: A) => {
      if (isSlow) await sleep(readMs);
      return read(...args);
    };
  Object.assign(fs.promises, { readFile: slowly(readFile), open: slowly(open) });
  syncBuiltinESMExports();
}

/** Node has no public name for what keeps it running. */
function openHandles(): readonly unknown[] {
  const list: unknown = Reflect.apply(Reflect.get(process, "_getActiveHandles"), process, []);
  return Array.isArray(list) ? list : [];
}

function listenersOf(emitter: unknown): number {
  if (!(emitter instanceof EventEmitter)) return 0;
  return emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);
}

const server = createServer((socket) => {
  isSlow = readMs > 0;
  globalThis.gc?.();
  const handles = openHandles();
  const reading: ProbeReading = {
    delayMs: delays.max / 1e6,
    heapUsed: process.memoryUsage().heapUsed / 2 ** 20,
    listeners: handles.reduce<number>((sum, each) => sum + listenersOf(each), listenersOf(process)),
    handles: handles.length,
  };
  delays.reset();
  socket.end(JSON.stringify(reading));
});
server.listen(process.env["BENCH_PROBE"]);
server.unref();

import { openConnection, type HttpConnection, type ReadAnswer } from "./http-connection.ts";
import type { LoadJob, LoadResult } from "./load-job.ts";

/** Sends the requests of one job after another, as the process that started this one says. */

const agentHeaders = [
  "accept: application/json",
  "accept-encoding: gzip, deflate",
  "connection: keep-alive",
  "content-type: application/json",
  "user-agent: OpenAI/Python 2.9.0",
  "x-stainless-lang: python",
  "x-stainless-package-version: 2.9.0",
  "x-stainless-os: Linux",
  "x-stainless-arch: x64",
  "x-stainless-runtime: CPython",
  "x-stainless-runtime-version: 3.13.1",
  "x-stainless-async: false",
  "x-stainless-retry-count: 0",
  "x-stainless-read-timeout: 600",
];

function requestBytes({ port, path, token, bodyBytes, isStream }: LoadJob, model: string): Buffer {
  const bodyWith = (content: string) => JSON.stringify({ model, messages: [{ role: "user", content }], ...(isStream && { stream: true }) });
  const words = Math.max(1, Math.ceil((bodyBytes - bodyWith("").length) / 5));
  const body = Buffer.from(bodyWith("word ".repeat(words)));
  const head = [
    `POST ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    `authorization: Bearer ${token}`,
    ...agentHeaders,
    `content-length: ${body.length}`,
  ];
  return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), body]);
}

async function run(job: LoadJob): Promise<LoadResult> {
  const requests = job.models.map((model) => requestBytes(job, model));
  const connections = Array.from({ length: job.connections }, () => openConnection(job.port));
  const latencies: number[] = [];
  const firstBytes: number[] = [];
  const startedAt = performance.now();
  let begun = 0;
  let failures = 0;
  let failedWith: number | undefined;
  let bytes = 0;
  let lastAt = startedAt;

  const mayBegin = () => performance.now() - startedAt < job.durationMs && begun < (job.most ?? Infinity);

  function send(connection: HttpConnection, dueAt: number, then: () => void): void {
    const request = requests[begun % requests.length];
    begun += 1;
    if (!request) throw new Error("no model is named");
    connection.send(request, (answer: ReadAnswer | undefined) => {
      lastAt = performance.now();
      if (answer?.status === 200) {
        latencies.push(lastAt - dueAt);
        firstBytes.push(answer.firstByteAt - dueAt);
        bytes += answer.bytes;
      } else {
        failures += 1;
        failedWith = answer?.status;
      }
      then();
    });
  }

  /** On every connection the next request as soon as the last one was answered. */
  function sendOneByOne(connection: HttpConnection): Promise<void> {
    return new Promise((resolve) => {
      const next = () => (mayBegin() ? send(connection, performance.now(), next) : resolve());
      next();
    });
  }

  /** Requests at their times. One that finds every connection busy waits for one, and that counts. */
  function sendInTime(perSecond: number): Promise<void> {
    const idle = [...connections];
    const waiting: number[] = [];
    let due = 0;
    return new Promise((resolve) => {
      const sendNext = () => {
        while (waiting.length > 0) {
          const connection = idle.pop();
          const dueAt = connection && waiting.shift();
          if (!connection || dueAt === undefined) return;
          send(connection, dueAt, () => {
            idle.push(connection);
            sendNext();
          });
        }
      };
      const timer = setInterval(() => {
        const now = performance.now();
        if (!mayBegin()) {
          if (waiting.length > 0 || idle.length < connections.length) return;
          clearInterval(timer);
          return resolve();
        }
        for (; due < ((now - startedAt) * perSecond) / 1000; due += 1) waiting.push(now);
        sendNext();
      }, 1);
    });
  }

  await (job.perSecond === undefined ? Promise.all(connections.map(sendOneByOne)) : sendInTime(job.perSecond));
  for (const connection of connections) connection.close();
  latencies.sort((left, right) => left - right);
  firstBytes.sort((left, right) => left - right);
  return {
    answers: latencies.length,
    failures,
    failedWith,
    durationMs: lastAt - startedAt,
    bytes,
    p50: at(latencies, 0.5),
    p99: at(latencies, 0.99),
    firstByteP50: at(firstBytes, 0.5),
  };
}

function at(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

process.on("message", (job: LoadJob) => {
  void run(job).then((result) => process.send?.(result));
});
process.on("disconnect", () => process.exit(0));
process.send?.({ isReady: true });

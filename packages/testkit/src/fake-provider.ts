import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { sendReply, type Reply } from "./fake-reply.ts";
import { openaiError } from "./sse.ts";

/** What each key is told. */
export interface FakeProviderScript {
  /**
   * By key. A single reply answers every request. A list answers one request each, in order; beyond
   * its end the last one answers if it has `repeat: true`, else the request gets a 501 and is listed
   * in `unexpected()`.
   */
  readonly replies?: Readonly<Record<string, Reply | readonly Reply[]>>;
  /** For every other key, and for requests without one. Unless given, they get an OpenAI-shaped 401. */
  readonly default?: Reply;
}

/** One request as it arrived. */
export interface Hit {
  /** The credential, or `""`. */
  readonly key: string;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Place in the order of arrival, from 0. */
  readonly at: number;
}

/** A model provider on 127.0.0.1 that answers as scripted, per key, and remembers who asked. */
export interface FakeProvider {
  /** Base URL without a slash at its end. Every path is answered. */
  readonly url: string;
  /** Equal to `url`, under the name credentials use for where they may be sent. */
  readonly origin: string;
  readonly hits: readonly Hit[];
  /** Keys in the order of the requests. */
  keysSeen(): readonly string[];
  /** Replaces what a key is told from now on. */
  setReplies(key: string, replies: Reply | readonly Reply[]): void;
  /** Scripted replies nobody asked for: `key`, or `key[1]` for the second of a list. Expect it to be empty. */
  unusedReplies(): readonly string[];
  /** Requests beyond the end of a key's list. Expect it to be empty. */
  unexpected(): readonly Hit[];
  /** Resolves with the `count`-th request (1 unless given) once its body was read. */
  waitForHit(count?: number): Promise<Hit>;
  /** Connections open now. */
  openConnections(): number;
  /** Connections ever accepted. */
  acceptedConnections(): number;
  /** Requests whose client went away before the answer was finished. */
  abortedRequests(): number;
  /** Resolves once `count` (1 unless given) requests were aborted by their client. */
  waitForAborted(count?: number): Promise<void>;
  /** Cuts every connection and stops. Whoever still waits is rejected. */
  close(): Promise<void>;
}

interface Queue {
  readonly isList: boolean;
  readonly replies: readonly Reply[];
  used: number;
}

/**
 * Starts a {@link FakeProvider}. The key is read from `Authorization: Bearer`, `x-api-key`,
 * `x-goog-api-key` or `api-key`.
 *
 * @example
 * const provider = await startFakeProvider({ replies: { first: { status: 429 }, second: { body: openaiCompletion("hi") } } });
 */
export async function startFakeProvider(script: FakeProviderScript = {}): Promise<FakeProvider> {
  const queues = new Map(Object.entries(script.replies ?? {}).map(([key, replies]) => [key, queueOf(replies)]));
  const hits: Hit[] = [];
  const unexpected: Hit[] = [];
  const hitCount = counter();
  const abortCount = counter();
  const closing = new AbortController();
  let accepted = 0;
  let open = 0;

  function replyTo(hit: Hit): Reply {
    const queue = queues.get(hit.key);
    if (!queue) return script.default ?? { status: 401, body: openaiError("Incorrect API key provided", undefined, "invalid_api_key") };
    const last = queue.replies.at(-1);
    const reply = queue.replies[queue.used] ?? (!queue.isList || last?.repeat ? last : undefined);
    queue.used += 1;
    if (reply) return reply;
    unexpected.push(hit);
    return {
      status: 501,
      body: openaiError(`no reply scripted for request ${queue.used} of this key`, "fake_provider", "script_exhausted"),
    };
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const key = keyOf(request.headers);
    const body = await readBody(request);
    const hit: Hit = { key, method: request.method ?? "", path: request.url ?? "", headers: request.headers, body, at: hits.length };
    hits.push(hit);
    const reply = replyTo(hit);
    const cutsItself = reply.beforeHeaders === "destroy" || reply.afterHeaders === "destroy";
    response.once("close", () => {
      if (!response.writableFinished && !cutsItself && !closing.signal.aborted) abortCount.add();
    });
    hitCount.add();
    await sendReply(response, reply, closing.signal);
  }

  const server = createServer((request, response) => {
    // Whatever breaks here is a client that went away or the server closing: the counters tell.
    answer(request, response).catch(() => {
      if (!request.complete && !closing.signal.aborted) abortCount.add();
      response.destroy();
    });
  });
  server.on("connection", (socket) => {
    accepted += 1;
    open += 1;
    socket.once("close", () => {
      open -= 1;
    });
  });
  const listening = Promise.withResolvers<void>();
  server.once("error", listening.reject);
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the fake provider has no port");
  const origin = `http://127.0.0.1:${address.port}`;

  return {
    url: origin,
    origin,
    hits,
    keysSeen: () => hits.map((hit) => hit.key),
    setReplies: (key, replies) => void queues.set(key, queueOf(replies)),
    unusedReplies: () =>
      [...queues].flatMap(([key, { isList, replies, used }]) =>
        isList ? replies.map((_, index) => `${key}[${index}]`).slice(used) : used === 0 ? [key] : [],
      ),
    unexpected: () => unexpected,
    async waitForHit(count = 1) {
      await hitCount.reached(count);
      const hit = hits[count - 1];
      if (!hit) throw new RangeError(`there is no request ${count}`);
      return hit;
    },
    openConnections: () => open,
    acceptedConnections: () => accepted,
    abortedRequests: () => abortCount.value(),
    waitForAborted: (count = 1) => abortCount.reached(count),
    async close() {
      const error = new Error("the fake provider was closed");
      closing.abort(error);
      hitCount.fail(error);
      abortCount.fail(error);
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

function queueOf(replies: Reply | readonly Reply[]): Queue {
  return isList(replies) ? { isList: true, replies, used: 0 } : { isList: false, replies: [replies], used: 0 };
}

function isList(replies: Reply | readonly Reply[]): replies is readonly Reply[] {
  return Array.isArray(replies);
}

function keyOf(headers: IncomingHttpHeaders): string {
  const bearer = /^bearer\s+(.*)$/i.exec(headers.authorization ?? "")?.[1];
  const others = ["x-api-key", "x-goog-api-key", "api-key"].map((name) => headers[name]);
  return bearer ?? others.find((value) => typeof value === "string") ?? "";
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** A number that only grows, and promises for when it gets there. */
function counter() {
  let value = 0;
  let waiting: readonly { readonly count: number; readonly done: PromiseWithResolvers<void> }[] = [];
  return {
    value: () => value,
    add() {
      value += 1;
      for (const { count, done } of waiting) if (count <= value) done.resolve();
      waiting = waiting.filter(({ count }) => count > value);
    },
    reached(count: number): Promise<void> {
      if (value >= count) return Promise.resolve();
      const done = Promise.withResolvers<void>();
      waiting = [...waiting, { count, done }];
      return done.promise;
    },
    fail(error: Error) {
      for (const { done } of waiting) done.reject(error);
      waiting = [];
    },
  };
}

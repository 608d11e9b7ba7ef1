import { createServer, type Socket } from "node:net";
import { jsonAnswer, largeAnswer, limitedAnswer, shortStream, streamHead, streamChunks, streamEnd } from "./answers.ts";
import { listenAndTell } from "./child-process.ts";

/**
 * A provider that costs next to nothing: it reads as much HTTP as undici writes, and answers bytes that were made before. What
 * it answers follows from the path; below `/limited` the key `test-key-limited` is refused while a limit is on.
 */

/** Time between two events of a stream: long enough for each to arrive alone. */
const PACE_MS = 2;

const END_OF_HEAD = Buffer.from("\r\n\r\n");
const NOTHING = Buffer.alloc(0);

interface RunningStream {
  readonly socket: Socket;
  next: number;
}

const streams = new Set<RunningStream>();
setInterval(() => {
  for (const stream of streams) {
    const chunk = streamChunks[stream.next];
    stream.next += 1;
    if (stream.socket.destroyed) streams.delete(stream);
    else if (chunk) stream.socket.write(chunk);
    else {
      streams.delete(stream);
      stream.socket.write(streamEnd);
    }
  }
}, PACE_MS);

/** How long the limited key is refused each time. 0: not at all. */
let windowMs = 0;
/** Since when it is refused. */
let limitedAt = 0;
/** How many answers were given, how many of them refusals, and how many of those to requests that came although a window was known. */
const counts = { answers: 0, refusals: 0, late: 0 };

/** What was on its way when the first refusal went out comes a little later. */
const ON_ITS_WAY_MS = 50;

function answerLimited(socket: Socket, head: string): void {
  counts.answers += 1;
  const now = performance.now();
  if (windowMs === 0 || !head.includes("test-key-limited")) return void socket.write(jsonAnswer);
  counts.refusals += 1;
  if (now - limitedAt > windowMs) limitedAt = now;
  else if (now - limitedAt > ON_ITS_WAY_MS && now - limitedAt < windowMs - ON_ITS_WAY_MS) counts.late += 1;
  socket.write(limitedAnswer(Math.ceil((windowMs - (now - limitedAt)) / 1000)));
}

function answer(socket: Socket, head: string): void {
  if (head.startsWith("POST /json")) socket.write(jsonAnswer);
  else if (head.startsWith("POST /large")) socket.write(largeAnswer);
  else if (head.startsWith("POST /limited")) answerLimited(socket, head);
  else if (head.startsWith("POST /first")) socket.write(shortStream);
  else if (head.startsWith("POST /stream")) {
    socket.write(streamHead);
    streams.add({ socket, next: 0 });
  } else socket.destroy(new Error(`unknown path: ${head.slice(0, 80)}`));
}

const server = createServer({ noDelay: true }, (socket) => {
  let held: Buffer = NOTHING;
  /** Bytes of the body that are still to come. */
  let left = 0;
  let head = "";
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    if (left > chunk.length) {
      left -= chunk.length;
      return;
    }
    if (left > 0) {
      left = 0;
      return answer(socket, head);
    }
    const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const end = bytes.indexOf(END_OF_HEAD);
    if (end < 0) {
      held = bytes;
      return;
    }
    held = NOTHING;
    head = bytes.toString("latin1", 0, end);
    const length = Number(/content-length: (\d+)/iu.exec(head)?.[1] ?? 0);
    left = length - (bytes.length - end - END_OF_HEAD.length);
    if (left === 0) answer(socket, head);
  });
});

process.on("message", (message: { readonly limitMs: number }) => {
  process.send?.({ counts: { ...counts } });
  windowMs = message.limitMs;
  limitedAt = -Infinity;
  counts.answers = 0;
  counts.refusals = 0;
  counts.late = 0;
});

listenAndTell(server);

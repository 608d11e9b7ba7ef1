import { connect, type Socket } from "node:net";

/** One answer, as it was read. */
export interface ReadAnswer {
  readonly status: number;
  /** Of the body, without what frames its chunks. */
  readonly bytes: number;
  /** When the first byte of the body came, by `performance.now()`. */
  readonly firstByteAt: number;
}

/** A connection that is kept, with one request on it at a time. */
export interface HttpConnection {
  readonly isBusy: boolean;
  /** Sends a request that is written out already, and calls back when its answer is whole or the connection broke. */
  send(request: Buffer, done: (answer: ReadAnswer | undefined) => void): void;
  close(): void;
}

const END_OF_HEAD = Buffer.from("\r\n\r\n");
const NOTHING = Buffer.alloc(0);
const LINE_FEED = 0x0a;

/** Reads as much HTTP as the servers of this benchmark speak, at a fraction of what `node:http` costs. */
export function openConnection(port: number): HttpConnection {
  let socket: Socket | undefined;
  let done: ((answer: ReadAnswer | undefined) => void) | undefined;
  let held: Buffer = NOTHING;
  let isBody = false;
  let isChunked = false;
  /** Of the body, or of the chunk, with the line end behind it. */
  let left = 0;
  let size = "";
  let status = 0;
  let bytes = 0;
  let firstByteAt = 0;

  function finish(answer: ReadAnswer | undefined): void {
    const call = done;
    done = undefined;
    isBody = false;
    held = NOTHING;
    call?.(answer);
  }

  function readHead(chunk: Buffer): void {
    const all = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const end = all.indexOf(END_OF_HEAD);
    if (end < 0) {
      held = all;
      return;
    }
    held = NOTHING;
    const head = all.toString("latin1", 0, end);
    status = Number(head.slice(9, 12));
    const length = /content-length: (\d+)/iu.exec(head)?.[1];
    isChunked = length === undefined;
    left = Number(length ?? 0);
    bytes = 0;
    firstByteAt = 0;
    size = "";
    isBody = true;
    const body = all.subarray(end + END_OF_HEAD.length);
    if (body.length > 0 || (!isChunked && left === 0)) readBody(body);
  }

  function readBody(chunk: Buffer): void {
    if (firstByteAt === 0) firstByteAt = performance.now();
    if (isChunked) return readChunks(chunk);
    bytes += chunk.length;
    left -= chunk.length;
    if (left <= 0) finish({ status, bytes, firstByteAt });
  }

  function readChunks(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      if (left > 0) {
        const taken = Math.min(left, chunk.length - at);
        left -= taken;
        at += taken;
        continue;
      }
      const end = chunk.indexOf(LINE_FEED, at);
      size += chunk.toString("latin1", at, end < 0 ? chunk.length : end);
      if (end < 0) return;
      at = end + 1;
      const length = Number.parseInt(size, 16);
      if (length === 0) return finish({ status, bytes, firstByteAt });
      size = "";
      bytes += length;
      left = length + 2;
    }
  }

  function open(): Socket {
    const opened = connect({ port, host: "127.0.0.1", noDelay: true });
    opened.on("data", (chunk: Buffer) => (isBody ? readBody(chunk) : readHead(chunk)));
    opened.on("error", () => undefined);
    opened.on("close", () => {
      if (socket === opened) socket = undefined;
      if (done) finish(undefined);
    });
    return opened;
  }

  return {
    get isBusy() {
      return done !== undefined;
    },
    send(request, callback) {
      done = callback;
      socket ??= open();
      socket.write(request);
    },
    close: () => void socket?.destroy(),
  };
}

import type { OutgoingHttpHeader, ServerResponse } from "node:http";

/** Writes the body of an answer. */
export interface AnswerWriter {
  /** Whether there is room for more; the response tells with `drain` when there is again. */
  write(bytes: Buffer): boolean;
  /** The last of it. */
  end(bytes: Buffer): void;
  /** The last that came of an answer that is not whole: once a head is out, a cut connection is the only honest sign of that. */
  cut(bytes: Buffer): void;
}

/** Larger pieces are not copied to put something before and behind them. */
const COPIED_BYTES = 8 * 1024;
const LINE_END = "\r\n";
const LAST_CHUNK = "0\r\n\r\n";

/**
 * Begins an answer, the head of which goes out with the first bytes of its body. Bytes are written as text, each character of
 * which is one of them: text is put together with what goes before it, and is one piece for the operating system.
 *
 * Where the length of a body is not known it goes out in chunks (RFC 9112 7.1). They are framed here, because `node:http`
 * makes four pieces of each.
 */
export function createAnswerWriter(response: ServerResponse, status: number, headers: OutgoingHttpHeader[]): AnswerWriter {
  response.writeHead(status, headers);
  // An old client gets no chunks: the end of its connection is the end of the answer.
  const isChunked = response.chunkedEncoding;
  if (isChunked) response.chunkedEncoding = false;

  function write(bytes: Buffer): boolean {
    if (bytes.length > COPIED_BYTES) return writeLarge(bytes);
    if (bytes.length > 0) return response.write(framed(bytes), "latin1");
    response.flushHeaders();
    return true;
  }

  function writeLarge(bytes: Buffer): boolean {
    if (!isChunked) return response.write(bytes);
    response.write(bytes.length.toString(16) + LINE_END, "latin1");
    response.write(bytes);
    return response.write(LINE_END, "latin1");
  }

  function framed(bytes: Buffer): string {
    const text = bytes.toString("latin1");
    return isChunked ? bytes.length.toString(16) + LINE_END + text + LINE_END : text;
  }

  return {
    write,
    end(bytes) {
      if (bytes.length > COPIED_BYTES) writeLarge(bytes);
      else if (bytes.length > 0) return void response.end(framed(bytes) + (isChunked ? LAST_CHUNK : ""), "latin1");
      if (isChunked) response.end(LAST_CHUNK, "latin1");
      else response.end();
    },
    cut(bytes) {
      const destroy = () => void response.destroy(new Error("answer cut"));
      if (bytes.length > 0) return void response.write(framed(bytes), "latin1", destroy);
      response.flushHeaders();
      destroy();
    },
  };
}

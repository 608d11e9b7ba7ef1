import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createAnswerWriter, type AnswerWriter } from "./answer-writer.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.closeAllConnections();
});

const noDate = ["date", "Thu, 01 Jan 2026 00:00:00 GMT"];
const bytes = Buffer.from([0, 10, 13, 127, 128, 200, 255]);

/** All that a client gets for one request, as characters that are bytes. */
async function answerTo(
  request: string,
  headers: string[],
  write: (writer: AnswerWriter, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer((_request, response) => {
    response.on("error", () => undefined);
    write(createAnswerWriter(response, 200, [...noDate, ...headers]), response);
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const socket = connect(typeof address === "object" ? (address?.port ?? 0) : 0, "127.0.0.1");
  socket.write(request);
  let text = "";
  socket.setEncoding("latin1").on("data", (chunk: string) => (text += chunk));
  await once(socket, "close");
  return text;
}

const modern = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
const bodyOf = (text: string) => text.slice(text.indexOf("\r\n\r\n") + 4);

describe("an answer of unknown length", () => {
  test("goes out in chunks, each byte as it was", async () => {
    const text = await answerTo(modern, [], (writer) => {
      writer.write(bytes);
      writer.write(Buffer.from("second"));
      writer.end(Buffer.from("last"));
    });
    expect(text).toContain("Transfer-Encoding: chunked");
    expect(bodyOf(text)).toBe(`7\r\n${bytes.toString("latin1")}\r\n6\r\nsecond\r\n4\r\nlast\r\n0\r\n\r\n`);
  });

  test("goes out in chunks where they are large", async () => {
    const large = Buffer.alloc(10_000, "x");
    const text = await answerTo(modern, [], (writer) => {
      writer.write(large);
      writer.end(large);
    });
    const chunk = `2710\r\n${large.toString()}\r\n`;
    expect(bodyOf(text)).toBe(`${chunk}${chunk}0\r\n\r\n`);
  });

  test("goes out as it is to a client that knows no chunks", async () => {
    const text = await answerTo("GET / HTTP/1.0\r\nhost: a\r\n\r\n", [], (writer) => {
      writer.write(bytes);
      writer.end(Buffer.from("last"));
    });
    expect(text).not.toContain("Transfer-Encoding");
    expect(bodyOf(text)).toBe(`${bytes.toString("latin1")}last`);
  });

  test("says that it is over, also where nothing is left to be said", async () => {
    const text = await answerTo(modern, [], (writer) => {
      writer.write(Buffer.from("all"));
      writer.end(Buffer.alloc(0));
    });
    expect(bodyOf(text)).toBe("3\r\nall\r\n0\r\n\r\n");
  });

  test("does not say that it is over where it was cut off", async () => {
    const text = await answerTo(modern, [], (writer) => {
      writer.write(Buffer.from("half"));
      writer.cut(Buffer.from(" of it"));
    });
    expect(bodyOf(text)).toBe("4\r\nhalf\r\n6\r\n of it\r\n");
  });
});

test.each([7, 10_000])("an answer of %s bytes that says how long it is goes out as it is", async (length) => {
  const body = Buffer.alloc(length, bytes);
  const text = await answerTo(modern, ["content-length", String(length)], (writer) => writer.end(body));
  expect(text).not.toContain("Transfer-Encoding");
  expect(bodyOf(text)).toBe(body.toString("latin1"));
});

test("the head goes out at once where there is nothing to send with it yet", async () => {
  const text = await answerTo(modern, [], (writer, response) => {
    writer.write(Buffer.alloc(0));
    setImmediate(() => response.destroy());
  });
  expect(text).toContain("HTTP/1.1 200 OK");
});

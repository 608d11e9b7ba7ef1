import { connect, type Socket } from "node:net";

/** An answer as it came, as far as a test looks at it. */
export interface RawAnswer {
  /** 0 where the connection was closed without one. */
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** All of it. */
  readonly text: string;
}

/** Sends bytes to 127.0.0.1 and reads until the other side closes. */
export async function raw(port: number, text: string | Buffer): Promise<RawAnswer> {
  const socket = connect(port, "127.0.0.1");
  const closed = readAll(socket);
  socket.write(text);
  return closed;
}

/** Reads until the other side closes. A reset ends it like any other end. */
export async function readAll(socket: Socket): Promise<RawAnswer> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.on("error", () => socket.destroy());
  await new Promise((resolve) => socket.once("close", resolve));
  return parseAnswer(Buffer.concat(chunks).toString("latin1"));
}

/** A request in HTTP/1.1 that asks for the connection to be closed behind it. */
export function request(method: string, target: string, headers: Readonly<Record<string, string>>, body = ""): string {
  const all = {
    host: "localhost",
    connection: "close",
    ...headers,
    ...(body !== "" && { "content-length": `${Buffer.byteLength(body)}` }),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return `${[`${method} ${target} HTTP/1.1`, ...lines].join("\r\n")}\r\n\r\n${body}`;
}

function parseAnswer(text: string): RawAnswer {
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const [statusLine = "", ...lines] = head.split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
  );
  return { status: Number(statusLine.split(" ")[1] ?? 0), headers, body: rest.join("\r\n\r\n"), text };
}

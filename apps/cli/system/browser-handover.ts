import { chmod, writeFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";

/** Something to name in `$BROWSER`: whoever starts it hands its address over to the test. */
export interface BrowserHandover {
  /** What `$BROWSER` is set to. */
  readonly program: string;
  /** Its arguments, once it was started. It runs until `done` is called. */
  readonly opened: Promise<{ readonly args: readonly string[]; readonly done: () => void }>;
  close(): Promise<void>;
}

/** Writes such a program into a folder. */
export async function createBrowserHandover(folder: string): Promise<BrowserHandover> {
  const socketPath = join(folder, "browser.sock");
  const program = join(folder, "browser");
  // A file without an ending is CommonJS to Node. It ends when the test has seen it.
  const script = `require("node:net").connect(${JSON.stringify(socketPath)}).end(JSON.stringify(process.argv.slice(2))).resume();`;
  await writeFile(program, `#!${process.execPath}\n${script}\n`);
  await chmod(program, 0o700);

  const opened = Promise.withResolvers<{ readonly args: readonly string[]; readonly done: () => void }>();
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    let text = "";
    socket.setEncoding("utf8").on("data", (piece: string) => (text += piece));
    socket.on("error", opened.reject);
    socket.on("end", () => opened.resolve({ args: JSON.parse(text), done: () => void socket.end() }));
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    program,
    opened: opened.promise,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { errnoOf, systemClock, type Clock } from "@openclaw/secrets";
import { AuthProfileError } from "../errors.ts";
import type { RedirectHost } from "./endpoints.ts";

export interface CallbackListenerOptions {
  /** The port of the registered redirect URI. Any free one unless given. */
  readonly port?: number;
  /** The exact path, such as `/auth/callback`. */
  readonly path: string;
  /** How the redirect URI spells this machine. `127.0.0.1` unless given; the listener is on the literal addresses either way. */
  readonly redirectHost?: RedirectHost;
  /**
   * Whether a request is the callback that is waited for, by its `state`. One that is not is refused and does not
   * count, so that no other page can end the login. Unless given, the first request to the path counts.
   */
  readonly accepts?: (callback: URL) => boolean;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

export interface CallbackListener {
  readonly redirectUri: string;
  /**
   * The callback, once. Rejects with `login-timeout` after 5 minutes, with the signal's reason, and with
   * `login-refused` when it is closed before.
   */
  readonly received: Promise<URL>;
  /** Stops listening. May be called at any time, and again. */
  close(): Promise<void>;
}

const LISTEN_MS = 5 * 60_000;
/** How often another free port is looked for when the one found for IPv4 is taken for IPv6. */
const ATTEMPTS = 5;

/**
 * Waits on 127.0.0.1, and ::1 where there is IPv6, for the browser to come back (RFC 8252 section 7.3): one GET of
 * the exact path, with this machine's name as `Host`. The page it sends holds nothing of the request.
 *
 * @throws {AuthProfileError} `login-refused` where the port is taken; the signal's reason, as it came.
 */
export async function listenForCallback(options: CallbackListenerOptions): Promise<CallbackListener> {
  const { path, redirectHost = "127.0.0.1", accepts = () => true, signal, clock = systemClock } = options;
  signal?.throwIfAborted();
  const settled = Promise.withResolvers<URL>();
  // A login may end by a pasted address, and nobody is left to see this.
  settled.promise.catch(() => undefined);
  const over = new AbortController();
  let isDone = false;
  let redirectUri = "";
  let ownHosts: readonly string[] = [];

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const target = request.url ?? "";
    const question = target.indexOf("?");
    if (!ownHosts.includes((request.headers.host ?? "").toLowerCase()))
      return sendPage(response, 421, "This is not the address of a login.");
    if (isDone) return sendPage(response, 410, "This login has ended.");
    if ((question === -1 ? target : target.slice(0, question)) !== path) return sendPage(response, 404, "There is nothing here.");
    if (request.method !== "GET") return sendPage(response, 405, "Only GET is answered here.", { allow: "GET" });
    const callback = new URL(redirectUri);
    if (question !== -1) callback.search = target.slice(question);
    if (!accepts(callback)) return sendPage(response, 400, "This is not the answer to the login that was begun.");
    isDone = true;
    sendPage(response, 200, "You can close this page and go back to the terminal.");
    response.once("close", () => settle(() => settled.resolve(callback)));
  }

  const servers = await listen(options.port ?? 0, answer);
  const port = portOf(servers);
  ownHosts = ["127.0.0.1", "[::1]", "localhost"].flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`]));
  redirectUri = `http://${redirectHost}:${port}${path}`;

  const closed = Promise.withResolvers<void>();
  function settle(tell: () => void): void {
    isDone = true;
    over.abort();
    signal?.removeEventListener("abort", onAbort);
    tell();
    void Promise.all(servers.map(closeServer)).then(() => closed.resolve());
  }
  const onAbort = () => settle(() => settled.reject(signal?.reason));
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted) onAbort();
  clock.sleep(LISTEN_MS, over.signal).then(
    () =>
      settle(() =>
        settled.reject(
          new AuthProfileError("login-timeout", "The browser did not come back within 5 minutes", {
            hint: "begin again, and paste the address the browser ends at",
          }),
        ),
      ),
    () => undefined,
  );

  return {
    redirectUri,
    received: settled.promise,
    close() {
      settle(() => settled.reject(new AuthProfileError("login-refused", "The login ended before the browser came back")));
      return closed.promise;
    },
  };
}

type Answerer = (request: IncomingMessage, response: ServerResponse) => void;

async function listen(port: number, answer: Answerer): Promise<readonly Server[]> {
  for (let attempt = 1; ; attempt += 1) {
    const servers: Server[] = [];
    try {
      servers.push(await listenOn("127.0.0.1", port, answer));
      servers.push(await listenOn("::1", portOf(servers), answer));
      return servers;
    } catch (error) {
      const errno = errnoOf(error);
      // Without IPv6 a browser cannot come over it either.
      if (servers.length === 1 && (errno === "EADDRNOTAVAIL" || errno === "EAFNOSUPPORT")) return servers;
      await Promise.all(servers.map(closeServer));
      // Whoever holds the IPv6 side of a registered port would be sent the code by some browsers.
      if (errno === "EADDRINUSE" && port === 0 && attempt < ATTEMPTS) continue;
      throw new AuthProfileError("login-refused", `Port ${port} of this machine cannot be listened on (${errno ?? "unknown failure"})`, {
        hint: "end the program that holds it, or paste the address the browser ends at",
      });
    }
  }
}

async function listenOn(host: string, port: number, answer: Answerer): Promise<Server> {
  const server = createServer({ keepAlive: false }, answer);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.on("error", reject);
  server.listen({ host, port, exclusive: true, ...(host === "::1" && { ipv6Only: true }) }, resolve);
  await promise;
  return server;
}

function portOf(servers: readonly Server[]): number {
  const address = servers[0]?.address();
  return address !== null && typeof address === "object" ? address.port : 0;
}

function closeServer(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeAllConnections();
  return promise;
}

function sendPage(response: ServerResponse, status: number, text: string, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    // The address of this page holds the code.
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    connection: "close",
    ...headers,
  });
  response.end(`<!doctype html><html lang="en"><meta charset="utf-8"><title>OpenClaw</title><p>${text}</p></html>\n`);
}

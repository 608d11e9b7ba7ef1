import type { Server } from "node:http";
import type { Socket } from "node:net";

/** Which connections are beyond those there may be. */
export interface Connections {
  /** Whether it is one too many. A request on it is told so, and the connection ends. */
  isExcess(socket: Socket): boolean;
  /** A request came over it, and its answer is not over. */
  occupy(socket: Socket): void;
  vacate(socket: Socket): void;
  /**
   * Closes those on which no request is being answered. Node takes those for busy over which nothing has come, or half the head of
   * a request: they would keep a gateway that ends waiting.
   */
  closeUnused(): void;
}

/** So many more are taken, to be told that there are too many: a health check is answered there, too. Others are closed at once. */
const SPARE = 64;
const IDLE_SWEEP_MS = 1_000;

/** Limits the connections of a server. When there is no place left, those that are kept alive for nothing make some. */
export function limitConnections(server: Server, most: number, onDrop: () => void): Connections {
  const excess = new WeakSet<Socket>();
  const open = new Set<Socket>();
  const occupied = new Set<Socket>();
  let sweptAt = -IDLE_SWEEP_MS;
  server.maxConnections = most + SPARE;
  server.on("drop", onDrop);
  server.on("connection", (socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    if (open.size <= most) return;
    excess.add(socket);
    const now = performance.now();
    if (now - sweptAt < IDLE_SWEEP_MS) return;
    sweptAt = now;
    server.closeIdleConnections();
  });
  return {
    isExcess: (socket) => excess.has(socket),
    occupy: (socket) => void occupied.add(socket),
    vacate: (socket) => void occupied.delete(socket),
    closeUnused() {
      // What was answered may still be on its way out.
      for (const socket of open) if (!occupied.has(socket) && socket.writableLength === 0) socket.destroy();
    },
  };
}

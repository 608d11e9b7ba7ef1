import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { requireLocalRequest } from "./admission.ts";
import type { Caller } from "./caller.ts";
import { limitConnections, type Connections } from "./connections.ts";
import { GatewayError } from "./errors.ts";
import type { FailedLogins } from "./failed-logins.ts";
import { identify, type Gate, type Identified } from "./gate.ts";
import type { GatewayLimits } from "./limits.ts";
import type { LiveCalls } from "./live-calls.ts";
import type { Load } from "./load.ts";

/** What stands between a connection and the routes: who gets in, and how much of it. */
export interface EntranceOptions {
  readonly limits: GatewayLimits;
  /** What counts now. */
  readonly gate: () => Gate;
  readonly failedLogins: FailedLogins;
  readonly load: Load;
  readonly live: LiveCalls;
}

export interface Entrance {
  /** Sets the limits of a server's connections. */
  guard(server: Server): void;
  /** A request came over this connection, and its answer is not over. */
  occupy(socket: Socket): void;
  /** It is. */
  vacate(socket: Socket): void;
  /** Closes the connections on which no request is being answered. */
  closeUnused(): void;
  /** @throws {GatewayError} for a request that is ambiguous, or by way of a web page. */
  identify(request: IncomingMessage): Identified;
  /**
   * Takes a request of a client on until its answer is over. Nothing of its body has been read.
   *
   * @returns lets go of the body, once it is needed no more; at the end that is done anyway.
   * @throws {GatewayError} `body-too-large` or `overloaded`.
   */
  take(request: IncomingMessage, response: ServerResponse, caller: Caller): () => void;
  /** Watches an answer to the admin, who is refused for no load: somebody has to see to it. A body that waits to be let in comes. */
  watch(response: ServerResponse, caller: Caller): void;
}

/** Puts together what decides about a request before a route does. */
export function createEntrance({ limits, gate, failedLogins, load, live }: EntranceOptions): Entrance {
  let connections: Connections | undefined;

  function watch(response: ServerResponse, caller: Caller): void {
    response.once("close", live.add(response, caller));
    if (response.req.headers.expect !== undefined) response.writeContinue();
  }

  return {
    guard(server) {
      connections = limitConnections(server, limits.maxConnections, () => load.note("connections"));
      server.maxRequestsPerSocket = 0;
    },
    occupy: (socket) => connections?.occupy(socket),
    vacate: (socket) => connections?.vacate(socket),
    closeUnused: () => connections?.closeUnused(),
    identify(request) {
      const now = gate();
      requireLocalRequest(request, now.hosts);
      return identify(request, now, failedLogins);
    },
    take(request, response, caller) {
      if (connections?.isExcess(request.socket) === true) {
        response.setHeader("connection", "close");
        throw load.note("connections");
      }
      const announced = announcedBytes(request);
      if (announced !== undefined && announced > limits.maxBodyBytes) throw tooLarge(limits.maxBodyBytes);
      // Of a body that does not say how long it is, all that it may be, until it is here.
      let held = announced ?? limits.maxBodyBytes;
      load.begin(held);
      const takeOut = live.add(response, caller);
      const shrinkTo = (bytes: number): void => {
        load.release(held - bytes);
        held = bytes;
      };
      const letGo = () => shrinkTo(0);
      response.once("close", () => {
        letGo();
        load.end();
        takeOut();
      });
      if (announced === undefined) {
        const before = request.socket.bytesRead;
        request.once("end", () => shrinkTo(Math.min(held, request.socket.bytesRead - before + HEAD_BYTES)));
      }
      if (request.headers.expect !== undefined) response.writeContinue();
      return letGo;
    },
    watch,
  };
}

/** What came with the head, and was counted before it. */
const HEAD_BYTES = 64 * 1024;

/** 0 where there is no body, nothing where it comes in chunks. */
function announcedBytes({ headers }: IncomingMessage): number | undefined {
  if (headers["transfer-encoding"] !== undefined) return undefined;
  const length = headers["content-length"];
  return length === undefined ? 0 : Number(length);
}

function tooLarge(limit: number): GatewayError {
  return new GatewayError("body-too-large", `the body may have ${limit} bytes at most`);
}

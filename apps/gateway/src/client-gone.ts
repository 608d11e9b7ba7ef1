import type { ServerResponse } from "node:http";

/** The client left. Nobody is there to be told. */
export class ClientGone extends Error {
  override readonly name = "AbortError";

  constructor() {
    super("the client went away");
  }
}

/** Fires when the client goes away before its answer is whole, so that the provider stops working for nobody. */
export function abortWhenClosed(response: ServerResponse): AbortSignal {
  const abandoned = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) abandoned.abort(new ClientGone());
  });
  return abandoned.signal;
}

import type { HomeSnapshot } from "@openclaw/home";
import { isSecretRefLike, parseSecretRef } from "@openclaw/secrets";

/** A session that a request is of. */
export interface AskedSession {
  /** As a client names it. */
  readonly key: string;
  /** As health knows it. */
  readonly id: string;
  /** Why that may not be how a gateway knows it. */
  readonly note?: string;
}

/**
 * The session of a client that shows the token of this machine's gateway: a gateway tells sessions of one name apart by
 * token and agent. Runs no command and makes no token; where that is not known the key stands for itself.
 */
export async function askedSession(home: HomeSnapshot, key: string, agentId: string | undefined): Promise<AskedSession> {
  const itself = (why: string): AskedSession => ({
    key,
    id: key,
    note: `${why}, by which a gateway tells sessions apart: a strategy that spreads may choose another credential for this one`,
  });
  if (isOfCommand(home)) return itself("the gateway's token comes from a command, which was not run");
  const { GatewayError, loadGatewayToken, sessionOf } = await import("@openclaw/gateway");
  try {
    const { secret } = await loadGatewayToken({ snapshot: home, generate: false });
    const owner = { client: secret.fingerprint(home.salt), agentId: agentId ?? home.agents.defaultId };
    return { key, id: sessionOf({ "x-openclaw-session-key": key }, owner) ?? key };
  } catch (error) {
    if (error instanceof GatewayError) return itself("the gateway's token is not known here");
    throw error;
  }
}

function isOfCommand({ config }: HomeSnapshot): boolean {
  const token = config.gateway?.auth?.token;
  return isSecretRefLike(token) && parseSecretRef(token, config.secrets?.defaults ?? {}).source === "exec";
}

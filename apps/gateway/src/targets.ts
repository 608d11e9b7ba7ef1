import { modelTargets, type HomeSnapshot, type ModelTarget } from "@openclaw/home";
import { GatewayError } from "./errors.ts";

/** A model to ask, and whose accounts to ask it with. */
export interface Target extends ModelTarget {
  readonly agentId: string | undefined;
}

/**
 * The models a request may be answered by: the one it names, then the fallbacks.
 *
 * @throws {GatewayError} `model-not-found`.
 */
export function targetsFor(home: HomeSnapshot, name: string): readonly [Target, ...Target[]] {
  const asked = modelTargets(home, name);
  if ("reason" in asked) {
    throw new GatewayError("model-not-found", `Model ${JSON.stringify(asked.name)} cannot be served: ${asked.reason}`, {
      hint: "use openclaw/default, an alias or provider/model; GET /v1/models lists what is configured",
    });
  }
  const { agentId } = asked;
  const [first, ...fallbacks] = asked.targets;
  return [{ ...first, agentId }, ...fallbacks.map((target) => ({ ...target, agentId }))];
}

import type { HomeSnapshot } from "@openclaw/home";
import { splitModelPin } from "@openclaw/providers";
import type { ClientCall } from "./call.ts";
import type { GatewayContext } from "./context.ts";
import { findCommand, type FoundCommand } from "./model-command/find-command.ts";
import { obey, type Obeyed } from "./model-command/obey.ts";
import { sendAnswer } from "./model-command/send-answer.ts";
import type { ModelMember } from "./model-member.ts";
import { requestedModel, type RequestedModel } from "./requested-model.ts";
import { sessionOf } from "./session.ts";
import { agentNamed } from "./sessions/agent-name.ts";
import { pinnedTargets } from "./sessions/pinned-targets.ts";
import type { Session } from "./sessions/session-pin.ts";
import type { Surface } from "./surfaces.ts";
import { requireAgent, targetsFor, type Target } from "./targets.ts";

/** A request as it came. */
export interface IncomingRequest {
  readonly call: ClientCall;
  readonly surface: Surface;
  readonly home: HomeSnapshot;
  readonly body: Buffer;
  readonly requested: RequestedModel;
  /** What the client wants to be answered by: the model of the request, or that of a header in its place. */
  readonly name: string;
  /** Of the header that names one. */
  readonly agentId: string | undefined;
}

/** A request as it is sent to models. */
export interface TakenRequest {
  readonly targets: readonly [Target, ...Target[]];
  readonly body: Buffer;
  readonly members: readonly ModelMember[];
  /** Keeps its credential while that is healthy. */
  readonly session: string | undefined;
  /** Pinned profiles that the client did not name in this request, and may not see the names of. */
  readonly hiddenPins: readonly string[];
}

/**
 * Finds by which models a request is to be answered: by those its message chooses, else by those its session is pinned to, else by
 * those it names. A message that is a command and no more is answered here, and nothing is handed back.
 *
 * @throws {GatewayError} `sessions-unreadable`, `agent-not-allowed`, and what {@link targetsFor} throws.
 */
export function takeRequest(incoming: IncomingRequest, context: GatewayContext): TakenRequest | undefined {
  const { call, surface, home, body, requested, name } = incoming;
  const { caller } = call;
  const { dialect, purpose } = surface;
  requireAgent(caller, agentNamed(name, incoming.agentId) ?? home.agents.defaultId);
  const found = purpose === "embedding" ? undefined : findCommand(body, dialect);
  const session = seeSession(incoming, context);
  if (found && purpose === "conversation") return takeCommand(found, incoming, session, context);
  // A message that chooses its model is counted as it would be sent. Any other command is nothing that could be counted otherwise.
  if (found?.body && found.command.kind === "use") {
    const counted = takeChosen(obeyCommand(found, incoming, session, context), incoming, session);
    if (counted) return counted;
  }
  const query = { caller, dialect, agentId: incoming.agentId };
  const targets = session?.pin
    ? pinnedTargets(home, name, session.pin, { ...query, hasModel: purpose !== "embedding" })
    : targetsFor(home, name, query);
  return { targets, body, members: requested.members, session: session?.id, hiddenPins: hiddenPinsOf(targets, incoming) };
}

const none: readonly string[] = [];

/** Of a session, a command or the configuration. */
function hiddenPinsOf(targets: TakenRequest["targets"], { call, name }: Pick<IncomingRequest, "call" | "name">): readonly string[] {
  if (call.caller.isAdmin || targets.every(({ profileId }) => profileId === undefined)) return none;
  const own = splitModelPin(name).profileId;
  const pins = targets.flatMap(({ profileId }) => (profileId === undefined || profileId === own ? [] : [profileId]));
  return [...new Set(pins)];
}

function seeSession(
  { call, surface, home, body, requested, name, agentId }: IncomingRequest,
  context: GatewayContext,
): Session | undefined {
  const { caller, request } = call;
  const owner = agentNamed(name, agentId) ?? home.agents.defaultId;
  const { user, metadata } = requested;
  const id = sessionOf(request.headers, { client: caller.id, agentId: owner }, { dialect: surface.dialect, body, user, metadata });
  // Of an agent that is not there nothing is remembered.
  if (id === undefined || !home.agents.ids.includes(owner)) return undefined;
  return context.sessions.see(id, { agentId: owner, client: caller.name });
}

function takeCommand(
  found: FoundCommand,
  incoming: IncomingRequest,
  session: Session | undefined,
  context: GatewayContext,
): TakenRequest | undefined {
  const { call, surface, body, name } = incoming;
  const obeyed = obeyCommand(found, incoming, session, context);
  if ("chosen" in obeyed) return takeChosen(obeyed, incoming, session);
  const text = context.secrets.redactor.text(obeyed.text);
  const command = found.command.kind === "reset" ? found.command.word : "model";
  sendAnswer({ call, surface, body, text, command, model: name, now: context.clock.now() });
  return undefined;
}

function obeyCommand(
  found: FoundCommand,
  { call: { caller }, surface, home, name, ...incoming }: IncomingRequest,
  session: Session | undefined,
  context: GatewayContext,
): Obeyed {
  const agentId = agentNamed(name, incoming.agentId);
  // The name is read with nobody's help where the agent is not there: that says so.
  if (agentId !== undefined && !home.agents.ids.includes(agentId)) targetsFor(home, name, { caller, dialect: surface.dialect, agentId });
  return obey(found, { home, caller, surface, agentId, name, session, context });
}

/** What the rest of a message goes to; nothing where none was chosen. */
function takeChosen(
  obeyed: Obeyed,
  { call, surface, home, name, ...incoming }: IncomingRequest,
  session: Session | undefined,
): TakenRequest | undefined {
  if (!("chosen" in obeyed)) return undefined;
  const { chosen, body } = obeyed;
  const { caller, params } = call;
  const agentId = agentNamed(name, incoming.agentId);
  const targets = targetsFor(home, chosen, { caller, dialect: surface.dialect, agentId });
  const { members } = requestedModel(params["model"], body);
  return { targets, body, members, session: session?.id, hiddenPins: hiddenPinsOf(targets, { call, name }) };
}

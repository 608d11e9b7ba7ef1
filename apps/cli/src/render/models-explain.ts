import type { FailureClass } from "@openclaw/key-rotation";
import { printable } from "../io.ts";
import type {
  CredentialSource,
  ExplainedCandidate,
  ExplainedModel,
  LeftOutCredential,
  ModelExplanation,
  PlaceRule,
} from "../models-explain/explanation.ts";
import { isSpread } from "../models-explain/spread-note.ts";
import { cooldownText } from "./cooldown.ts";
import { formatRemaining } from "./duration.ts";
import { formatMoment, formatSpan } from "./span.ts";
import { wrapped } from "./wrap.ts";

/** What rendering needs beside the explanation. */
export interface ModelExplanationStyle {
  readonly display: (path: string) => string;
}

/** `models auth explain` for people. */
export function renderModelExplanation(explanation: ModelExplanation, style: ModelExplanationStyle): string {
  const { models, fallbackOn, skippedFallbacks, notes, pin, session } = explanation;
  const [requested, ...fallbacks] = models;
  const lines = [
    ...(requested ? modelLines(requested, explanation, style) : []),
    ...(fallbacks.length === 0 ? [] : ["", ...wrapped("", `When these are spent, after ${listed(fallbackOn)}:`)]),
    ...fallbacks.flatMap((model) => ["", ...modelLines(model, explanation, style)]),
    ...skippedFallbacks.flatMap(({ name, reason }) => ["", ...wrapped("! ", `the fallback ${name} is passed over: ${reason}`)]),
    ...(pin?.mode === "prefer" && requested?.end.code !== "pin"
      ? ["", ...wrapped("Pin       ", `${pin.profileId} is the first choice: what is not left out comes after it (auth.pins: "prefer")`)]
      : []),
    ...(session === null
      ? []
      : ["", ...wrapped("Session   ", "as one that is new; what a running gateway gave it is known to that gateway alone")]),
    ...notes.flatMap((note) => ["", ...wrapped("! ", note)]),
  ];
  return lines.map((line) => printable(line).trimEnd()).join("\n");
}

function modelLines(model: ExplainedModel, explanation: ModelExplanation, style: ModelExplanationStyle): readonly string[] {
  const { provider, model: name, role, strategy, headroomWindow, candidates, leftOut, end, billing } = model;
  const how = headroomWindow === undefined ? strategy : `${strategy} (${headroomWindow})`;
  const who = role === "fallback" ? "a fallback" : `agent ${explanation.agentId}`;
  return [
    ...wrapped("", `${provider}/${name}: ${who}, strategy ${how}`),
    ...wrapped("", firstLine(model, explanation)),
    ...(model.problem ? problemLines(model.problem) : []),
    ...candidates.flatMap((candidate) => ["", ...candidateLines(candidate, explanation.at, style)]),
    ...(leftOut.length === 0 ? [] : ["", "Left out", ...leftOut.flatMap(leftOutLines)]),
    ...(candidates.length + leftOut.length === 0 ? [] : ["", ...moveLines(candidates), ...wrapped("Ends      ", end.because)]),
    ...(billing.crossing === "none" ? [] : wrapped("Billing   ", billing.because)),
  ];
}

function firstLine(model: ExplainedModel, { at: now, session }: ModelExplanation): string {
  const { first, nextRetryAt, candidates, problem } = model;
  const found = candidates.find(({ id }) => id === first);
  if (found && session === null && isSpread(model)) return `With nothing under way, the next request asks ${found.origin} first.`;
  if (found) return `The next request asks ${found.origin} first.`;
  if (problem) return "No request is sent:";
  if (nextRetryAt === undefined) return "No credential can be used now.";
  const wait = nextRetryAt > now ? ` The first recovers in ${formatSpan(nextRetryAt - now)}, at ${formatMoment(nextRetryAt, now)}.` : "";
  return `No credential can be used now.${wait}`;
}

function problemLines({ code, message, hint }: NonNullable<ExplainedModel["problem"]>): readonly string[] {
  return [
    ...wrapped("  ! ", `${message}${message.includes(code) ? "" : ` (${code})`}`),
    ...(hint === undefined ? [] : adviceLines("    ", hint)),
  ];
}

/** A command stays on one line, to be copied. */
function adviceLines(indent: string, hint: string): readonly string[] {
  return hint.startsWith("openclaw ") ? [`${indent}${hint}`] : wrapped(indent, hint);
}

function candidateLines(candidate: ExplainedCandidate, now: number, style: ModelExplanationStyle): readonly string[] {
  const { position, origin, value, source, rule, windows, bucket, maxConcurrent, hint } = candidate;
  const limits = [
    ...(bucket === undefined ? [] : [`the quota ${bucket} is shared`]),
    ...(maxConcurrent === undefined ? [] : [`${maxConcurrent} at a time`]),
  ];
  return [
    ...wrapped(`${String(position).padStart(3)}  `, value === null ? origin : `${origin}  ${value}`),
    ...field("state", [...stateText(candidate, now), ...windows.map((window) => cooldownText(window, now))].join("; ")),
    ...field("billing", candidate.isCrossing ? `${candidate.billing}: going on to it from a flat plan is announced` : candidate.billing),
    ...field("from", sourceText(source, style)),
    ...field("rule", ruleTexts[rule]),
    ...(limits.length === 0 ? [] : field("limits", limits.join(", "))),
    ...(hint === undefined ? [] : adviceLines(`       ${"do".padEnd(9)}`, hint)),
  ];
}

/** What its windows do not say. */
function stateText({ state, windows, expiresAt, reasonCode, nextRetryAt }: ExplainedCandidate, now: number): readonly string[] {
  const left =
    expiresAt === undefined
      ? ""
      : expiresAt > now
        ? `, expires in ${formatRemaining(expiresAt - now)}`
        : `, expired ${formatRemaining(now - expiresAt)} ago`;
  if (state === "half_open") return [];
  if (state === "cooling")
    return windows.some((window) => window.until > now)
      ? []
      : [`another request tries it${nextRetryAt === undefined ? "" : " at this moment"}`];
  const words = {
    usable: `usable${left}`,
    expiring: `usable${left}`,
    refreshable: "its access has ended: a request gets another first",
    not_run: "a command says whether there is a key, and was not run",
    unusable: `cannot be used (${reasonCode ?? "unusable"})${left}`,
    unreachable: "not reached: a key never takes the place of a reference that leads nowhere",
    same_key: "the same key as one before it, and sent once",
  };
  return [words[state]];
}

const ruleTexts: Readonly<Record<PlaceRule, string>> = {
  pin: "it is pinned",
  order_store: "the order in the store of the agent",
  order_config: "auth.order of openclaw.json",
  profiles_config: "auth.profiles of openclaw.json: logins, tokens, keys, the longest rested first",
  type_order: "no order is set: logins, tokens, keys, the longest rested first",
  live_key: "a live key is used alone",
  env_order: "keys of the environment follow profiles, variable by variable",
  config_key: "the configured key comes last",
  no_key: "a server on this machine, and there is no key for it",
};

const layers: Readonly<Record<string, string>> = { env: "environment", "config env": "env of openclaw.json", "shell env": "login shell" };

function sourceText(source: CredentialSource, { display }: ModelExplanationStyle): string {
  if (source.kind === "none") return "nowhere: no key is needed";
  if (source.kind === "env") return `${source.variable} (${layers[source.layer] ?? source.layer})`;
  return `${display(source.path)}${source.reference === undefined ? "" : `, ref(${source.reference})`}`;
}

function leftOutLines({ origin, value, because, reasonCode, hint }: LeftOutCredential): readonly string[] {
  return [
    ...wrapped("  -  ", value === undefined ? origin : `${origin}  ${value}`),
    ...wrapped("     ", `${because} (${reasonCode})`),
    ...(hint === undefined ? [] : adviceLines("     ", hint)),
  ];
}

/** What moves on, once for all credentials of which the same is true. */
function moveLines(candidates: readonly ExplainedCandidate[]): readonly string[] {
  const groups = Map.groupBy(candidates, ({ via, movesOn, renews }) => JSON.stringify([via === "profile", movesOn, renews]));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const kind = first.via === "profile" ? "profile" : "key";
    const places = group.map(({ position }) => position);
    const who = isOnlyOfKind(kind, groups) ? `a ${kind}` : `${places.length === 1 ? kind : `${kind}s`} ${runsOf(places).join(", ")}`;
    const renewal = first.renews.length === 0 ? "" : `; after ${listed(first.renews)} its secret is renewed first`;
    return wrapped("Moves on  ", `from ${who} after ${first.movesOn.length === 0 ? "nothing" : listed(first.movesOn)}${renewal}`);
  });
}

function isOnlyOfKind(kind: "profile" | "key", groups: ReadonlyMap<string, readonly ExplainedCandidate[]>): boolean {
  return [...groups.values()].filter(([first]) => first && (first.via === "profile") === (kind === "profile")).length === 1;
}

/** `1`, `3 to 7`. */
function runsOf(places: readonly number[]): readonly string[] {
  const starts = places.filter((place, index) => index === 0 || place !== (places[index - 1] ?? 0) + 1);
  return starts.map((start, index) => {
    const last = places.filter((place) => place < (starts[index + 1] ?? Infinity)).at(-1) ?? start;
    return last === start ? String(start) : `${start} to ${last}`;
  });
}

function field(label: string, text: string): readonly string[] {
  return wrapped(`       ${label.padEnd(9)}`, text);
}

function listed(names: readonly (string | FailureClass)[]): string {
  return names.join(", ");
}

import { printable } from "../io.ts";
import type { SimulatedInterval, SimulatedWindow, Simulation } from "../models-simulate/simulation.ts";
import { ordinal } from "./ordinal.ts";
import { formatMoment, formatSpan } from "./span.ts";
import { wrapped } from "./wrap.ts";

/** Longer lists are for programs. */
const MOST_EVENTS = 60;

/** `models auth simulate` for people. */
export function renderSimulation(simulation: Simulation): string {
  return lines(simulation)
    .map((line) => printable(line).trimEnd())
    .join("\n");
}

function lines(simulation: Simulation): readonly string[] {
  const { models, agentId, strategy, everyMs, from, faultsUntil, intervals, windows, notes, isTruncated } = simulation;
  const [model, ...fallbacks] = models;
  return [
    ...wrapped("", `${model}: agent ${agentId}, strategy ${strategy}, a request every ${formatSpan(everyMs)}`),
    ...(fallbacks.length === 0 ? [] : wrapped("Fallbacks ", fallbacks.join(", "))),
    ...wrapped("Fails     ", `from ${formatMoment(from, from)} to ${formatMoment(faultsUntil, from)} (${formatSpan(faultsUntil - from)})`),
    ...simulation.faults.flatMap(({ target, what, class: name, hits }) =>
      wrapped(
        "          ",
        `${target}: ${what}${what === name ? "" : ` (${name})`}${hits.length === 0 ? "; no request of these tries it" : ""}`,
      ),
    ),
    "",
    "Timeline",
    ...eventLines(intervals, (interval) => intervalLines(interval, simulation)),
    ...(windows.length === 0 ? [] : ["", "Cooldowns", ...eventLines(windows, (window) => windowLines(window, from))]),
    "",
    ...recoveryLines(simulation),
    ...billingLines(simulation),
    ...(isTruncated
      ? wrapped("! ", "it was given up here: 10000 requests that may differ were made, and it goes on; a longer --every sees more")
      : []),
    ...notes.flatMap((note) => wrapped("! ", note)),
  ];
}

/** A beginning and an end tell more than a beginning. */
function eventLines<T>(events: readonly T[], linesOf: (event: T) => readonly string[]): readonly string[] {
  if (events.length <= MOST_EVENTS) return events.flatMap(linesOf);
  const half = MOST_EVENTS / 2;
  const hidden = events.length - MOST_EVENTS;
  return [
    ...events.slice(0, half).flatMap(linesOf),
    `  \u2026 ${hidden} more, --json has all of them`,
    ...events.slice(-half).flatMap(linesOf),
  ];
}

/** When, how many requests, and what each of them did. */
function intervalLines(interval: SimulatedInterval, { from: start, models }: Simulation): readonly string[] {
  const { from, until, requests, attempts, served, error, waitedMs } = interval;
  const when = from === until ? formatMoment(from, start) : `${formatMoment(from, start)} - ${formatMoment(until, start)}`;
  const tried = attempts.map((attempt) => `${shortOf(attempt.origin)} ${failureText(attempt)}`);
  const waited = waitedMs === undefined ? [] : [`waits ${formatSpan(waitedMs)}`];
  const answers = served.map(({ origin, model, billing, requests: own, isCrossing }) => {
    const where = model === models[0] ? "" : ` at ${model}`;
    const facts = [billing, ...(isCrossing ? ["announced"] : []), ...(served.length > 1 ? [`${own}x`] : [])];
    return `${shortOf(origin)} serves${where} (${facts.join(", ")})`;
  });
  const failed = error === undefined ? [] : [`the client gets ${errorText(error)}`];
  const steps = [...waited, ...tried, ...(answers.length > 0 ? [answers.join("; ")] : []), ...failed];
  return wrapped(`  ${when.padEnd(19)} ${`${requests}x`.padStart(6)}  `, steps.join(" -> "));
}

/** What could not be had was never sent. */
function failureText({ class: name, status, rule }: SimulatedInterval["attempts"][number]): string {
  if (unhad.has(rule)) return "cannot be had";
  return status === undefined ? name : `${status} ${name}`;
}

const unhad: ReadonlySet<string> = new Set(["profile-unusable", "ref-unresolved"]);

function errorText({ status, from, code, retryAfterMs }: NonNullable<SimulatedInterval["error"]>): string {
  const who = from === "provider" ? `the provider's ${status} (${code})` : `${status} ${code} of the gateway`;
  return retryAfterMs === undefined ? who : `${who}, Retry-After ${Math.max(1, Math.ceil(retryAfterMs / 1000))} s`;
}

function windowLines(
  { id, origin = id, model, reason, count, openedAt, until, closedAt, isKept }: SimulatedWindow,
  start: number,
): readonly string[] {
  const when = isKept
    ? `${until > start ? "until" : "ended"} ${formatMoment(until, start)}`
    : `${formatMoment(openedAt, start)} - ${formatMoment(until, start)}`;
  const facts = [
    reason,
    ...(count > 1 ? [`${ordinal(count)} in a row`] : []),
    ...(isKept ? ["there already"] : []),
    ...(closedAt !== undefined && closedAt < until ? [`over at ${formatMoment(closedAt, start)}`] : []),
  ];
  return wrapped(
    `  ${when.padEnd(19)}  `,
    `${id === origin || id === shortOf(origin) ? id : `${origin} ${id}`}, ${model === "*" ? "all models" : model} (${facts.join(", ")})`,
  );
}

function recoveryLines({ preferred, faultsUntil, until, strategy, session, from, intervals }: Simulation): readonly string[] {
  const { credential, lostAt, backAt } = preferred;
  const last = intervals.at(-1);
  if (!credential) {
    const end = last?.error === undefined ? `all is as before at ${formatMoment(until, from)}` : "requests go on to fail";
    return wrapped("Recovery  ", end);
  }
  const name = shortOf(credential.origin);
  if (lostAt === null) return wrapped("Recovery  ", `${name} is the first choice, and serves throughout`);
  if (backAt === null) {
    const stays = session === null ? "fill-first stays with what was used last" : "the session stays with what it moved to";
    const why = session === null && strategy !== "fill-first" ? "it does not come back in this time" : stays;
    return wrapped("Recovery  ", `${name}, the first choice, is lost at ${formatMoment(lostAt, from)}; ${why}`);
  }
  const after =
    backAt < faultsUntil
      ? ""
      : backAt === faultsUntil
        ? ", at once when the faults are over"
        : `, ${formatSpan(backAt - faultsUntil)} after the faults are over`;
  return wrapped(
    "Recovery  ",
    `${name}, the first choice, is lost at ${formatMoment(lostAt, from)} and serves again at ${formatMoment(backAt, from)}${after}`,
  );
}

function billingLines({ billing, requests, crossings, from }: Simulation): readonly string[] {
  const { subscription, metered, local, failed, meteredShare } = billing;
  const parts = [
    ...(subscription > 0 ? [`${subscription} by a flat plan`] : []),
    ...(metered > 0 ? [`${metered} paid per token (${percent(meteredShare)})`] : []),
    ...(local > 0 ? [`${local} on this machine`] : []),
    ...(failed > 0 ? [`${failed} failed (${percent(failed / requests)})`] : []),
  ];
  return [
    ...wrapped("Requests  ", `${requests}: ${parts.join(", ")}`),
    ...crossings.flatMap(({ origin, model, firstAt, requests: own }) =>
      wrapped(
        "Crossing  ",
        `${shortOf(origin)} at ${model}, from ${formatMoment(firstAt, from)} on: ${own} paid per token although a flat plan was there`,
      ),
    ),
  ];
}

function percent(share: number): string {
  const rounded = Math.round(share * 100);
  if (rounded === 0 && share > 0) return "less than 1 %";
  return rounded === 100 && share < 1 ? "more than 99 %" : `${rounded} %`;
}

/** `anthropic:work` for `profile anthropic:work`. */
function shortOf(origin: string): string {
  return origin.replace(/^profile /u, "");
}

import { printable } from "../io.ts";
import type { GatewayView, SecretsExplanation, SourceView, StreamView, SurfaceView, VariableView } from "../secrets-explain/explanation.ts";
import { formatRemaining } from "./duration.ts";

/** What rendering needs beside the explanation. */
export interface ExplanationStyle {
  readonly display: (path: string) => string;
  readonly now: number;
}

/** `secrets explain` for people. */
export function renderExplanation(explanation: SecretsExplanation, style: ExplanationStyle): string {
  const { kind, name, surfaces, streams, variables, gateway, warnings } = explanation;
  const isAll = kind === "all";
  const blocks = [
    ...(isAll ? [tableOf(surfaces, style)] : surfaces.map((surface) => surfaceLines(surface, style))),
    ...streams.map((stream) => streamLines(stream, style)),
    ...(variables.length === 0 ? [] : [[isAll ? "Layers of the environment differ" : "Environment", ...variables.flatMap(variableLines)]]),
    [gatewayLine(gateway)],
    ...(warnings.length === 0 ? [] : [["Warnings", ...warnings.map((warning) => `  ${warning}`)]]),
  ];
  const title = kind === "provider" ? [`Provider ${name}`] : [];
  return [...(title.length > 0 ? [title] : []), ...blocks].map((lines) => lines.map(printable).join("\n")).join("\n\n");
}

/** One line for each place. */
function tableOf(surfaces: readonly SurfaceView[], style: ExplanationStyle): readonly string[] {
  if (surfaces.length === 0) return ["Nothing is written at any place that may hold a secret."];
  const rows = surfaces.map((surface) => ({
    path: surface.path,
    state: surface.state,
    from: sourceText(surface.source, style),
    more: [surface.value, surface.code, surface.reason, surface.shadowed && "a value beside it is not used", surface.gateway?.note],
  }));
  const widthOf = (texts: readonly string[]) => Math.min(60, Math.max(...texts.map((text) => text.length)));
  const widths = [widthOf(rows.map(({ path }) => path)), 8, widthOf(rows.map(({ from }) => from))] as const;
  return rows.map(({ path, state, from, more }) => {
    const told = more.filter((text) => text !== undefined && text !== "").join("; ");
    return `${path.padEnd(widths[0])}  ${state.padEnd(widths[1])}  ${from.padEnd(widths[2])}  ${told}`.trimEnd();
  });
}

function surfaceLines(surface: SurfaceView, style: ExplanationStyle): readonly string[] {
  const { path, holds, ref, source, shadowed, hint, gateway } = surface;
  const what = ref === undefined ? holds : `${holds} ${ref}`;
  return [
    path,
    field("holds", what),
    ...(holds === "nothing" ? [] : [field("from", sourceText(source, style))]),
    field("state", stateText(surface, style)),
    ...(hint === undefined ? [] : [field("do", hint)]),
    ...(shadowed === undefined ? [] : [field("not used", shadowed)]),
    ...(gateway === undefined ? [] : [field("gateway", gatewayText(gateway, style))]),
  ];
}

function stateText(
  { state, value, reason, code, message, resolvedAt, durationMs, expiresAt }: SurfaceView,
  { now }: ExplanationStyle,
): string {
  const took = durationMs === null ? "not run" : durationMs === undefined ? undefined : `took ${durationText(durationMs)}`;
  const error = code === undefined ? undefined : `${code}: ${(message ?? "").replace(/\.$/u, "")}`;
  const resolved = resolvedAt === undefined ? undefined : `resolved ${new Date(resolvedAt).toISOString()}`;
  return listed([[state, value].filter(Boolean).join(" "), reason, error, resolved, took, expiryText(expiresAt, now)]);
}

function durationText(durationMs: number): string {
  return durationMs < 1 ? "less than 1 ms" : `${durationMs} ms`;
}

function expiryText(expiresAt: number | undefined, now: number): string | undefined {
  if (expiresAt === undefined) return undefined;
  return expiresAt > now ? `expires in ${formatRemaining(expiresAt - now)}` : `expired ${formatRemaining(now - expiresAt)} ago`;
}

function sourceText(source: SourceView, { display }: ExplanationStyle): string {
  switch (source.source) {
    case "stored":
      return display(source.file);
    case "env":
      return `${source.variable} (${source.layer === undefined ? "not set" : layerText(source.layer)})`;
    case "file":
      return source.pointer === undefined ? display(source.file) : `${display(source.file)} at ${source.pointer}`;
    case "exec":
      return `${source.command} for ${source.id}`;
    case "unknown":
      return `secrets.providers.${source.provider}, which is not there or of another source`;
  }
}

/** The layers in words: nobody has to know what we call them. */
function layerText(layer: string): string {
  return { env: "process", "config env": "env of openclaw.json", "shell env": "login shell" }[layer] ?? layer;
}

function gatewayText(
  { status, ageMs, expiresAt, code, message, note }: NonNullable<SurfaceView["gateway"]>,
  { now }: ExplanationStyle,
): string {
  const age = ageMs === undefined ? undefined : `resolved ${ageMs < 60_000 ? `${Math.floor(ageMs / 1000)}s` : formatRemaining(ageMs)} ago`;
  return listed([status, age, expiryText(expiresAt, now), note, code === undefined ? undefined : `${code}: ${message ?? ""}`]);
}

function streamLines({ provider, because, winner, problem, entries }: StreamView, { now }: ExplanationStyle): readonly string[] {
  const width = Math.min(48, Math.max(0, ...entries.map(({ origin }) => origin.length)));
  return [
    `Requests to ${provider} use ${winner ?? (entries.some(({ outcome }) => outcome === "unknown") ? "what a command says" : "no credential")}`,
    `  ${because}`,
    ...(problem === undefined ? [] : [`  ! no request reaches it: ${problem}`]),
    ...entries.flatMap(({ origin, outcome, because: why, value, layer, hint, expiresAt, coolingUntil }) => [
      `  ${outcome.padEnd(8)}  ${origin.padEnd(width)}  ${listed([
        value,
        layer === undefined ? undefined : layerText(layer),
        why,
        coolingUntil === undefined ? undefined : `cools down for ${formatRemaining(coolingUntil - now)}`,
        expiryText(expiresAt, now),
      ])}`,
      ...(hint === undefined || outcome === "wins" || outcome === "next" ? [] : [`            ${hint}`]),
    ]),
  ];
}

function variableLines({ name, definitions, differs, providers, isShellAsked }: VariableView): readonly string[] {
  const read = providers.length === 0 ? "" : `, a key of ${providers.join(", ")}`;
  const shell = isShellAsked ? "" : "; the login shell is not asked (env.shellEnv)";
  if (definitions.length === 0) return [`  ${name}: no layer defines it${read}${shell}`];
  return [
    `  ${name}${read}${differs ? ": layers differ" : ""}`,
    ...definitions.map(({ layer, value, isUsed }) => {
      const used = isUsed ? "used" : "hidden by the one above";
      return `    ${layerText(layer).padEnd(20)}  ${(value ?? "set to nothing").padEnd(22)}  ${used}`;
    }),
  ];
}

function gatewayLine({ status, url, reason, generation }: GatewayView): string {
  if (status === "running") return `Gateway: running at ${url ?? ""}, generation ${generation ?? 0}`;
  const why = reason === undefined ? "" : `: ${reason}`;
  return status === "not-running" ? `Gateway: not running${why}` : `Gateway: cannot be seen from here${why}`;
}

function field(label: string, text: string): string {
  return `  ${label.padEnd(8)}  ${text}`;
}

function listed(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== "").join(", ");
}

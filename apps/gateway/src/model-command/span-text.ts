const units = [
  ["d", 24 * 60 * 60 * 1000],
  ["h", 60 * 60 * 1000],
  ["m", 60 * 1000],
] as const;

/** A span of time by its largest unit, rounded up: `5m`, `30s`. */
export function spanText(durationMs: number): string {
  const unit = units.find(([, ms]) => durationMs >= ms);
  return unit ? `${Math.ceil(durationMs / unit[1])}${unit[0]}` : `${Math.max(1, Math.ceil(durationMs / 1000))}s`;
}

const MINUTE_MS = 60_000;

/** Time left in one unit: `0m`, `5m`, `3h`, `12d`. */
export function formatRemaining(remainingMs: number): string {
  if (remainingMs <= 0) return "0m";
  const minutes = Math.max(1, Math.round(remainingMs / MINUTE_MS));
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours}h` : `${Math.round(hours / 24)}d`;
}

const SECOND_MS = 1000;
const UNITS = [
  ["d", 86_400],
  ["h", 3600],
  ["m", 60],
  ["s", 1],
] as const;

/** A length of time in its two largest units: `4m 12s`, `2d 3h`, `59s`. What is begun counts. */
export function formatSpan(spanMs: number): string {
  let left = Math.max(0, Math.ceil(spanMs / SECOND_MS));
  const parts: string[] = [];
  for (const [unit, seconds] of UNITS) {
    const count = Math.floor(left / seconds);
    left -= count * seconds;
    if (count > 0) parts.push(`${count}${unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.length === 0 ? "0s" : parts.join(" ");
}

/** A moment on this machine's clock: `14:03:20`, with its date on another day than `now`. */
export function formatMoment(at: number, now: number): string {
  const [date, today] = [new Date(at), new Date(now)];
  if (Number.isNaN(date.getTime())) return "never";
  const time = date.toTimeString().slice(0, 8);
  return date.toDateString() === today.toDateString() ? time : `${dayOf(date)} ${time}`;
}

function dayOf(date: Date): string {
  const two = (part: number) => String(part).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

import type { ServiceManager } from "./service-manager.ts";

const LINES = 8;

/** What a service said last; nothing where its log cannot be read. */
export async function lastLogLines(manager: ServiceManager): Promise<readonly string[]> {
  const lines: string[] = [];
  const { signal } = new AbortController();
  await manager.logs({ lines: LINES, follow: false, isPlain: true, onLine: (line) => void lines.push(line), signal });
  return lines;
}

import type { Home } from "@openclaw/home";
import type { CliContext } from "../context.ts";
import type { ExitCode } from "../exit.ts";
import { Interrupted } from "../prompt.ts";

/** Runs a command that may ask and write in the person's home. Ctrl-C, at a question or while it waits for others, ends it with 130. */
export async function inHome(
  context: Pick<CliContext, "home" | "interrupted">,
  run: (home: Home, signal: AbortSignal) => Promise<ExitCode>,
): Promise<ExitCode> {
  const stop = new AbortController();
  void context.interrupted().then(() => stop.abort());
  const home = await context.home();
  try {
    return await run(home, stop.signal);
  } catch (error) {
    const isOurs = error === stop.signal.reason || (error instanceof Error && error.name === "AbortError");
    if (error instanceof Interrupted || (stop.signal.aborted && isOurs)) return 130;
    throw error;
  } finally {
    home.close();
  }
}

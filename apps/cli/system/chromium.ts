import { findProgram } from "@openclaw/testkit";
import { chromium, type BrowserContext } from "playwright-core";

/** The browser of the system, where there is one. */
export const CHROMIUM = findProgram("chromium") ?? "";

/** No name but this machine's is looked up: a page that asks for a font waits for nobody. */
const OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1";

/** How long a page may take. */
const WAIT_MS = 15_000;

/** Starts a browser without a window, without a past and with nothing of the test's environment but `PATH`. Call `close` when done. */
export async function openChromium(
  home: string,
): Promise<{ readonly person: () => Promise<BrowserContext>; readonly close: () => Promise<void> }> {
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    // Containers give /dev/shm too little.
    args: ["--disable-dev-shm-usage", OFFLINE],
    env: { HOME: home, PATH: process.env["PATH"] ?? "" },
  });
  return {
    async person() {
      const context = await browser.newContext();
      context.setDefaultTimeout(WAIT_MS);
      return context;
    },
    close: () => browser.close(),
  };
}

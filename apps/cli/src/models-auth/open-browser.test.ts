import { describe, expect, test } from "vitest";
import { browserCommands, isHeadless, openBrowser } from "./open-browser.ts";

const url = new URL("https://id.test/authorize?a=1&b=$(touch%20x);'\"|c");

describe("whether a browser can be expected to appear", () => {
  test.each<[NodeJS.Platform, Readonly<Record<string, string>>, boolean]>([
    ["linux", {}, true],
    ["linux", { DISPLAY: "" }, true],
    ["linux", { DISPLAY: ":0" }, false],
    ["linux", { WAYLAND_DISPLAY: "wayland-0" }, false],
    ["linux", { DISPLAY: ":0", SSH_CONNECTION: "a b" }, true],
    ["linux", { SSH_TTY: "/dev/pts/1", BROWSER: "code-helper" }, false],
    ["darwin", {}, false],
    ["darwin", { SSH_TTY: "/dev/ttys1" }, true],
    ["win32", {}, false],
  ])("%s %j: headless %s", (platform, env, expected) => {
    expect(isHeadless({ env, platform })).toBe(expected);
  });
});

describe("what is run", () => {
  test.each<[NodeJS.Platform, Readonly<Record<string, string>>, readonly (readonly string[])[]]>([
    ["linux", {}, [["xdg-open", url.href]]],
    ["darwin", {}, [["open", url.href]]],
    ["win32", {}, [["rundll32", "url.dll,FileProtocolHandler", url.href]]],
    ["linux", { BROWSER: " : " }, [["xdg-open", url.href]]],
    [
      "linux",
      { BROWSER: "firefox --new-tab %s:chromium" },
      [
        ["firefox", "--new-tab", url.href],
        ["chromium", url.href],
        ["xdg-open", url.href],
      ],
    ],
  ])("on %s with %j: the address is one argument, and nothing in it is read by a shell", (platform, env, expected) => {
    expect(browserCommands(url, { env, platform })).toEqual(expected);
  });

  test("where there is no program for it, that is no error", async () => {
    const env = { BROWSER: "/nonexistent/browser", PATH: "/nonexistent" };
    expect(await openBrowser(url, { env, platform: "linux" })).toBe(false);
  });
});

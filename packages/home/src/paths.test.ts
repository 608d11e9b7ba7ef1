import { describe, expect, test } from "vitest";
import { agentDirOf, isAgentId, resolvePaths, type HomePaths, type ResolvePathsOptions } from "./paths.ts";

function pathsOf(env: ResolvePathsOptions["env"], stateDir?: string): HomePaths {
  return resolvePaths({ env, osHome: "/os/home", cwd: "/project", ...(stateDir !== undefined && { stateDir }) });
}

describe("the home", () => {
  test.each([
    ["OPENCLAW_HOME first", { OPENCLAW_HOME: "/oc", HOME: "/home/me", USERPROFILE: "/users/me" }, "/oc"],
    ["then HOME", { HOME: "/home/me", USERPROFILE: "/users/me" }, "/home/me"],
    ["then USERPROFILE", { USERPROFILE: "/users/me" }, "/users/me"],
    ["then what the system says", {}, "/os/home"],
    ["an empty or blank variable is not set", { OPENCLAW_HOME: "", HOME: " ", USERPROFILE: "/users/me" }, "/users/me"],
    ["spaces around a path are not part of it", { OPENCLAW_HOME: " /oc " }, "/oc"],
    ["~ in OPENCLAW_HOME is HOME", { OPENCLAW_HOME: "~/oc", HOME: "/home/me" }, "/home/me/oc"],
    ["~ alone too", { OPENCLAW_HOME: "~", HOME: "/home/me" }, "/home/me"],
    ["~ without HOME is the system's home", { OPENCLAW_HOME: "~/oc" }, "/os/home/oc"],
    ["the home of somebody else is not looked up", { OPENCLAW_HOME: "~other/oc" }, "/project/~other/oc"],
    ["a relative path starts in the working directory", { OPENCLAW_HOME: "oc", HOME: "/home/me" }, "/project/oc"],
    ["also in HOME", { HOME: "me" }, "/project/me"],
  ])("%s", (_name, env, home) => {
    expect(pathsOf(env)).toMatchObject({ home, stateDir: `${home}/.openclaw` });
  });
});

describe("files and folders", () => {
  const HOME = "/home/me";
  test.each<[string, ResolvePathsOptions["env"], Partial<HomePaths>]>([
    [
      "everything is in the state folder",
      { HOME },
      {
        stateDir: "/home/me/.openclaw",
        configPath: "/home/me/.openclaw/openclaw.json",
        envFile: "/home/me/.openclaw/.env",
        agentDirOverride: undefined,
      },
    ],
    [
      "OPENCLAW_STATE_DIR moves all of it",
      { HOME, OPENCLAW_STATE_DIR: "/state" },
      { stateDir: "/state", configPath: "/state/openclaw.json", envFile: "/state/.env" },
    ],
    [
      "OPENCLAW_CONFIG_PATH moves the configuration alone",
      { HOME, OPENCLAW_CONFIG_PATH: "/etc/oc.json" },
      { stateDir: "/home/me/.openclaw", configPath: "/etc/oc.json", envFile: "/home/me/.openclaw/.env" },
    ],
    ["~ in them is the home that OpenClaw uses", { HOME, OPENCLAW_HOME: "/oc", OPENCLAW_STATE_DIR: "~/state" }, { stateDir: "/oc/state" }],
    ["a relative one starts in the working directory", { HOME, OPENCLAW_STATE_DIR: "state" }, { stateDir: "/project/state" }],
    [
      "a blank one is not set",
      { HOME, OPENCLAW_STATE_DIR: " ", OPENCLAW_CONFIG_PATH: "" },
      { configPath: "/home/me/.openclaw/openclaw.json" },
    ],
    [
      "OPENCLAW_AGENT_DIR names the agent folder",
      { HOME, OPENCLAW_AGENT_DIR: "~/a", PI_CODING_AGENT_DIR: "/b" },
      { agentDirOverride: "/home/me/a" },
    ],
    ["then PI_CODING_AGENT_DIR", { HOME, OPENCLAW_AGENT_DIR: "", PI_CODING_AGENT_DIR: "/b" }, { agentDirOverride: "/b" }],
  ])("%s", (_name, env, expected) => {
    expect(pathsOf(env)).toMatchObject(expected);
  });

  test("a given state folder holds everything, whatever the environment says", () => {
    const env = {
      HOME,
      OPENCLAW_STATE_DIR: "/state",
      OPENCLAW_CONFIG_PATH: "/etc/oc.json",
      OPENCLAW_AGENT_DIR: "/a",
      PI_CODING_AGENT_DIR: "/b",
    };
    expect(pathsOf(env, "dev")).toMatchObject({
      home: HOME,
      stateDir: "/project/dev",
      configPath: "/project/dev/openclaw.json",
      envFile: "/project/dev/.env",
      agentDirOverride: undefined,
    });
  });
});

test.each([
  ["/etc/agent", "/etc/agent"],
  ["~/agent", "/home/me/agent"],
  ["agents/x", "/state/agents/x"],
])("the path %s of a configuration is %s, in whichever folder the program runs", (path, absolute) => {
  expect(pathsOf({ HOME: "/home/me", OPENCLAW_STATE_DIR: "/state" }).absolute(path)).toBe(absolute);
});

describe("a path as people see it", () => {
  test.each([
    ["/home/me/.openclaw/openclaw.json", "~/.openclaw/openclaw.json"],
    ["/home/me", "~"],
    ["/home/me2/x", "/home/me2/x"],
    ["/etc/oc.json", "/etc/oc.json"],
  ])("%s is %s", (path, shown) => {
    expect(pathsOf({ HOME: "/home/me" }).display(path)).toBe(shown);
  });

  test("names OPENCLAW_HOME where that is the home", () => {
    const { display } = pathsOf({ HOME: "/home/me", OPENCLAW_HOME: "/oc" });
    expect([display("/oc/.openclaw/.env"), display("/home/me/x")]).toEqual(["$OPENCLAW_HOME/.openclaw/.env", "/home/me/x"]);
  });
});

describe("the folder of an agent", () => {
  test.each(["main", "a", "Work-2", "7_x", "x".repeat(64)])("%s has one", (id) => {
    expect(agentDirOf({ stateDir: "/state" }, id)).toBe(`/state/agents/${id}/agent`);
    expect(isAgentId(id)).toBe(true);
  });

  test.each([
    [""],
    [" "],
    ["."],
    [".."],
    ["../../x"],
    ["..\\..\\x"],
    ["/etc"],
    ["C:\\x"],
    ["a/b"],
    ["a\\b"],
    ["a\u0000b"],
    ["a\n"],
    ["\u2215etc"],
    ["\uff0e\uff0e\uff0fx"],
    ["%2e%2e%2f"],
    ["~"],
    ["-rf"],
    ["_x"],
    ["a.b"],
    ["é"],
    ["x".repeat(65)],
  ])("W10: %j is refused", (id) => {
    expect(isAgentId(id)).toBe(false);
    expect(() => agentDirOf({ stateDir: "/state" }, id)).toThrow(
      expect.objectContaining({ code: "unknown-agent", hint: expect.stringContaining("letters") }),
    );
  });
});

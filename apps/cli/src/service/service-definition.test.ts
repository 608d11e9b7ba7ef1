import { expect, test } from "vitest";
import { readPlist, renderPlist } from "./launchd-plist.ts";
import type { ServiceDefinition } from "./service-definition.ts";
import { readUnit, renderSystemUnit, renderUserUnit } from "./systemd-unit.ts";

const definition: ServiceDefinition = {
  nodePath: "/opt/a b/node",
  scriptPath: "/opt/<x> & 100%/openclaw.mjs",
  settings: { port: 9001, bind: "lan", tokenFile: '/etc/to"ken', drainSeconds: 120 },
  environment: { OPENCLAW_STATE_DIR: "/srv/$state & <co>" },
  stateDir: "/srv/$state & <co>",
};
const traits = { version: 252, canNotify: true };

test.each([
  ["a unit", readUnit(renderUserUnit(definition, traits))],
  ["a property list", readPlist(renderPlist(definition, "/srv/log"))],
])("what %s was made with can be read back from it", (_name, read) => {
  expect(read).toEqual({ settings: definition.settings, stateDir: definition.stateDir });
});

test("a supervisor waits longer than the gateway lets requests finish", () => {
  expect(renderUserUnit(definition, traits)).toContain("\nTimeoutStopSec=130\n");
  expect(renderUserUnit({ ...definition, settings: {} }, traits)).toContain("\nTimeoutStopSec=20\n");
  expect(renderPlist(definition, "/srv/log")).toMatch(/<key>ExitTimeOut<\/key>\s*<integer>130</u);
});

test("restarts come later each time where systemd can do that", () => {
  expect(renderUserUnit(definition, traits)).not.toContain("RestartSteps");
  expect(renderUserUnit(definition, { ...traits, version: 254 })).toMatch(/RestartSec=1\nRestartSteps=6\nRestartMaxDelaySec=60/u);
});

test("where the gateway cannot say that it is ready nobody waits for it to", () => {
  const unit = renderUserUnit(definition, { version: 252, canNotify: false });
  expect(unit).toContain("\nType=exec\n");
  expect(unit).not.toMatch(/Watchdog|NotifyAccess/u);
});

test("the unit of a user has nothing that systemd puts into a user namespace, where files of root are nobody's", () => {
  const unit = renderUserUnit(definition, traits);
  expect(unit).not.toMatch(/^(?:Protect|Private|ReadWrite|ReadOnly|Inaccessible|Bind|TemporaryFile|Root|Mount|Capability|RemoveIPC)/mu);
  expect(unit).toMatch(/^NoNewPrivileges=yes$/mu);
});

test("the unit of the machine leaves one folder to write to", () => {
  const unit = renderSystemUnit(definition, traits, "me");
  expect(unit).toMatch(/^User=me$/mu);
  expect(unit).toMatch(/^ProtectSystem=strict$/mu);
  expect(unit).toMatch(/^ReadWritePaths="\/srv\/\$state & <co>"$/mu);
  expect(unit).not.toMatch(/^(?:PrivateUsers|MemoryDenyWriteExecute|ProcSubset)=/mu);
});

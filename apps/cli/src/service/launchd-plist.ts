import { commandOf, settingsIn, stopSeconds, type ServiceDefinition, type ServiceSettings } from "./service-definition.ts";
import { withChecksum } from "./service-file.ts";

/** Name of the launchd agent. */
export const LABEL = "ai.openclaw.gateway";

/** The property list of a launchd agent. `logPath`: where both outputs go. */
export function renderPlist(definition: ServiceDefinition, logPath: string): string {
  const { environment, settings } = definition;
  const members: readonly (readonly [string, string])[] = [
    ["Label", string(LABEL)],
    ["ProgramArguments", list("array", commandOf(definition).map(string))],
    ["EnvironmentVariables", dict(Object.entries(environment).map(([name, value]) => [name, string(value)]))],
    ["RunAtLoad", "<true/>"],
    ["KeepAlive", "<true/>"],
    ["ThrottleInterval", integer(5)],
    ["ExitTimeOut", integer(stopSeconds(settings))],
    ["ProcessType", string("Interactive")],
    // 0077, which a property list can only say in decimal.
    ["Umask", integer(0o077)],
    ["HardResourceLimits", dict([["Core", integer(0)]])],
    [
      "SoftResourceLimits",
      dict([
        ["Core", integer(0)],
        ["NumberOfFiles", integer(8192)],
      ]),
    ],
    ["StandardOutPath", string(logPath)],
    ["StandardErrorPath", string(logPath)],
  ];
  return withChecksum(
    [
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
      "<!-- Written by `openclaw gateway install`; checksum @ -->",
      '<plist version="1.0">',
      dict(members),
      "</plist>",
      "",
    ].join("\n"),
  );
}

/** What a property list that `gateway install` wrote was made with. */
export function readPlist(text: string): { readonly settings: ServiceSettings; readonly stateDir: string | undefined } {
  const command = /<key>ProgramArguments<\/key>\s*<array>(.*?)<\/array>/su.exec(text)?.[1] ?? "";
  const stateDir = /<key>OPENCLAW_STATE_DIR<\/key>\s*<string>(.*?)<\/string>/su.exec(text)?.[1];
  return {
    settings: settingsIn([...command.matchAll(/<string>(.*?)<\/string>/gsu)].map(([, word = ""]) => unescape(word))),
    stateDir: stateDir === undefined ? undefined : unescape(stateDir),
  };
}

function string(text: string): string {
  return `<string>${text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")}</string>`;
}

function unescape(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

function integer(value: number): string {
  return `<integer>${value}</integer>`;
}

function dict(members: readonly (readonly [string, string])[]): string {
  return list(
    "dict",
    members.map(([key, value]) => `<key>${key}</key>\n${value}`),
  );
}

function list(tag: string, items: readonly string[]): string {
  return [`<${tag}>`, ...items.map((item) => item.replaceAll(/^/gmu, "  ")), `</${tag}>`].join("\n");
}

import { splitModelPin } from "@openclaw/providers";

/** Whether a name is that of an agent, whose model is meant. */
export function isAgentName(name: string): boolean {
  return name === "openclaw" || name.startsWith("openclaw/");
}

/** The agent a request is for: the one its model names, else the one of the header, else nobody in particular. */
export function agentNamed(name: string, agentId: string | undefined): string | undefined {
  const { model } = splitModelPin(name);
  const id = model.startsWith("openclaw/") ? model.slice("openclaw/".length) : "default";
  return id === "default" ? agentId : id;
}

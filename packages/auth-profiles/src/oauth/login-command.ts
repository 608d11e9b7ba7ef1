/** What to type to log in again. */
export function loginCommand(provider: string): string {
  return `openclaw models auth login --provider ${provider}`;
}

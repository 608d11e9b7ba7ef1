/** A person with a browser: follows redirects, keeps cookies, and fills in and submits whatever form comes. */
export interface Browser {
  /** Opens an address and goes on until there is no form left. Returns the last page's text. */
  visit(address: string): Promise<string>;
}

const MOST_STEPS = 20;

export function createBrowser(answers: Readonly<Record<string, string>>): Browser {
  const cookies = new Map<string, string>();

  async function load(url: URL, body?: URLSearchParams): Promise<Response> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { method: body ? "POST" : "GET", redirect: "manual", headers: { cookie }, ...(body && { body }) });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ""] = line.split(";");
      const at = pair.indexOf("=");
      if (pair.slice(at + 1) === "") cookies.delete(pair.slice(0, at));
      else cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  }

  return {
    async visit(address) {
      let url = new URL(address);
      let body: URLSearchParams | undefined;
      for (let step = 0; step < MOST_STEPS; step += 1) {
        const response = await load(url, body);
        body = undefined;
        const location = response.headers.get("location");
        const page = await response.text();
        if (location !== null) {
          url = new URL(location, url);
          continue;
        }
        const action = /<form[^>]*\saction="([^"]*)"/.exec(page)?.[1];
        if (action === undefined) return page;
        url = new URL(action.replaceAll("&amp;", "&"), url);
        body = filledIn(page, answers);
      }
      throw new Error(`still asked for something after ${MOST_STEPS} pages, at ${url.pathname}`);
    },
  };
}

function filledIn(page: string, answers: Readonly<Record<string, string>>): URLSearchParams {
  const fields = new URLSearchParams();
  for (const [input] of page.matchAll(/<input[^>]*>/g)) {
    const name = /\sname="([^"]*)"/.exec(input)?.[1];
    if (name !== undefined) fields.set(name, /\svalue="([^"]*)"/.exec(input)?.[1] ?? answers[name] ?? "");
  }
  return fields;
}

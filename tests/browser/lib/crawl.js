// Finds the pages of a site as a visitor would: by following its links. A page that is added
// later is found without being told.

// Ids in a path stand for each other: one household's page is like another's.
const patternOf = (path) => path.replace(/\/(?=[^/]*\d)[A-Za-z0-9_-]{11,}|\/[a-z2-7]{26}|\/\d+|\/[A-Za-z0-9_.-]{24,}/g, "/*");

// A link that changes something when it is followed, or leaves.
const SKIPPED = /^\/(language|static|health|sign-out)/;

const PAGES_MAX = 80;

// Visits one page of each pattern, hands it to `look`, and returns the patterns.
export async function crawl(page, site, look) {
  const found = new Set();
  const waiting = ["/"];
  while (waiting.length > 0) {
    const path = waiting.shift();
    const pattern = patternOf(path.split("?")[0]);
    if (found.has(pattern) || SKIPPED.test(path)) continue;
    if (found.size >= PAGES_MAX) throw new Error(`more than ${PAGES_MAX} kinds of pages: ${[...found].join(" ")}`);
    const answer = await page.goto(site + path);
    if (!answer.ok()) throw new Error(`${path} answered ${answer.status()}`);
    found.add(pattern);
    await look(path, answer);
    waiting.push(...(await links(page, site)));
  }
  return [...found].sort();
}

async function links(page, site) {
  const hrefs = await page.$$eval("a[href]", (all) => all.map((link) => link.href));
  return hrefs.filter((href) => href.startsWith(`${site}/`)).map((href) => href.slice(site.length).split("#")[0]);
}

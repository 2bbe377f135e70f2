// Finds the pages of a site as a visitor would: by following its links. A page that is added
// later is found without being told.

// Ids in a path stand for each other: one household's page is like another's. An id is long and
// has more than small letters, or is a number.
const patternOf = (path) => path.replace(/\/(?:(?=[^/]*[A-Z0-9_])[A-Za-z0-9_-]{11,}|\d+)/g, "/*");

// A link that changes something when it is followed, or leaves.
const SKIPPED = /^\/(language|static|health|sign-out)/;

const PAGES_MAX = 80;

// Visits one page of each pattern from each kind of page that links to it (a household from the
// roster, a disputed one, one that waits), hands it to `look`, and returns the patterns.
export async function crawl(page, site, look) {
  const seen = new Set();
  const found = new Set();
  const waiting = [{ path: "/", from: "" }];
  while (waiting.length > 0) {
    const { path, from } = waiting.shift();
    const pattern = patternOf(path.split("?")[0]);
    const way = `${from} > ${pattern}`;
    if (seen.has(path) || seen.has(way) || SKIPPED.test(path)) continue;
    seen.add(path).add(way);
    found.add(pattern);
    if (found.size > PAGES_MAX) throw new Error(`more than ${PAGES_MAX} kinds of pages: ${[...found].join(" ")}`);
    const answer = await page.goto(site + path);
    if (!answer.ok()) throw new Error(`${path} answered ${answer.status()}`);
    await look(path, answer);
    for (const link of await links(page, site)) waiting.push({ path: link, from: pattern });
  }
  return [...found].sort();
}

async function links(page, site) {
  const hrefs = await page.$$eval("a[href]", (all) => all.map((link) => link.href));
  return hrefs.filter((href) => href.startsWith(`${site}/`)).map((href) => href.slice(site.length).split("#")[0]);
}

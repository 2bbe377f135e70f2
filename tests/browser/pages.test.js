// Every page, for everybody's eyes: axe-core finds nothing, and nothing scrolls sideways, on a
// small phone and on a laptop, by day and by night.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { isAccessible } from "./lib/axe.js";
import { Browser, NARROW, state, WIDE, watch } from "./lib/browser.js";
import { crawl } from "./lib/crawl.js";
import { World } from "./lib/world.js";

// The visitor must have come at least here; a page that lost its link would not be looked at.
const DESK = [
  "/", "/aid", "/aid/*", "/aid/*/*", "/registry", "/registry/disagreements", "/registry/household/*",
  "/registry/household/*/card", "/registry/household/*/edit", "/registry/new", "/registry/reception",
  "/registry/unconfirmed", "/staff",
];
const CONSOLE = ["/", "/findings", "/people", "/people/*", "/people/disagreements", "/read-log", "/shelters", "/shelters/*"];

const LOOKS = [NARROW, WIDE].flatMap((size) => ["light", "dark"].map((theme) => ({ size, theme })));

let world;
let browser;
let people;

before(async () => {
  [world, browser] = await Promise.all([World.open(), Browser.open()]);
  const page = await browser.page();
  await world.signIn(page, world.lead);
  const desk = await state(page);
  const other = await browser.page();
  await world.signInOfficer(other, world.officer);
  people = { desk, console: await state(other) };
});
after(async () => {
  await browser?.close();
  await world?.close();
});

for (const look of LOOKS) {
  const name = `${look.size.width} px, ${look.theme}`;

  test(`the desk's pages are accessible at ${name}`, async (t) => {
    const paths = await everyPage(world.desk, { ...look, who: people.desk });
    t.diagnostic(paths.join(" "));
    for (const path of DESK) assert.ok(paths.includes(path), `${path} is not among ${paths.join(" ")}`);
  });

  test(`the portal's pages are accessible at ${name}`, async (t) => {
    t.diagnostic((await everyPage(world.portal, look)).join(" "));
    await register(look);
  });

  test(`the console's pages are accessible at ${name}`, async (t) => {
    const paths = await everyPage(world.console, { ...look, who: people.console });
    t.diagnostic(paths.join(" "));
    for (const path of CONSOLE) assert.ok(paths.includes(path), `${path} is not among ${paths.join(" ")}`);
  });

  test(`signing in and being told of mistakes is accessible at ${name}`, async () => {
    await mistakes(look);
  });
}

async function everyPage(site, options) {
  const page = await browser.page(options);
  const seen = watch(page);
  // All that is wrong is told at once, not page by page.
  const wrong = [];
  const paths = await crawl(page, site, (path) => isAccessible(page, path).catch((error) => wrong.push(error.message)));
  assert.equal(wrong.length, 0, wrong.join("\n\n"));
  assert.deepEqual(seen.mistakes, []);
  await page.context().close();
  return paths;
}

// The portal's questions follow one another by forms, so no link leads to them.
async function register(look) {
  const page = await browser.page(look);
  await page.goto(`${world.portal}/register`);
  for (const [name, value] of [["name", "森 一"], ["people", "1"], ["needs"], ["phone", "090-0000-0000"]]) {
    if (value) {
      await go(page, name, name === "name" ? "" : "?");
      assert.ok(await page.isVisible("#problems"), `${name} was taken as it was`);
      await isAccessible(page, `the portal's question ${name}, with a mistake`);
    }
    await isAccessible(page, `the portal's question ${name}`);
    await go(page, name, value);
  }
  assert.ok(await page.isVisible(".card-number"));
  await isAccessible(page, "the portal's number");
}

// The portal slows one phone that posts on and on; all these visitors come from one address.
const POSTS_AT_ONCE = 14;
const POST_EVERY_MS = 5_200;
let posts = 0;

async function go(page, name, value) {
  posts += 1;
  if (posts > POSTS_AT_ONCE) await page.waitForTimeout(POST_EVERY_MS);
  if (value !== undefined) await page.fill(`main [name="${name}"]`, value);
  await Promise.all([page.waitForEvent("load"), page.click("main form button")]);
}

async function mistakes(look) {
  const stranger = await browser.page(look);
  for (const site of [world.desk, world.console]) {
    await stranger.goto(`${site}/sign-in`);
    await isAccessible(stranger, `${site}/sign-in`);
  }
  const page = await browser.page({ ...look, who: people.desk });
  for (const path of ["/registry/reception", "/registry/new"]) {
    await page.goto(`${world.desk}${path}`);
    await Promise.all([page.waitForEvent("load"), page.click("main form:not([role=search]) button >> nth=0")]);
    assert.ok(await page.isVisible("#problems"), `${path} took an empty form`);
    await isAccessible(page, `${path} with mistakes`);
  }
  await page.goto(`${world.desk}/no-such-page`);
  await isAccessible(page, "a page that is not there");
}

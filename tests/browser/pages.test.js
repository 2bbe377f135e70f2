// Every page, for everybody's eyes: axe-core finds nothing, and nothing scrolls sideways, on a
// small phone and on a laptop, by day and by night.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { isAccessible } from "./lib/axe.js";
import { Browser, NARROW, state, WIDE, watch } from "./lib/browser.js";
import { crawl } from "./lib/crawl.js";
import { World } from "./lib/world.js";

// The visitor must have come at least here; a page that lost its link would not be looked at.
const DESK = ["/", "/aid", "/registry", "/registry/*", "/registry/disagreements", "/registry/new", "/registry/reception", "/registry/unconfirmed", "/staff"];
const CONSOLE = ["/"];

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
    for (const path of DESK) assert.ok(paths.some((found) => matches(found, path)), `${path} is not among ${paths.join(" ")}`);
  });

  test(`the portal's pages are accessible at ${name}`, async (t) => {
    t.diagnostic((await everyPage(world.portal, look)).join(" "));
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

const matches = (found, path) => (path.endsWith("/*") ? found.startsWith(path.slice(0, -1)) : found === path);

async function everyPage(site, options) {
  const page = await browser.page(options);
  const seen = watch(page);
  const paths = await crawl(page, site, (path) => isAccessible(page, `${site}${path}`));
  assert.deepEqual(seen.mistakes, []);
  await page.context().close();
  return paths;
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

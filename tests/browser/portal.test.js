// What a phone's small captive browser can do, and therefore what the portal may use.

import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { after, before, test } from "node:test";
import { Browser, NARROW, watch } from "./lib/browser.js";
import { crawl } from "./lib/crawl.js";
import { World } from "./lib/world.js";

const FIRST_PAGE_BYTES_MAX = 20 * 1024;
const PAGE_BYTES_MAX = 15 * 1024;
const CARD = /[0-9A-Z]{3}-\d{4}-[0-9A-Z]/;

// No script, no file, no download, no new window, no storage, no other scheme: AOSP's and Apple's
// captive browsers fail at each of them without a word.
const FORBIDDEN = [
  /<script/i, /\son[a-z]+=/i, /type="?file/i, /\sdownload[\s=>]/i, /target=/i, /localStorage|sessionStorage|indexedDB/,
  /(href|action|src)="(?!https?:|tel:|sms:|\/|#|\?|\.)[a-z-]+:/i,
];

let world;
let browser;
before(async () => { [world, browser] = await Promise.all([World.open(), Browser.open()]); });
after(async () => {
  await browser?.close();
  await world?.close();
});

test("the first page is one request of at most 20 kB, with no cookie", async (t) => {
  const page = await browser.page({ size: NARROW });
  const seen = watch(page);
  const answer = await page.goto(world.portal);
  const bytes = gzipSync(await answer.body()).length;
  t.diagnostic(`${bytes} bytes, gzipped`);
  assert.ok(bytes <= FIRST_PAGE_BYTES_MAX, `${bytes} bytes`);
  assert.deepEqual(seen.requests, [`${world.portal}/`]);
  assert.equal(answer.headers()["set-cookie"], undefined);
});

test("every page of the portal keeps to what captive browsers can do", async () => {
  const page = await browser.page({ size: NARROW, script: false });
  const paths = await crawl(page, world.portal, async (path, answer) => {
    const html = await answer.text();
    for (const rule of FORBIDDEN) assert.doesNotMatch(html, rule, path);
    assert.equal(answer.headers()["set-cookie"], undefined, path);
    assert.ok(gzipSync(html).length <= PAGE_BYTES_MAX, `${path} is too large`);
  });
  assert.ok(paths.length > 1, `only ${paths} was found`);
});

test("a family registers itself on a phone, without script, and gets its number", async () => {
  const page = await browser.page({ size: NARROW, script: false });
  await page.goto(world.portal);
  await register(page, { name: "グエン アン", people: "3", phone: "090-0000-1234" });
  assert.match(await page.textContent("main"), CARD);
  assert.doesNotMatch(await page.content(), /グエン/, "the portal shows nobody's stored data");
  assert.deepEqual(await page.context().cookies(), []);
});

test("what a family wrote waits at the desk until somebody has seen it", async () => {
  const phone = await browser.page({ size: NARROW, script: false });
  await phone.goto(world.portal);
  await register(phone, { name: "松田", people: "2" });
  const [card] = (await phone.textContent("main")).match(CARD);

  const desk = await browser.page();
  await world.signIn(desk, world.staff);
  await desk.goto(`${world.desk}/registry/unconfirmed`);
  await desk.click(`li:has-text("${card}") a`);
  await Promise.all([desk.waitForEvent("load"), desk.click("form[action$='/confirm'] button")]);
  await desk.goto(`${world.desk}/registry/unconfirmed`);
  assert.ok(!(await desk.textContent("main")).includes(card));
});

// One question a page: fills what is asked and goes on, until there is nothing to fill.
async function register(page, answers) {
  await page.click("main a >> nth=0");
  for (let step = 0; step < 8 && (await page.$("main form")); step += 1) {
    for (const [name, value] of Object.entries(answers)) {
      const box = await page.$(`main form [name="${name}"]:not([type=hidden])`);
      if (box) await box.fill(value);
    }
    await Promise.all([page.waitForEvent("load"), page.click("main form button >> nth=0")]);
  }
}

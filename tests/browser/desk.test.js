// What staff do at the desk, with the hands they have.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, state, watch } from "./lib/browser.js";
import { Keyboard } from "./lib/keys.js";
import { World } from "./lib/world.js";

const RECEPTION_KEYS_MAX = 15;
const FAMILY_KEYS_MAX = 85;
const CARD = /[0-9A-Z]{3}-\d{4}-[0-9A-Z]/;

let world;
let browser;
let staff;

before(async () => {
  [world, browser] = await Promise.all([World.open(), Browser.open()]);
  const page = await browser.page();
  await world.signIn(page, world.staff);
  staff = await state(page);
  await page.context().close();
});
after(async () => {
  await browser?.close();
  await world?.close();
});

test("a household is received in at most 15 keystrokes", async (t) => {
  const page = await browser.page({ who: staff });
  const seen = watch(page);
  await page.goto(`${world.desk}/registry/reception`);
  const keys = await Keyboard.of(page);
  await keys.word("やまだ", "山田");
  await keys.press("Enter");
  await keys.type("4");
  await keys.press("Enter");
  await page.waitForURL(/\/card$/);
  assert.match(await page.textContent(".card-number"), CARD);
  assert.match(await page.textContent("main"), /山田/);
  t.diagnostic(`${keys.count} keystrokes`);
  assert.ok(keys.count <= RECEPTION_KEYS_MAX, `${keys.count} keystrokes`);
  assert.deepEqual(seen.mistakes, []);
});

test("the next family is one key away from the card of the last", async () => {
  const page = await browser.page({ who: staff });
  await page.goto(`${world.desk}/registry/reception`);
  const keys = await Keyboard.of(page);
  await keys.word("すずき", "鈴木");
  await keys.press("Enter");
  await keys.type("1");
  await keys.press("Enter");
  await page.waitForURL(/\/card$/);
  await keys.press("Enter");
  await page.waitForURL(/\/reception$/);
  assert.equal(await page.evaluate(() => document.activeElement.id), "name");
});

test("a family of four is entered by keyboard alone in at most 85 keystrokes", async (t) => {
  const page = await browser.page({ who: staff });
  await page.goto(`${world.desk}/registry/new`);
  const keys = await Keyboard.of(page);
  await keys.word("やまだ", "山田");
  await keys.press("Enter");
  const family = [
    ["たろう", "太郎", "44", "m"],
    ["はなこ", "花子", "42", "f"],
    ["しょうた", "翔太", "12", "m"],
    ["さくら", "桜", "9", "f"],
  ];
  for (const [kana, kanji, age, sex] of family) {
    await keys.word(kana, kanji);
    await keys.press("Enter");
    await keys.type(age);
    await keys.press("Enter");
    await keys.press(sex);
    await keys.press("Enter");
  }
  await keys.type("1020094");
  await keys.press("Control+Enter");
  await page.waitForURL(/\/registry\/household\/[a-z0-9]+(\/card)?$/);
  t.diagnostic(`${keys.count} keystrokes`);
  await page.goto(page.url().replace(/\/card$/, ""));
  const told = await page.textContent("main");
  for (const [, kanji] of family) assert.ok(told.includes(`山田 ${kanji}`), `${kanji} is missing in: ${told}`);
  for (const reading of ["ヤマダ タロウ", "ヤマダ ショウタ"]) assert.ok(told.includes(reading), `${reading} in: ${told}`);
  assert.ok(told.includes("102-0094"), told);
  assert.ok(keys.count <= FAMILY_KEYS_MAX, `${keys.count} keystrokes`);
});

test("Enter that takes a word from the input method does not leave the box", async () => {
  const page = await browser.page({ who: staff });
  await page.goto(`${world.desk}/registry/reception`);
  const composing = { key: "Enter", bubbles: true, cancelable: true, isComposing: true };
  await page.evaluate((event) => document.getElementById("name").dispatchEvent(new KeyboardEvent("keydown", event)), composing);
  assert.equal(await page.evaluate(() => document.activeElement.id), "name");
});

test("a mistake keeps what was typed, is told in the title, and has the focus", async () => {
  const page = await browser.page({ who: staff });
  await page.goto(`${world.desk}/registry/reception`);
  await page.fill("#name", "田中");
  await page.fill("#people", "たくさん");
  await Promise.all([page.waitForEvent("load"), page.press("#people", "Enter")]);
  assert.equal(await page.inputValue("#name"), "田中");
  assert.equal(await page.inputValue("#people"), "たくさん");
  assert.match(await page.title(), /誤り/);
  assert.equal(await page.evaluate(() => document.activeElement.id), "problems");
  await page.click("#problems a");
  assert.equal(await page.evaluate(() => document.activeElement.id), "people");
});

test("the desk is complete without JavaScript", async () => {
  const page = await browser.page({ script: false });
  await world.signIn(page, world.staff);
  await page.goto(`${world.desk}/registry/reception`);
  await page.fill("#name", "中村");
  await page.fill("#people", "2");
  await page.click("main form button");
  await page.waitForURL(/\/card$/);
  const card = (await page.textContent(".card-number")).trim();

  await page.goto(`${world.desk}/registry/new`);
  await page.fill("[name=surname]", "小林");
  await page.fill("[name='n0.name']", "一郎");
  await page.fill("[name='n0.birth']", "S60.4.1");
  await page.selectOption("[name='n0.sex']", "m");
  await page.click("main form button >> nth=0");
  await page.waitForURL(/\/registry\/household\//);

  await page.goto(`${world.desk}/registry`);
  await page.fill("#q", card);
  await page.click("form[role=search] button");
  assert.match(await page.textContent("main"), /中村/);

  await page.goto(`${world.desk}/aid`);
  assert.ok(await page.isVisible("h1"));
  await page.click("form[action='/sign-out'] button");
  await page.goto(`${world.desk}/registry`);
  assert.match(page.url(), /sign-in/);
});

test("without JavaScript the Enter key still saves and Tab still goes through every box", async () => {
  const page = await browser.page({ script: false, who: staff });
  await page.goto(`${world.desk}/registry/reception`);
  const keys = await Keyboard.of(page);
  await keys.type("Sato");
  await keys.press("Tab");
  await keys.type("3");
  await keys.press("Enter");
  await page.waitForURL(/\/card$/);
});

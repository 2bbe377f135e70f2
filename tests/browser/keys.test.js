// The measure itself is measured first.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser } from "./lib/browser.js";
import { Keyboard, toRomaji } from "./lib/keys.js";

let browser;
before(async () => { browser = await Browser.open(); });
after(() => browser?.close());

test("a name in kana has as many keys as a person presses", () => {
  const names = { やまだ: "yamada", しょうた: "syouta", はっとり: "hattori", けんいち: "kenniti", ゆうこ: "yuuko" };
  for (const [kana, romaji] of Object.entries(names)) assert.equal(toRomaji(kana), romaji);
});

test("a word reaches the box as a person's input method would send it", async () => {
  const page = await browser.page();
  await page.setContent("<input id=name autofocus>");
  await page.evaluate(() => {
    window.heard = [];
    for (const kind of ["compositionstart", "compositionupdate", "compositionend"]) {
      document.addEventListener(kind, (event) => window.heard.push(`${kind} ${event.data}`));
    }
  });
  await page.focus("#name");
  const keys = await Keyboard.of(page);
  await keys.word("やまだ", "山田");
  assert.equal(await page.inputValue("#name"), "山田");
  assert.equal(keys.count, "yamada".length + 2);
  const heard = await page.evaluate(() => window.heard);
  assert.ok(heard.includes("compositionupdate やまだ"), heard.join(", "));
  assert.equal(heard.at(-1), "compositionend 山田");
});

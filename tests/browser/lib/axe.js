// Accessibility as axe-core sees it, and no sideways scrolling.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const SOURCE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

// Fails with every violation, its rule and the elements that break it.
export async function isAccessible(page, where) {
  // Evaluated from outside the page, so its own content security policy stays as it is.
  await page.evaluate(SOURCE);
  const { violations } = await page.evaluate(
    (values) => window.axe.run(document, { runOnly: { type: "tag", values } }),
    RULES,
  );
  const told = violations.map(({ id, help, nodes }) => `${id}: ${help}\n${nodes.map(line).join("\n")}`);
  assert.equal(told.length, 0, `${where}\n${told.join("\n")}`);
  await fits(page, where);
}

const line = ({ target, html, failureSummary }) =>
  `    ${target.join(" ")}  ${html.slice(0, 160)}\n      ${failureSummary?.split("\n").slice(1).join(" ").trim()}`;

async function fits(page, where) {
  const { content, window: wide } = await page.evaluate(() => ({
    content: document.documentElement.scrollWidth,
    window: document.documentElement.clientWidth,
  }));
  assert.ok(content <= wide, `${where}: ${content} px of content in a window of ${wide} px`);
}

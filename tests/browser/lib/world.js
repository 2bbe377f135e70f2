// A world to look at: one shelter with people, and headquarters. The program that makes it is
// Rust; it says in one line of JSON where everything is, and ends when we do.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const PROGRAM =
  process.env.YADORI_BROWSER_WORLD ?? fileURLToPath(new URL("../../../target/debug/browser-world", import.meta.url));

export class World {
  static async open() {
    // The world ends when its standard input does, so it cannot outlive us.
    const child = spawn(PROGRAM, { stdio: ["pipe", "pipe", "inherit"] });
    const ended = new Promise((done) => child.once("exit", done));
    const lines = createInterface({ input: child.stdout });
    const first = await Promise.race([
      new Promise((tell) => lines.once("line", tell)),
      ended.then((code) => { throw new Error(`${PROGRAM} ended with ${code}`); }),
    ]);
    return Object.assign(new World(), JSON.parse(first), { child, ended });
  }

  // At the desk, by name and PIN.
  async signIn(page, { name, pin }) {
    await page.goto(`${this.desk}/sign-in`);
    await page.fill("#staff_name", name);
    await page.fill("#staff_pin", pin);
    await Promise.all([page.waitForURL(`${this.desk}/`), page.click("main form button")]);
  }

  // At headquarters, by name and password.
  async signInOfficer(page, { name, password }) {
    await page.goto(`${this.console}/sign-in`);
    await page.fill("[name=name]", name);
    await page.fill("[name=password]", password);
    await Promise.all([page.waitForURL(`${this.console}/`), page.click("main form button")]);
    // Records open only to those who said why.
    await page.goto(`${this.console}/reason`);
    await page.fill("[name=reason]", "家族からの問い合わせ");
    await Promise.all([page.waitForURL(/\/people/), page.click("main form[action='/reason'] button")]);
  }

  async close() {
    this.child.stdin.end();
    await this.ended;
  }
}

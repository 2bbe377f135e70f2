// A keyboard that counts. Japanese is typed as people type it: romaji into an input method,
// the space bar to convert, Enter to take the word.

export class Keyboard {
  static async of(page) {
    return new Keyboard(page, await page.context().newCDPSession(page));
  }

  constructor(page, devtools) {
    this.page = page;
    this.devtools = devtools;
    this.count = 0;
  }

  // One key; a chord such as Control+Enter is one keystroke, as in the estimates it is held to.
  async press(key) {
    this.count += 1;
    await this.page.keyboard.press(key);
  }

  // Letters that no input method changes.
  async type(text) {
    for (const letter of text) await this.press(letter);
  }

  // A word in kana, and what it is converted to.
  async word(kana, kanji) {
    const romaji = toRomaji(kana);
    this.count += romaji.length + CONVERT + TAKE;
    for (const shown of steps(kana)) await this.compose(shown);
    await this.compose(kanji);
    await this.devtools.send("Input.insertText", { text: kanji });
  }

  compose(text) {
    return this.devtools.send("Input.imeSetComposition", {
      text,
      selectionStart: text.length,
      selectionEnd: text.length,
    });
  }
}

const CONVERT = 1;
const TAKE = 1;

// た, たな, たなか
const steps = (kana) => [...kana].map((_, at, letters) => letters.slice(0, at + 1).join(""));

const VOWELS = "aiueo";
const ROWS = {
  "": "あいうえお", k: "かきくけこ", s: "さしすせそ", t: "たちつてと", n: "なにぬねの",
  h: "はひふへほ", m: "まみむめも", r: "らりるれろ", g: "がぎぐげご", z: "ざじずぜぞ",
  d: "だぢづでど", b: "ばびぶべぼ", p: "ぱぴぷぺぽ",
};
const LETTERS = new Map([["や", "ya"], ["ゆ", "yu"], ["よ", "yo"], ["わ", "wa"], ["を", "wo"], ["ん", "nn"], ["ー", "-"]]);
for (const [consonant, row] of Object.entries(ROWS)) {
  [...row].forEach((letter, at) => LETTERS.set(letter, consonant + VOWELS[at]));
}
const SMALL = new Map([["ゃ", "ya"], ["ゅ", "yu"], ["ょ", "yo"]]);

// The fewest keys that every input method takes: しゃ is sya, っか is kka, ん is nn.
export function toRomaji(kana) {
  let romaji = "";
  let doubled = false;
  for (const letter of kana) {
    if (letter === "っ") {
      doubled = true;
    } else if (SMALL.has(letter)) {
      romaji = romaji.slice(0, -1) + SMALL.get(letter);
    } else {
      const keys = LETTERS.get(letter);
      if (!keys) throw new Error(`${letter} is not hiragana`);
      romaji += doubled ? keys[0] + keys : keys;
      doubled = false;
    }
  }
  return romaji;
}

//! What every free-text word does first: white space, composition, and characters that nobody
//! can see or that only one machine can draw.
//!
//! Characters are otherwise kept as typed. It does not know what a name or an address is.

use unicode_normalization::UnicodeNormalization;

/// Why a character cannot be kept.
pub(super) enum Unfit {
    /// It cannot be seen, or it changes the order of what stands around it.
    Hidden,
    /// Only the machine it was typed on can draw it.
    Undrawable,
}

/// One line: white space at the ends goes, and every run of it becomes one half-width space.
pub(super) fn one_line(typed: &str) -> Result<String, Unfit> {
    let line = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    fit(&line)?;
    Ok(composed(&line))
}

/// Many lines: every sort of line end becomes `\n`, a tab a space; nothing stands at the ends.
pub(super) fn lines(typed: &str) -> Result<String, Unfit> {
    let text = typed
        .replace("\r\n", "\n")
        .replace(
            ['\r', '\u{85}', '\u{2028}', '\u{2029}', '\u{b}', '\u{c}'],
            "\n",
        )
        .replace('\t', " ");
    text.lines().try_for_each(fit)?;
    Ok(composed(text.trim()))
}

/// Digits and marks typed on a Japanese keyboard as their half-width selves, without white space.
pub(super) fn half_width(typed: &str) -> String {
    typed.nfkc().filter(|c| !c.is_whitespace()).collect()
}

/// A hyphen in any of the shapes that keyboards, Word and Excel make of it, the long vowel mark
/// included, which is what the key gives while kana are typed.
pub(super) fn is_hyphen(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{ad}' | '\u{2010}'
            ..='\u{2015}'
                | '\u{2043}'
                | '\u{207b}'
                | '\u{208b}'
                | '\u{2212}'
                | '\u{2500}'
                | '\u{2501}'
                | '\u{30fc}'
                | '\u{fe58}'
                | '\u{fe63}'
                | '\u{ff0d}'
                | '\u{ff70}'
    )
}

/// Composed (NFC), so that two desks store the same bytes for the same word. Compatibility
/// ideographs (神, 福) stay: NFC would turn them into another shape than the one in the name.
fn composed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for run in text.split_inclusive(is_compatibility_ideograph) {
        let kept = run
            .chars()
            .next_back()
            .filter(|&c| is_compatibility_ideograph(c));
        let plain = &run[..run.len() - kept.map_or(0, char::len_utf8)];
        out.extend(plain.nfc());
        out.extend(kept);
    }
    out
}

fn is_compatibility_ideograph(c: char) -> bool {
    matches!(c, '\u{f900}'..='\u{faff}' | '\u{2f800}'..='\u{2fa1f}')
}

fn fit(line: &str) -> Result<(), Unfit> {
    let mut before = ' ';
    for c in line.chars() {
        let refused = c.is_control()
            || is_hidden(c)
            || (is_variation_selector(c) && before == ' ')
            || (is_joiner(c) && !joins_after(before));
        if refused {
            return Err(Unfit::Hidden);
        }
        if is_undrawable(c) {
            return Err(Unfit::Undrawable);
        }
        before = c;
    }
    Ok(())
}

/// Selects a shape of the character before it. The bearers of 葛 know which of its two is theirs.
fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' | '\u{180b}'..='\u{180d}')
}

/// Zero-width joiner and non-joiner.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Nepali and Persian names need joiners between letters, and emoji in notes are made with them.
fn joins_after(before: char) -> bool {
    matches!(before, '\u{600}'..='\u{77f}' | '\u{900}'..='\u{dff}' | '\u{2600}'..='\u{27bf}'
        | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}')
}

/// Format controls, by block: soft hyphen; grapheme joiner; Arabic letter mark; Hangul and
/// Khmer fillers; Mongolian separator; zero-width space; left and right marks; embeddings and
/// overrides; word joiner and invisible operators; isolates and deprecated format characters;
/// blank braille; Hangul filler; byte order mark; half-width filler; annotation marks; shorthand
/// and musical format controls; language tags.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e007f}')
}

/// Private-use characters (外字), non-characters, and the mark that a broken decoding leaves.
fn is_undrawable(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{fffd}'
        | '\u{f0000}'..='\u{10ffff}')
        || u32::from(c) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hyphen_is_a_hyphen_whatever_made_it() {
        assert!("-‐‑‒–—―−ー─－ｰ".chars().all(is_hyphen));
        assert!(!"一~_".chars().any(is_hyphen));
    }

    #[test]
    fn decomposed_text_is_composed_but_a_rare_shape_of_a_kanji_stays() {
        let Ok(line) = one_line("か\u{3099}\u{fa19}e\u{301}") else {
            panic!("fit")
        };
        assert_eq!(line, "が\u{fa19}é");
    }
}

//! One form for search and matching, the same on every node and at headquarters.
//!
//! Folded text finds people; it is never shown, stored as a fact, or taken as proof that two
//! people are one. Rows that hold it are derived: after a change here they are redrawn.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A search with more words than this looks for the first ones: every word is one more pass
/// over the rows, and no name has more parts.
pub const QUERY_WORDS_MAX: usize = 8;

/// Folds width, case, kana, accents, variant kanji, spaces and punctuation.
///
/// `わたなべ　じろー` → `ワタナベジロ`, `渡邉` → `渡辺`, `Nguyễn` → `nguyen`. Voicing marks stay:
/// か and が are different names. Folding twice changes nothing.
pub fn fold(text: &str) -> String {
    let plain = text
        .chars()
        .filter(|&c| !is_variation_selector(c))
        .nfkc()
        .flat_map(char::to_lowercase);
    let mut folded = String::with_capacity(text.len());
    let mut before = None;
    for c in plain.nfkd().filter(|&c| !is_accent(c)).nfc() {
        let c = match (c, before) {
            // 佐々木 and 佐佐木
            ('々', Some(before)) => before,
            _ => one_form(c),
        };
        if is_kept(c) {
            push(&mut folded, c);
            before = Some(c);
        }
    }
    folded.nfc().collect()
}

/// The folded words of a search, for rows that contain them all.
pub fn words(query: &str) -> Vec<String> {
    query
        .split_whitespace()
        .map(fold)
        .filter(|word| !word.is_empty())
        .take(QUERY_WORDS_MAX)
        .collect()
}

fn push(folded: &mut String, c: char) {
    match c {
        'æ' => folded.push_str("ae"),
        'œ' => folded.push_str("oe"),
        'ß' => folded.push_str("ss"),
        c => folded.push(c),
    }
}

fn one_form(c: char) -> char {
    match c {
        'ぁ'..='ゖ' | 'ゝ' | 'ゞ' => katakana(char::from_u32(u32::from(c) + 0x60).unwrap_or(c)),
        'ァ'..='ヺ' => katakana(c),
        'đ' => 'd',
        'ø' => 'o',
        'ł' => 'l',
        'ı' => 'i',
        'ς' => 'σ',
        _ => STANDARD.get(&c).copied().unwrap_or(c),
    }
}

/// Large for small, because registers have long written both alike; and the old letters that
/// sound like others (キヱ and キエ).
fn katakana(c: char) -> char {
    match c {
        'ァ' => 'ア',
        'ィ' | 'ヰ' => 'イ',
        'ゥ' => 'ウ',
        'ェ' | 'ヱ' => 'エ',
        'ォ' | 'ヲ' => 'オ',
        'ッ' => 'ツ',
        'ャ' => 'ヤ',
        'ュ' => 'ユ',
        'ョ' => 'ヨ',
        'ヮ' => 'ワ',
        'ヵ' => 'カ',
        'ヶ' => 'ケ',
        _ => c,
    }
}

/// Letters, digits and the marks that belong to letters (Nepali vowels, voicing marks). The long
/// vowel mark goes: one desk writes サトー ケンジ, the next leaves it out.
fn is_kept(c: char) -> bool {
    c != 'ー' && (c.is_alphanumeric() || is_combining_mark(c))
}

fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' | '\u{180b}'..='\u{180d}')
}

static STANDARD: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let rows = VARIANT_KANJI.split_whitespace().map(str::chars);
    let pairs = rows.filter_map(|mut row| row.next().map(|standard| (standard, row)));
    pairs
        .flat_map(|(standard, variants)| variants.map(move |c| (c, standard)))
        .collect()
});

/// Shared data: in each group a kanji, then the variants (異体字) that search takes for it.
///
/// Only shapes of one character that occur in names: old and new forms, and forms from family
/// registers. Different characters of like sound are not here (坂 and 阪, 崎 and 埼), with one
/// exception: 斎 and 斉, because the bearers themselves are used to both. Compatibility
/// ideographs (神, 福) are folded by NFKC before this table is asked.
pub const VARIANT_KANJI: &str = "
    万萬 与與 両兩 乗乘 亀龜 今𫝆 仏佛 伝傳 児兒 円圓 内內 凛凜 剣劍劒 勲勳
    厳嚴 双雙 台臺 吉𠮷 呉吳 喜㐂 営營 国國圀 土圡𡈽 塩鹽 壮壯 増增 壱壹 奥奧
    嬢孃 学學 宝寶寳 実實 富冨 寛寬 寿壽 将將 尭堯 岳嶽 島嶋嶌㠀 峡峽 峰峯 崎﨑嵜㟢
    巌巖 巣巢 帯帶 広廣 弥彌 当當 徳德 応應 恒恆 恵惠 悦悅 懐懷 戸戶 挙擧
    斎齋斉齊 旧舊 昂昻 昇曻 暁曉 曽曾 来來 条條 松枩 柏栢 柳栁桺 栃杤 栄榮 桑桒
    桜櫻 桝枡 桧檜 楽樂 槙槇 横橫 橋槗𣘺 歩步 毎每 気氣 沖冲 沢澤 浄淨 浅淺
    浜濱濵 涼凉 済濟 清淸 渋澁 渓溪 渕淵渊 温溫 湾灣 満滿 滝瀧 瀬瀨 為爲 煕熙凞
    瑶瑤 真眞 礼禮 祢禰 禄祿 秋穐龝 秘祕 稲稻 穂穗 穣穰 竜龍 篭籠 糸絲 経經
    絵繪 緑綠 縁緣 総總 聡聰 聴聽 船舩 芦蘆 芸藝 荘莊 萌萠 蔵藏 薫薰 薮藪籔
    蘇蘓 蛍螢 衛衞 覚覺 誉譽 譲讓 讃讚 豊豐 辺邊邉 迪廸 達逹 遥遙 郎郞 郷鄕鄉
    釈釋 釜釡 鉄鐵鐡銕 録錄 鎮鎭 関關 隣鄰 霊靈 青靑 静靜 頴穎 頼賴 顕顯 館舘
    高髙 鴎鷗 鴬鶯 鶴靏靍鸖 麦麥 黄黃 黒黑
";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn kana_of_every_sort_and_width_are_one_word() {
        for typed in [
            "ワタナベ ジロー",
            "わたなべ　じろ",
            "ﾜﾀﾅﾍﾞｼﾞﾛ-",
            "ワタナヘ\u{3099}・ジロ",
        ] {
            assert_eq!(fold(typed), "ワタナベジロ");
        }
        assert_eq!(fold("きゃっと"), fold("キヤツト"));
        assert_eq!(fold("三ヶ島"), fold("三ケ島"));
        assert_eq!(fold("キヱ"), fold("きえ"));
    }

    #[test]
    fn voicing_marks_tell_names_apart() {
        assert_ne!(fold("かわさき"), fold("かわざき"));
        assert_ne!(fold("ハハ"), fold("パパ"));
    }

    #[test]
    fn a_name_is_found_by_any_shape_of_its_kanji() {
        for (one, other) in [
            ("渡邉", "渡辺"),
            ("渡邊", "渡辺"),
            ("齋藤", "斉藤"),
            ("髙﨑", "高崎"),
            ("𠮷野", "吉野"),
            ("葛\u{e0100}城", "葛城"),
            ("\u{fa19}谷", "神谷"),
            ("佐々木", "佐佐木"),
            ("濵田", "浜田"),
            ("冨永", "富永"),
        ] {
            assert_eq!(fold(one), fold(other));
        }
        assert_ne!(fold("坂田"), fold("阪田"));
    }

    #[test]
    fn latin_names_are_found_without_accents_and_case() {
        assert_eq!(fold("NGUYỄN Văn Đức"), "nguyenvanduc");
        assert_eq!(fold("Ｊosé"), "jose");
        assert_eq!(fold("Straße Œ"), "strasseoe");
    }

    #[test]
    fn nepali_vowels_stay() {
        assert_eq!(fold("शर्मा"), "शर्मा");
    }

    #[test]
    fn a_card_number_is_found_however_it_is_punctuated() {
        assert_eq!(fold("K7F-0374-C"), fold("ｋ７ｆ ０３７４ c"));
    }

    #[test]
    fn a_search_is_folded_word_by_word_and_bounded() {
        assert_eq!(words(" 渡邉　はなこ - "), ["渡辺", "ハナコ"]);
        assert!(words("?").is_empty());
        assert_eq!(words(&"a ".repeat(100)).len(), QUERY_WORDS_MAX);
    }

    #[test]
    fn each_variant_leads_to_one_standard_form_and_no_further() {
        let mut seen = std::collections::BTreeSet::new();
        for group in VARIANT_KANJI.split_whitespace() {
            let standard = group.chars().next().unwrap().to_string();
            assert!(group.chars().count() > 1, "{standard} has no variants");
            for c in group.chars() {
                assert!(seen.insert(c), "{c} stands there twice");
                assert_eq!(fold(&c.to_string()), standard);
            }
        }
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC*|[ぁ-ヿｦ-ﾟ々 \u{3099}\u{300}aßĐĳ-]*") {
            let folded = fold(&text);
            prop_assert_eq!(fold(&folded), folded);
        }
    }
}

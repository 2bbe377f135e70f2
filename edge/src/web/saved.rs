//! What is saved where: the one line that every page carries.
//!
//! Three places are named, never a bare "offline": being cut off is normal here and no alarm.

use super::when::moment;
use super::words::Lang;
use crate::store::Contact;

/// The line, in the reader's language.
pub fn line(contact: &Contact, lang: Lang) -> String {
    let waiting = contact.waiting_count;
    let line = match contact.heard_s {
        None => lang.n("saved-never", waiting),
        Some(at) if waiting == 0 => lang.s("saved-all", moment(lang, at)),
        Some(at) => lang.s2("saved-waiting", waiting, moment(lang, at)),
    };
    match contact.quarantined_count {
        0 => line,
        count => format!("{line} ・ {}", lang.n("saved-refused", count)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_names_this_shelter_and_headquarters() {
        let contact = Contact {
            heard_s: None,
            agreed_s: None,
            waiting_count: 12,
            quarantined_count: 0,
            visits: 0,
            bytes_sent: 0,
            bytes_received: 0,
        };
        assert_eq!(
            line(&contact, Lang::Ja),
            "この避難所に保存済み ・ 本部へ未送信 12件 ・ 本部とはまだ連絡していません"
        );
        let heard = Contact {
            heard_s: Some(1_795_311_060),
            ..contact
        };
        assert_eq!(
            line(&heard, Lang::En),
            "Saved in this shelter ・ 12 waiting for headquarters ・ last contact with headquarters 11/22 10:31"
        );
        let all = Contact {
            waiting_count: 0,
            quarantined_count: 1,
            ..heard
        };
        assert!(
            line(&all, Lang::Ja).ends_with("取り込めなかった記録 1件(責任者に知らせてください)")
        );
    }
}

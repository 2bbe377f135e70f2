//! How a moment is told to people: in Japan's time, with what is known about the clock behind it.

use time::{OffsetDateTime, UtcOffset};
use yadori_ledger::clock::TimeQuality;
use yadori_ledger::words::{CivilDate, TodayTrust};

use super::App;
use super::words::Lang;

/// Every shelter stands in Japan, which has one time zone and no summer time.
const JAPAN_HOURS: i8 = 9;

/// `11/22 10:31`, or that the writer's clock was not set.
pub fn when(lang: Lang, wall_s: i64, quality: TimeQuality) -> String {
    if quality == TimeQuality::None {
        lang.t("time-unknown")
    } else {
        moment(lang, wall_s)
    }
}

/// `11/22 10:31`.
pub fn moment(lang: Lang, wall_s: i64) -> String {
    let offset = UtcOffset::from_hms(JAPAN_HOURS, 0, 0).unwrap_or(UtcOffset::UTC);
    match OffsetDateTime::from_unix_timestamp(wall_s) {
        Ok(at) => {
            let at = at.to_offset(offset);
            format!(
                "{}/{} {:02}:{:02}",
                u8::from(at.month()),
                at.day(),
                at.hour(),
                at.minute()
            )
        }
        Err(_) => lang.t("time-unknown"),
    }
}

/// Today at this node, and whether the node stands by it.
pub fn today(app: &App) -> (CivilDate, TodayTrust) {
    let first = CivilDate::new(2026, 1, 1).expect("there was such a day");
    let trust = match app.clock.quality() {
        TimeQuality::None => TodayTrust::Untrusted,
        _ => TodayTrust::Trusted,
    };
    match CivilDate::in_japan(app.clock.wall_s()) {
        Some(today) => (today, trust),
        None => (first, TodayTrust::Untrusted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_in_japans_time() {
        assert_eq!(moment(Lang::Ja, 1_795_311_060), "11/22 10:31");
        assert_eq!(
            when(Lang::En, 0, TimeQuality::None),
            Lang::En.t("time-unknown")
        );
        assert_eq!(moment(Lang::En, i64::MAX), Lang::En.t("time-unknown"));
    }
}

//! How moments and ages are written. Japan has one time zone and no summer time.

use time::{OffsetDateTime, UtcOffset};

use crate::i18n::Tongue;

const JAPAN_HOURS: i8 = 9;

/// `11月22日 10:31` or `22 Nov 10:31`.
pub(crate) fn moment(t: Tongue, at_s: i64) -> String {
    let Ok(utc) = OffsetDateTime::from_unix_timestamp(at_s) else {
        return "—".to_owned();
    };
    let japan = UtcOffset::from_hms(JAPAN_HOURS, 0, 0).unwrap_or(UtcOffset::UTC);
    let at = utc.to_offset(japan);
    let (month, day, hour, minute) = (at.month(), at.day(), at.hour(), at.minute());
    match t {
        Tongue::Ja => format!("{}月{day}日 {hour:02}:{minute:02}", u8::from(month)),
        Tongue::En => format!("{day} {:.3} {hour:02}:{minute:02}", month.to_string()),
    }
}

/// How long ago, in the largest unit that fits. What lies ahead (a clock ran fast) is "now".
pub(crate) fn age(t: Tongue, now_s: i64, then_s: i64) -> String {
    match (now_s - then_s).max(0) {
        ..60 => t.say("age-now"),
        seconds @ 60..3_600 => t.say_n("age-minutes", seconds / 60),
        seconds @ 3_600..86_400 => t.say_n("age-hours", seconds / 3_600),
        seconds => t.say_n("age-days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_in_japans_time() {
        assert_eq!(moment(Tongue::Ja, 1_795_311_060), "11月22日 10:31");
        assert_eq!(moment(Tongue::En, 1_795_311_060), "22 Nov 10:31");
    }

    #[test]
    fn ages_are_in_the_largest_unit_that_fits() {
        assert_eq!(age(Tongue::En, 100, 90), "now");
        assert_eq!(age(Tongue::En, 10_000, 10_000 - 125), "2 minutes ago");
        assert_eq!(age(Tongue::En, 10_000, 10_000 - 3_600), "1 hour ago");
        assert_eq!(age(Tongue::Ja, 100_000, 0), "1日前");
        assert_eq!(age(Tongue::Ja, 0, 500), "たった今");
    }
}

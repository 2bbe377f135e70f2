use proptest::prelude::*;

use super::*;
use crate::words::Answer;

fn today() -> CivilDate {
    "2026-11-22".parse().unwrap()
}

fn birth(typed: &str) -> Result<Birth, BirthError> {
    Birth::parse(typed, today(), TodayTrust::Trusted)
}

fn stored(typed: &str) -> Result<String, BirthError> {
    birth(typed).map(|birth| birth.stored())
}

fn era_text(typed: &str) -> Option<String> {
    birth(typed).unwrap().era_text()
}

fn age_on(typed: &str, day: &str) -> Option<RangeInclusive<u16>> {
    birth(typed).unwrap().age_on(day.parse().unwrap())
}

#[test]
fn one_day_may_be_typed_in_every_way_people_write_it() {
    let ways = [
        "S60.4.1",
        "s60.4.1",
        "Ｓ６０．４．１",
        "昭60/4/1",
        "昭和60年4月1日",
        "昭和６０年 ４月 １日生",
        "S60 4 1",
        "S 60-4-1",
        "S600401",
        "㍼60.04.01",
        "19850401",
        "1985-04-01",
        "1985/4/1",
        "1985年4月1日生まれ",
        "１９８５・４・１",
        "1985ー4ー1",
    ];
    for typed in ways {
        assert_eq!(stored(typed).as_deref(), Ok("1985-04-01"), "{typed}");
    }
}

#[test]
fn every_era_is_read() {
    assert_eq!(stored("R元.5.2").unwrap(), "2019-05-02");
    assert_eq!(stored("令和元年5月").unwrap(), "2019-05-??");
    assert_eq!(stored("r7.1.1").unwrap(), "2025-01-01");
    assert_eq!(stored("H1.1.8").unwrap(), "1989-01-08");
    assert_eq!(stored("大11.2.3").unwrap(), "1922-02-03");
    assert_eq!(stored("M45.7.29").unwrap(), "1912-07-29");
}

#[test]
fn unknown_parts_stay_unknown() {
    assert_eq!(stored("S27.3.?").unwrap(), "1952-03-??");
    assert_eq!(stored("S27.3").unwrap(), "1952-03-??");
    assert_eq!(stored("昭和27年3月不明日").unwrap(), "1952-03-??");
    for typed in [
        "1985.?.?",
        "1985",
        "S60",
        "昭和60年",
        "1985年",
        "1985-??-??",
    ] {
        assert_eq!(stored(typed).unwrap(), "1985-??-??");
    }
    assert_eq!(stored("?"), Err(BirthError::Empty));
    assert_eq!(stored("不明"), Err(BirthError::Empty));
}

#[test]
fn a_day_outside_its_era_is_answered_with_the_right_era() {
    let better = |typed: &str| birth(typed).unwrap_err().hint().unwrap();
    assert_eq!(better("S64.1.8"), "H1.1.8");
    assert_eq!(better("H31.5.1"), "R1.5.1");
    assert_eq!(better("H1.1.7"), "S64.1.7");
    assert_eq!(better("S64.2"), "H1.2");
    assert_eq!(better("令和0年"), "H30");
    assert_eq!(better("昭和100年"), "R7");
    assert_eq!(birth("S64.1.8").unwrap_err().key(), "birth-not-in-era");
}

#[test]
fn the_first_and_last_days_of_an_era_belong_to_it() {
    for (typed, day) in [
        ("S64.1.7", "1989-01-07"),
        ("H31.4.30", "2019-04-30"),
        ("S1.12.25", "1926-12-25"),
        ("T15.12.25", "1926-12-25"),
        ("S64.1", "1989-01-??"),
        ("H31", "2019-??-??"),
    ] {
        assert_eq!(stored(typed).as_deref(), Ok(day));
    }
}

#[test]
fn days_that_are_not_in_the_calendar_are_refused() {
    for typed in [
        "1985-02-30",
        "S60.2.29",
        "1985.13.1",
        "19850400",
        "1985.13",
        "S60.0.?",
        "2023/2/29",
    ] {
        assert_eq!(stored(typed), Err(BirthError::NoSuchDay), "{typed}");
    }
    assert_eq!(stored("2024/2/29").unwrap(), "2024-02-29");
}

#[test]
fn a_year_without_an_era_is_not_guessed() {
    for typed in ["60.4.1", "60年", "85/4/1", "4月1日", "10/12/1985"] {
        assert_eq!(stored(typed), Err(BirthError::EraMissing), "{typed}");
    }
    for typed in [
        "600401", "3600401", "S6004", "198?", "S60.?.1", "S60..1", "?.4.1", "花子", "S", "1.2.3.4",
    ] {
        assert_eq!(stored(typed), Err(BirthError::Unclear), "{typed}");
    }
    assert_eq!(stored("　"), Err(BirthError::Empty));
}

#[test]
fn an_age_is_kept_with_the_day_it_was_told() {
    for typed in ["42", "４２", "42歳", "42才"] {
        assert_eq!(stored(typed).unwrap(), "~42@2026-11-22");
    }
    assert_eq!(stored("40代").unwrap(), "~40-49@2026-11-22");
    assert_eq!(stored("45代"), Err(BirthError::Unclear));
}

#[test]
fn ages_from_0_to_130_are_taken() {
    assert!(stored("0").is_ok() && stored("130").is_ok());
    for typed in [
        "131",
        "999",
        "1985歳",
        "99999999999歳",
        "1895-11-21",
        "M20.1.1",
        "M3.1.1",
        "1872-01-01",
    ] {
        assert_eq!(stored(typed), Err(BirthError::TooOld), "{typed}");
    }
    assert!(stored("1896-11-22").is_ok());
}

#[test]
fn a_birth_in_the_future_is_refused_only_under_a_trusted_clock() {
    assert_eq!(stored("2026-11-23"), Err(BirthError::InFuture));
    assert_eq!(stored("2027"), Err(BirthError::InFuture));
    assert!(stored("2026-11-22").is_ok() && stored("2026-11-??").is_ok());

    let waking = "1970-01-01".parse().unwrap();
    let taken = |typed| {
        Birth::parse(typed, waking, TodayTrust::Untrusted)
            .unwrap()
            .stored()
    };
    assert_eq!(taken("1985-04-01"), "1985-04-01");
    assert_eq!(taken("42"), "~42");
}

#[test]
fn the_echo_says_the_date_in_its_era() {
    assert_eq!(era_text("19850401").as_deref(), Some("昭和60年4月1日"));
    assert_eq!(era_text("2019-05-02").as_deref(), Some("令和元年5月2日"));
    assert_eq!(era_text("T15.12.25").as_deref(), Some("昭和元年12月25日"));
    assert_eq!(era_text("1952.3.?").as_deref(), Some("昭和27年3月"));
    assert_eq!(era_text("1989").as_deref(), Some("昭和64年・平成元年"));
    assert_eq!(era_text("42"), None);
}

#[test]
fn the_age_is_one_number_or_the_ages_that_are_possible() {
    assert_eq!(age_on("1985-04-01", "2026-03-31"), Some(40..=40));
    assert_eq!(age_on("1985-04-01", "2026-04-01"), Some(41..=41));
    assert_eq!(age_on("1985.4.?", "2026-04-15"), Some(40..=41));
    assert_eq!(age_on("1985", "2026-11-22"), Some(40..=41));
    assert_eq!(age_on("2026", "2026-11-22"), Some(0..=0));
    assert_eq!(age_on("1985", "1984-12-31"), None);
}

#[test]
fn a_told_age_grows_with_the_years() {
    assert_eq!(age_on("42", "2026-11-22"), Some(42..=42));
    assert_eq!(age_on("42", "2026-12-31"), Some(42..=43));
    assert_eq!(age_on("42", "2027-11-22"), Some(43..=43));
    assert_eq!(age_on("40代", "2028-01-01"), Some(41..=51));
    assert_eq!(age_on("42", "1970-01-01"), None);
    assert_eq!(
        Birth::from_stored("~42").unwrap().age_on(today()),
        Some(42..=42)
    );
}

#[test]
fn only_one_text_stands_for_a_birth() {
    for text in [
        "1985-4-1",
        "1985-04-1?",
        "1985-??-01",
        "1985-04",
        "1985-04-01-01",
        "1985-02-30",
        "1800-01-01",
        "~042",
        "~42@",
        "~42-42",
        "~49-40",
        "~131",
        "~42@2026-02-30",
        "~+42",
        "",
        "~",
    ] {
        assert_eq!(Birth::from_stored(text), Err(BirthError::Unclear), "{text}");
    }
}

#[test]
fn a_birth_prints_nothing() {
    assert_eq!(format!("{:?}", birth("42")), "Ok(Birth(…))");
    assert_eq!(format!("{:?}", birth("S64.1.8")), "Err(NotInEra(…))");
}

proptest! {
    #[test]
    fn any_text_is_answered_and_what_is_taken_reads_back(
        typed in "[MTSHRmths昭平令大明和元年月日歳代?0-9０-９./ 　-]{0,14}|\\PC*",
    ) {
        if let Ok(birth) = birth(&typed) {
            let stored = birth.stored();
            prop_assert!(stored.len() <= Birth::CHARS_MAX);
            prop_assert_eq!(Birth::from_stored(&stored), Ok(birth));
        }
    }

    #[test]
    fn the_era_text_of_a_day_reads_back_as_the_day(year in 1897_u16..2026, month in 1_u8..=12, day in 1_u8..=28) {
        let typed = format!("{year}-{month}-{day}");
        let said = era_text(&typed).unwrap();
        prop_assert_eq!(birth(&said), birth(&typed));
    }

    #[test]
    fn stored_text_from_anywhere_is_answered(text in "[~@?0-9-]{0,20}") {
        if let Ok(birth) = Birth::from_stored(&text) {
            prop_assert_eq!(birth.stored(), text);
        }
    }
}

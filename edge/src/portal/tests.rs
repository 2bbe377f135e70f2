//! A family registers itself on a phone.

use axum::http::{StatusCode, header};

use crate::web::harness::{Answer, Desk};

const SCRIPT: &str = "<script>alert(1)</script>";

/// The address that the form on a page goes to.
fn action(page: &Answer) -> String {
    let rest = page.text.split("action=\"").nth(1).unwrap();
    rest.split('"')
        .next()
        .unwrap()
        .replace("&#38;", "&")
        .replace("&amp;", "&")
}

async fn answered(desk: &Desk, page: &Answer, fields: &[(&str, &str)]) -> Answer {
    answered_from(1, desk, page, fields).await
}

async fn answered_from(phone: u8, desk: &Desk, page: &Answer, fields: &[(&str, &str)]) -> Answer {
    let next = desk.portal_post_from(phone, &action(page), fields).await;
    assert_eq!(next.status, StatusCode::SEE_OTHER, "{}", next.text);
    desk.portal_get(next.location()).await
}

async fn up_to_phone(desk: &Desk, names: &str, people: &str, phone: u8) -> Answer {
    let first = desk.portal_get("/register?l=ja").await;
    let second = answered_from(phone, desk, &first, &[("name", names)]).await;
    let third = answered_from(phone, desk, &second, &[("people", people)]).await;
    answered_from(phone, desk, &third, &[("needs", "w"), ("needs", "m")]).await
}

#[tokio::test]
async fn a_family_registers_itself_and_is_confirmed_at_the_desk() {
    let desk = Desk::open().await;
    let fourth = up_to_phone(&desk, "山田 太郎\r\n山田 花子\r\n", "3", 1).await;
    let number = answered(&desk, &fourth, &[("phone", "090-1234-5678")]).await;
    assert_eq!(number.status, StatusCode::OK);
    assert!(number.text.contains("K7F-0001-") && number.text.contains("3人"));
    assert!(
        !number.text.contains("山田"),
        "only the number is shown back"
    );

    let waiting = desk.get("/registry/unconfirmed").await.text;
    assert!(waiting.contains("山田 太郎") && waiting.contains("車いす"));
    let path = waiting
        .split("/registry/household/")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let page = desk.get(&format!("/registry/household/{path}")).await.text;
    assert!(
        page.contains("本人 ・ 11/22 10:31") && page.contains("09012345678"),
        "{page}"
    );
    let confirmed = desk
        .post(&format!("/registry/household/{path}/confirm"), &[])
        .await;
    assert_eq!(confirmed.location(), "/registry/unconfirmed");
    assert!(
        desk.get("/registry/unconfirmed")
            .await
            .text
            .contains("確認を待っている家族はいません")
    );
}

#[tokio::test]
async fn the_first_page_is_small_whole_and_says_nothing_to_the_browser_to_keep() {
    let desk = Desk::shut().await;
    let home = desk.portal_get("/").await;
    assert!(home.text.len() <= 20_000);
    let register = desk.portal_get("/register?l=ja").await;
    for page in [&home, &register, &desk.portal_get("/no/such/page").await] {
        assert!(page.headers.get(header::SET_COOKIE).is_none());
        for absent in [
            "<script",
            "<link",
            "<img",
            "src=",
            "type=\"file\"",
            "target=",
            "download",
            "http://",
            "https://",
        ] {
            assert!(!page.text.contains(absent), "{absent}");
        }
        assert_eq!(page.headers[header::REFERRER_POLICY], "no-referrer");
    }
}

#[tokio::test]
async fn both_languages_lead_through() {
    let desk = Desk::shut().await;
    assert!(
        desk.portal_get("/?l=en")
            .await
            .text
            .contains("Registration at the shelter")
    );
    let first = desk.portal_get("/register?l=en").await;
    assert!(action(&first).contains("l=en"));
    let second = answered(&desk, &first, &[("name", "Maria da Silva")]).await;
    assert!(second.text.contains("How many people are you"));
    let switch = second
        .text
        .split("href=\"")
        .find(|rest| rest.contains("hreflang=\"ja\""))
        .unwrap();
    let japanese = switch
        .split('"')
        .next()
        .unwrap()
        .replace("&#38;", "&")
        .replace("&amp;", "&");
    assert!(
        desk.portal_get(&japanese)
            .await
            .text
            .contains("いっしょにいる人数")
    );
}

#[tokio::test]
async fn every_question_keeps_a_wrong_answer_and_says_what_is_wrong() {
    let desk = Desk::shut().await;
    let huge = "x".repeat(3_000);
    let first = desk.portal_get("/register?l=ja").await;
    let second = answered(&desk, &first, &[("name", "山田")]).await;
    let third = answered(&desk, &second, &[("people", "2")]).await;
    let fourth = answered(&desk, &third, &[]).await;
    let mut phone = 10;
    for bad in ["", SCRIPT, "a\u{0}b", &huge] {
        for (page, field) in [
            (&first, "name"),
            (&second, "people"),
            (&third, "needs"),
            (&fourth, "phone"),
        ] {
            if bad.is_empty() && field == "phone" {
                continue; // nobody has to have one
            }
            phone += 1;
            let answer = desk
                .portal_post_from(phone, &action(page), &[(field, bad)])
                .await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
            assert_eq!(answer.problems(), [field]);
            assert!(!answer.text.contains("<script>alert"));
            if field != "needs" {
                assert_eq!(answer.value(field), bad, "{field}");
            }
        }
    }
    let fewer = answered(&desk, &first, &[("name", "山田\n鈴木\n佐藤")]).await;
    let answer = desk
        .portal_post_from(99, &action(&fewer), &[("people", "2")])
        .await;
    assert_eq!(answer.problems(), ["people"]);
    let many = "山田\n".repeat(13);
    assert_eq!(
        desk.portal_post_from(98, &action(&first), &[("name", &many)])
            .await
            .problems(),
        ["name"]
    );
    assert_eq!(desk.households().await, 0);
}

#[tokio::test]
async fn a_family_that_sends_twice_has_one_number() {
    let desk = Desk::shut().await;
    let fourth = up_to_phone(&desk, "山田", "3", 1).await;
    let one = answered(&desk, &fourth, &[("phone", "")]).await.text;
    let other = answered(&desk, &fourth, &[("phone", "")]).await.text;
    assert_eq!(
        one.split("card-number").nth(1),
        other.split("card-number").nth(1)
    );
    assert_eq!(desk.households().await, 1);
}

#[tokio::test]
async fn an_address_that_is_old_or_not_ours_begins_again() {
    let desk = Desk::shut().await;
    let fourth = up_to_phone(&desk, "山田", "3", 1).await;
    let address = action(&fourth);
    desk.clock.advance(31 * 60);
    let late = desk.portal_post(&address, &[("phone", "")]).await;
    assert!(
        late.location().starts_with("/register?l=ja"),
        "{}",
        late.location()
    );
    assert!(
        desk.portal_get(late.location())
            .await
            .text
            .contains("はじめからやり直してください")
    );
    for forged in [
        "",
        "abc",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        SCRIPT,
    ] {
        let path = format!(
            "/register/phone?l=ja&s={}",
            forged.replace(['<', '>', '(', ')'], "%3C")
        );
        assert_eq!(
            desk.portal_post(&path, &[("phone", "")]).await.status,
            StatusCode::SEE_OTHER
        );
        assert_eq!(
            desk.portal_get("/number?s=abc").await.status,
            StatusCode::NOT_FOUND
        );
    }
    assert_eq!(desk.households().await, 0);
}

#[tokio::test]
async fn one_phone_is_slowed_and_others_are_not() {
    let desk = Desk::shut().await;
    let first = desk.portal_get("/register?l=ja").await;
    let mut slowed = 0;
    for _ in 0..40 {
        let answer = desk.portal_post(&action(&first), &[("name", "")]).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            assert!(answer.text.contains("少し待って"));
            slowed += 1;
        }
    }
    assert!(slowed >= 20, "{slowed}");
    let other = desk
        .portal_post_from(2, &action(&first), &[("name", "")])
        .await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn entries_that_wait_for_the_desk_are_capped() {
    let desk = Desk::shut().await;
    let crowd = |tx: &crate::store::Tx<'_>| {
        let sql = "insert into household (doc, pseudonym, card, origin, head, people, unnamed, needs, disagreements, lamport)
                   with recursive n(i) as (select 1 union all select i + 1 from n where i < 300)
                   select zeroblob(12) || i, i, '', 'p', '', 1, 1, '', 0, i from n";
        Ok(tx.execute(
            &sql.replace("zeroblob(12) || i", "cast(printf('%016d', i) as blob)"),
            [],
        )?)
    };
    assert_eq!(desk.app.store.write(crowd).await.unwrap(), 300);
    let fourth = up_to_phone(&desk, "山田", "3", 1).await;
    let answer = desk.portal_post(&action(&fourth), &[("phone", "")]).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(desk.households().await, 300);
}

#[tokio::test]
async fn a_form_that_is_too_large_is_refused_plainly_and_the_desk_is_not_here() {
    let desk = Desk::shut().await;
    let first = desk.portal_get("/register?l=ja").await;
    let answer = desk
        .portal_post(&action(&first), &[("name", &"x".repeat(20_000))])
        .await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    for path in ["/registry", "/sign-in", "/staff", "/aid"] {
        assert_eq!(desk.portal_get(path).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_full_disk_sends_the_family_to_the_desk() {
    let desk = Desk::shut().await;
    desk.fill_disk().await;
    let mut phone = 0;
    let answer = loop {
        // The first may still fit into pages that are begun already.
        let fourth = up_to_phone(&desk, "山田", "50", phone).await;
        let answer = desk
            .portal_post_from(phone, &action(&fourth), &[("phone", "0312345678")])
            .await;
        if answer.status != StatusCode::SEE_OTHER {
            break answer;
        }
        phone += 1;
    };
    assert_eq!(answer.status, StatusCode::INSUFFICIENT_STORAGE);
    assert!(answer.text.contains("受付の職員に声をかけてください"));
    assert_eq!(answer.value("phone"), "0312345678");
}

//! What happens at a registration desk, through its own pages.

mod aging;
mod bad_input;
mod desk;
mod disagreement;
mod form;

use axum::http::StatusCode;

use crate::web::harness::{Answer, Desk};

/// Receives a family and answers with the path of its page.
async fn received(desk: &Desk, name: &str, people: &str) -> String {
    let form = desk.get("/registry/reception").await.value("form");
    let answer = desk
        .post(
            "/registry/reception",
            &[("form", &form), ("name", name), ("people", people)],
        )
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    answer.location().trim_end_matches("/card").to_owned()
}

/// The card number that a card's page shows.
fn card(page: &Answer) -> String {
    let rest = page.text.split("card-number\"><strong>").nth(1).unwrap();
    rest.split('<').next().unwrap().to_owned()
}

/// The name of the field of a fact of the person in this row of an edit form.
fn field(page: &Answer, row: usize, fact: &str) -> String {
    let names = page.fields().into_iter().map(|(name, _)| name);
    let mut known = names.filter(|name| name.ends_with(".name") && name.len() == 16);
    let name = known.nth(row).unwrap();
    name.replace(".name", &format!(".{fact}"))
}

//! The first page of the desk: how many are here, what waits, and the next action.

use askama::Template;
use axum::extract::State;

use crate::registry::counts::Counts;
use crate::web::App;
use crate::web::answer::{Page, page};
use crate::web::frame::Frame;

#[derive(Template)]
#[template(path = "staff/home.html")]
struct HomePage {
    frame: Frame,
    counts: Counts,
}

pub(super) async fn home(State(app): State<App>, frame: Frame) -> Page {
    let counts = app.store.read(Counts::read).await?;
    page(&HomePage { frame, counts })
}

//! The portal's first page.

use askama::Template;

use super::frame::PortalFrame;
use crate::web::answer::{Page, page};

#[derive(Template)]
#[template(path = "portal/home.html")]
struct HomePage {
    frame: PortalFrame,
}

pub(super) async fn home(frame: PortalFrame) -> Page {
    page(&HomePage { frame })
}

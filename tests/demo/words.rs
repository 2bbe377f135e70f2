//! What the demo says.

use yadori_tests::World;
use yadori_tests::headquarters::OFFICER;
use yadori_tests::site::{LEAD, STAFF};

use crate::arrivals::people;

pub(crate) const STARTING: &str = "Making identities, opening headquarters and two shelters …";
pub(crate) const ENDING: &str = "Closing; what was saved stays saved.";

pub(crate) fn welcome(world: &World) -> String {
    let shelters: String = world.sites.iter().map(|site| {
        format!(
            "  {name}\n    desk     http://{desk}/\n    portal   http://{portal}/   (what an evacuee sees; no sign-in)\n",
            name = site.shelter.name,
            desk = site.desk(),
            portal = site.portal(),
        )
    }).collect();
    format!(
        "
Yadori is running.

  Headquarters\n    console  http://{console}/
{shelters}
  Sign in at a desk as {staff} with PIN {staff_pin}, or as the lead {lead} with PIN {lead_pin}.
  Sign in at the console as {officer} with password {password}.

What to try
  1. At a desk: reception (受付). A name or nothing, how many, Enter: a card number.
  2. Find somebody in the roster by kana: さとう finds 佐藤.
  3. On the portal, at phone size: register yourself. Then confirm the entry at the desk.
  4. At the console: find the family (say why), and send it to the other shelter too.
     When the window shuts, give it a different allergy at each desk. When it opens again, both
     answers stand side by side until somebody settles it.
  5. Hand out lunch to one card at both shelters while they are cut off; see what is found.
  6. Stop this with kill -9 and start it again with --data: nothing acknowledged is gone.

The satellite (600 ms, 64 kbit/s) is in sight for 60 s, then gone for 30 s. Enter turns it now.
Ctrl-C ends the demo. Invented people are arriving …
",
        console = world.hq.console,
        staff = STAFF.name,
        staff_pin = STAFF.secret,
        lead = LEAD.name,
        lead_pin = LEAD.secret,
        officer = OFFICER.name,
        password = OFFICER.secret,
    )
}

pub(crate) fn window(is_open: bool) -> &'static str {
    if is_open {
        "  the satellite is in sight"
    } else {
        "  the satellite is gone; the shelters go on alone"
    }
}

/// One line: who is where, and what headquarters knows.
pub(crate) async fn counts(world: &World, is_open: bool) -> String {
    let shelters = world.sites.iter().map(|site| {
        let waiting = site.contact().waiting_count;
        format!(
            "{}: {} people, {waiting} changes waiting",
            site.shelter.name,
            people(site)
        )
    });
    let shelters = shelters.collect::<Vec<_>>().join(" | ");
    let known = match world.hq.held().await.people_count().await {
        Ok(known) => known.to_string(),
        Err(error) => error.to_string(),
    };
    format!(
        "  {shelters} | headquarters: {known} people | link {}",
        if is_open { "open" } else { "shut" }
    )
}

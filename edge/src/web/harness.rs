//! The door through which tests come: a real router over a real store in a folder of its own.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode, header};
use ed25519_dalek::SigningKey;
use tempfile::TempDir;
use tower::ServiceExt;
use yadori_ledger::id::ActorId;

use super::{App, Setting, desk, draw, portal};
use crate::clock::ManualClock;
use crate::staff::{self, Role};
use crate::store::{Store, StoreError, StoreOptions, Tx};

/// 2026-11-22 10:31 in Japan.
pub(crate) const NOW_S: i64 = 1_795_311_060;
pub(crate) const LEAD: &str = "田中";
pub(crate) const LEAD_PIN: &str = "204816";

/// One node with its two doors, and a browser in front of them.
pub(crate) struct Desk {
    pub(crate) app: App,
    pub(crate) clock: ManualClock,
    desk: Router,
    portal: Router,
    cookies: Mutex<Vec<(String, String)>>,
    home: TempDir,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Desk {
    /// A node whose lead is signed in.
    pub(crate) async fn open() -> Self {
        let desk = Self::shut().await;
        let answer = desk
            .post("/sign-in", &[("staff_name", LEAD), ("staff_pin", LEAD_PIN)])
            .await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        desk
    }

    /// A node with a lead on its list, and nobody signed in.
    pub(crate) async fn shut() -> Self {
        let home = TempDir::new().unwrap();
        let clock = ManualClock::at(NOW_S);
        let desk = Self::over(home, clock);
        let (name, pin) = (LEAD.parse().unwrap(), LEAD_PIN.parse().unwrap());
        staff::add(&desk.app.store, &name, &pin, Role::Lead)
            .await
            .unwrap();
        desk
    }

    fn over(home: TempDir, clock: ManualClock) -> Self {
        let key = SigningKey::from_bytes(&[7; 32]).verifying_key();
        let shelter = "E1310100001112".parse().unwrap();
        let mut options = StoreOptions::new(
            key,
            shelter,
            "K7F".parse().unwrap(),
            Arc::new(clock.clone()),
            draw,
        );
        // A disk so small that a test can fill it.
        options.bytes_max = 2 * 1024 * 1024;
        let store = Store::open(&home.path().join("node.db"), options).unwrap();
        let setting = Setting {
            shelter_name: "第一小学校".into(),
            secret: [3; 32],
        };
        let app = App::new(store, Arc::new(clock.clone()), setting);
        let (desk, portal) = (desk(app.clone()), portal(app.clone()));
        Self {
            app,
            clock,
            desk,
            portal,
            cookies: Mutex::default(),
            home,
        }
    }

    /// The same node after a restart, in front of the same browser.
    pub(crate) fn restart(self) -> Self {
        let Self {
            app,
            clock,
            desk,
            portal,
            cookies,
            home,
        } = self;
        drop((app, desk, portal));
        Self {
            cookies,
            ..Self::over(home, clock)
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(form(path, fields)).await
    }

    pub(crate) async fn send(&self, mut request: Request<Body>) -> Answer {
        let cookies = self.cookies.lock().unwrap().clone();
        let cookies: Vec<_> = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !cookies.is_empty() {
            request
                .headers_mut()
                .append(header::COOKIE, cookies.join("; ").parse().unwrap());
        }
        let answer = answer(&self.desk, request).await;
        for set in answer.headers.get_all(header::SET_COOKIE) {
            let pair = set
                .to_str()
                .unwrap()
                .split(';')
                .next()
                .unwrap()
                .split_once('=')
                .unwrap();
            let mut cookies = self.cookies.lock().unwrap();
            cookies.retain(|(name, _)| name != pair.0);
            cookies.push((pair.0.to_owned(), pair.1.to_owned()));
        }
        answer
    }

    /// Forgets the session, as another browser would.
    pub(crate) fn leave(&self) {
        self.cookies.lock().unwrap().clear();
    }

    pub(crate) async fn portal_get(&self, path: &str) -> Answer {
        answer(
            &self.portal,
            from_phone(Request::get(path).body(Body::empty()).unwrap(), 1),
        )
        .await
    }

    pub(crate) async fn portal_post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.portal_post_from(1, path, fields).await
    }

    pub(crate) async fn portal_post_from(
        &self,
        phone: u8,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        answer(&self.portal, from_phone(form(path, fields), phone)).await
    }

    /// How many households the node holds.
    pub(crate) async fn households(&self) -> u32 {
        let count = |db: &rusqlite::Connection| {
            Ok(db.query_row("select count(*) from household", [], |row| row.get(0))?)
        };
        self.app.store.read(count).await.unwrap()
    }

    pub(crate) fn actor(&self) -> ActorId {
        self.app.store.actor()
    }

    /// Fills the disk up to the last byte.
    pub(crate) async fn fill_disk(&self) {
        let make = |tx: &Tx<'_>| Ok(tx.execute_batch("create table ballast (bytes blob)")?);
        self.app.store.write(make).await.unwrap();
        for size in [64 * 1024, 1024, 1] {
            let more = move |tx: &Tx<'_>| {
                Ok(tx.execute("insert into ballast values (zeroblob(?1))", [size])?)
            };
            let refused = loop {
                if let Err(refused) = self.app.store.write(more).await {
                    break refused;
                }
            };
            assert!(matches!(refused, StoreError::Full), "{refused}");
        }
    }
}

pub(crate) fn form(path: &str, fields: &[(&str, &str)]) -> Request<Body> {
    let body: Vec<_> = fields
        .iter()
        .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
        .collect();
    Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::HOST, "node.example")
        .body(Body::from(body.join("&")))
        .unwrap()
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.';
    text.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

fn from_phone(mut request: Request<Body>, phone: u8) -> Request<Body> {
    request
        .extensions_mut()
        .insert(ConnectInfo(SocketAddr::from(([10, 0, 0, phone], 50_000))));
    request
}

async fn answer(router: &Router, request: Request<Body>) -> Answer {
    let answer = router.clone().oneshot(request).await.unwrap();
    let (head, body) = answer.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    Answer {
        status: head.status,
        headers: head.headers,
        text: String::from_utf8_lossy(&bytes).into_owned(),
    }
}

impl Answer {
    /// Where the browser is sent.
    pub(crate) fn location(&self) -> &str {
        self.headers
            .get(header::LOCATION)
            .map_or("", |to| to.to_str().unwrap())
    }

    /// The value of a field on the page, as the browser would send it.
    pub(crate) fn value(&self, field: &str) -> String {
        let found = self.fields().into_iter().find(|(name, _)| name == field);
        found.unwrap_or_else(|| panic!("no field {field}")).1
    }

    /// Every field that the browser would send back, with its value.
    pub(crate) fn fields(&self) -> Vec<(String, String)> {
        let mut fields: Vec<(String, String)> = Vec::new();
        for rest in self.text.split('<').skip(1) {
            let (tag, after) = rest.split_once('>').unwrap();
            let text = unescaped(after.strip_prefix('\n').unwrap_or(after));
            match tag.split_whitespace().next().unwrap_or_default() {
                "input" if tag.contains("type=\"checkbox\"") && !tag.contains(" checked") => {}
                "input" => fields.push((attribute(tag, "name"), attribute(tag, "value"))),
                "textarea" => fields.push((attribute(tag, "name"), text)),
                "select" => fields.push((attribute(tag, "name"), String::new())),
                "option" if tag.contains(" selected") => {
                    fields.last_mut().unwrap().1 = attribute(tag, "value")
                }
                _ => {}
            }
        }
        fields.retain(|(name, _)| !name.is_empty());
        fields
    }

    /// The fields with some of them typed over.
    pub(crate) fn typed(&self, over: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut fields = self.fields();
        for (name, value) in over {
            fields.retain(|(known, _)| known != name);
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
        fields
    }

    /// What is wrong, as the summary lists it.
    pub(crate) fn problems(&self) -> Vec<String> {
        let Some(list) = self.text.split("id=\"problems\"").nth(1) else {
            return Vec::new();
        };
        let list = list.split("</ul>").next().unwrap();
        list.split("href=\"#")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap().to_owned())
            .collect()
    }
}

fn attribute(tag: &str, name: &str) -> String {
    let rest = tag.split(&format!(" {name}=\"")).nth(1);
    rest.map_or_else(String::new, |rest| {
        unescaped(rest.split('"').next().unwrap())
    })
}

/// Fields that are owned, as a form takes them.
pub(crate) fn lent(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

fn unescaped(text: &str) -> String {
    text.replace("&#34;", "\"")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#60;", "<")
        .replace("&lt;", "<")
        .replace("&#62;", ">")
        .replace("&gt;", ">")
        .replace("&#38;", "&")
        .replace("&amp;", "&")
}

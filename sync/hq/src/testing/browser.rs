//! An officer's browser without a screen: keeps cookies, follows nothing by itself.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use tower::ServiceExt;

use super::Bench;
use crate::clock::Clock;
use crate::headquarters::Headquarters;
use crate::hq::Hq;
use crate::officer::{self, Role};
use crate::web::{Caller, ConsoleConfig};

/// A console over one database, with a clock that the test moves.
pub(crate) struct Console {
    pub(crate) bench: Bench,
    pub(crate) hq: Arc<Hq>,
    router: Router,
    now_s: Arc<AtomicI64>,
}

pub(crate) const PASSWORD: &str = "correct horse battery";

impl Console {
    pub(crate) async fn both() -> Vec<Self> {
        let mut both = Vec::new();
        for bench in Bench::both().await {
            both.push(Self::over(bench).await);
        }
        both
    }

    async fn over(bench: Bench) -> Self {
        let now_s = Arc::new(AtomicI64::new(1_795_311_060));
        let clock = Clock::new({
            let now_s = Arc::clone(&now_s);
            move || now_s.load(Relaxed)
        });
        let key = ed25519_dalek::SigningKey::from_bytes(&[200; 32]);
        let opened = Headquarters::open(bench.clone_db(), &key.verifying_key(), clock).await;
        let hq = opened.unwrap().0;
        let config = ConsoleConfig {
            secure_cookies: true,
            behind_proxy: false,
        };
        let router = crate::console_router(Arc::clone(&hq), config).unwrap();
        Self {
            bench,
            hq,
            router,
            now_s,
        }
    }

    pub(crate) fn wait_s(&self, seconds: i64) {
        self.now_s.fetch_add(seconds, Relaxed);
    }

    pub(crate) async fn add(&self, name: &str, role: Role) -> i64 {
        officer::add(&self.bench, name, role, &PASSWORD.parse().unwrap(), 0)
            .await
            .unwrap()
    }

    /// A browser that nobody is signed in to.
    pub(crate) fn browser(&self) -> Browser {
        Browser {
            router: self.router.clone(),
            cookies: Vec::new(),
            site: None,
        }
    }

    /// A browser of an officer who is signed in.
    pub(crate) async fn signed_in(&self, name: &str, role: Role) -> Browser {
        self.add(name, role).await;
        let mut browser = self.browser();
        let answer = browser
            .post("/sign-in", &[("name", name), ("password", PASSWORD)])
            .await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        browser
    }
}

pub(crate) struct Browser {
    router: Router,
    cookies: Vec<(String, String)>,
    /// What `Sec-Fetch-Site` says, when the browser sends it.
    pub(crate) site: Option<&'static str>,
}

pub(crate) struct Shown {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Shown {
    pub(crate) fn leads_to(&self) -> &str {
        self.headers
            .get(header::LOCATION)
            .map_or("", |to| to.to_str().unwrap())
    }
}

impl Browser {
    pub(crate) async fn get(&mut self, path: &str) -> Shown {
        self.send(Method::GET, path, Body::empty()).await
    }

    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Shown {
        let escaped = |text: &str| {
            text.bytes()
                .map(|byte| format!("%{byte:02x}"))
                .collect::<String>()
        };
        let pairs: Vec<_> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", escaped(name), escaped(value)))
            .collect();
        self.send(Method::POST, path, Body::from(pairs.join("&")))
            .await
    }

    async fn send(&mut self, method: Method, path: &str, body: Body) -> Shown {
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "hq.example")
            .header(header::COOKIE, cookies.join("; "))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .extension(ConnectInfo(Caller::from(SocketAddr::from((
                [192, 0, 2, 1],
                4_000,
            )))));
        if let Some(site) = self.site {
            request = request.header("sec-fetch-site", site);
        }
        let response = self
            .router
            .clone()
            .oneshot(request.body(body).unwrap())
            .await
            .unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 10_000_000).await.unwrap();
        self.keep_cookies(&parts.headers);
        Shown {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    fn keep_cookies(&mut self, headers: &HeaderMap) {
        for set in headers.get_all(header::SET_COOKIE) {
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
    }
}

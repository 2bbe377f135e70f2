//! Somebody at a browser: keeps cookies, follows redirections, fills forms. Over real HTTP.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::Client;

use crate::form::Form;
use crate::people::Family;

/// A page that takes longer has failed, even while a link is slow: pages never wait for links.
const ANSWER_TAKES_MAX: Duration = Duration::from_secs(30);

/// Enough of a page to see what it says.
const GIST_CHARS_MAX: usize = 400;

pub struct Visitor {
    client: Client,
    site: String,
}

/// The page that was arrived at.
pub struct Answer {
    pub status: u16,
    pub path: String,
    pub text: String,
}

/// A household as the desk answered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Received {
    /// What pages call the household: `/registry/household/…`.
    pub doc: String,
    pub card: String,
}

impl Visitor {
    /// In front of the desk, portal or console at this address.
    pub fn at(address: SocketAddr) -> Self {
        let client = Client::builder()
            .cookie_store(true)
            .timeout(ANSWER_TAKES_MAX)
            .no_proxy()
            .build();
        Self {
            client: client.expect("no TLS is asked for"),
            site: format!("http://{address}"),
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.try_get(path)
            .await
            .unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.try_post(path, form)
            .await
            .unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// For when the other side may be gone.
    pub async fn try_get(&self, path: &str) -> reqwest::Result<Answer> {
        Answer::read(
            self.client
                .get(format!("{}{path}", self.site))
                .send()
                .await?,
        )
        .await
    }

    pub async fn try_post(&self, path: &str, form: &[(&str, &str)]) -> reqwest::Result<Answer> {
        let request = self.client.post(format!("{}{path}", self.site)).form(form);
        Answer::read(request.send().await?).await
    }

    /// Sends a form as it stands.
    pub async fn send(&self, form: &Form) -> Answer {
        let fields: Vec<_> = form
            .fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.post(&form.action, &fields).await
    }

    /// Reception: a name and how many; then a card.
    pub async fn receive(&self, name: &str, people: usize) -> Received {
        let form = self.blank("/registry/reception").await;
        let answer = self
            .send_reception(&form, name, people)
            .await
            .expect("the desk answers");
        answer.received()
    }

    /// The id in a blank form. Sent twice, it is one family.
    pub async fn blank(&self, path: &str) -> String {
        self.get(path)
            .await
            .hidden("form")
            .expect("a form has an id")
    }

    pub async fn send_reception(
        &self,
        form: &str,
        name: &str,
        people: usize,
    ) -> reqwest::Result<Answer> {
        let people = people.to_string();
        self.try_post(
            "/registry/reception",
            &[("form", form), ("name", name), ("people", &people)],
        )
        .await
    }

    /// The full form, with everything that the family says.
    pub async fn register(&self, family: &Family) -> Received {
        let mut page = self.get("/registry/new").await;
        let mut form = page.form("/registry/new");
        while form
            .get(&format!("n{}.name", family.people.len() - 1))
            .is_none()
        {
            page = self.send(&form.and("more", "yes")).await;
            form = page.form("/registry/new");
        }
        for (at, person) in family.people.iter().enumerate() {
            let (year, month, day) = person.birth;
            let birth = format!("{year:04}{month:02}{day:02}");
            let said = [
                ("name", &*person.name),
                ("reading", &*person.kana),
                ("birth", &*birth),
                ("sex", person.sex.letter()),
            ];
            form = said.iter().fold(form, |form, (what, value)| {
                form.with(&format!("n{at}.{what}"), value)
            });
        }
        form = form
            .with("h.address", &family.address)
            .with("h.place", family.stays.word());
        form = form.with("h.phone", family.phone.as_deref().unwrap_or_default());
        let answer = self
            .send(&form.with("h.note", family.note.unwrap_or_default()))
            .await;
        let doc = answer
            .path
            .strip_prefix("/registry/household/")
            .and_then(|rest| rest.split('/').next());
        let doc = doc.unwrap_or_else(|| panic!("not saved: {}", answer.gist()));
        self.get(&format!("/registry/household/{doc}/card"))
            .await
            .received()
    }

    /// Changes one answer of a household, as staff do it: open the form, type, save.
    pub async fn amend(&self, doc: &str, field_end: &str, value: &str) -> Answer {
        let page = self.get(&format!("/registry/household/{doc}/edit")).await;
        let form = page.form("/registry/household/");
        let name = form
            .named_like(field_end)
            .unwrap_or_else(|| panic!("no field {field_end}"))
            .to_owned();
        self.send(&form.with(&name, value)).await
    }

    /// An officer says why, and opens a household.
    pub async fn open_household(&self, doc: &str, reason: &str) -> Answer {
        let answer = self
            .post("/reason", &[("household", doc), ("reason", reason)])
            .await;
        assert_eq!(answer.path, format!("/people/{doc}"), "{}", answer.gist());
        answer
    }

    /// A family registers itself on its phone, one question a page.
    pub async fn register_oneself(&self, names: &str, people: usize) -> Answer {
        let mut page = self.get("/register").await;
        let people = people.to_string();
        for (question, answer) in [
            ("name", names),
            ("people", &people),
            ("needs", ""),
            ("phone", ""),
        ] {
            let form = page.form("/register");
            page = self
                .send(&if answer.is_empty() {
                    form
                } else {
                    form.with(question, answer)
                })
                .await;
            assert_eq!(page.status, 200, "{}", page.gist());
        }
        page
    }
}

impl Answer {
    async fn read(response: reqwest::Response) -> reqwest::Result<Self> {
        let (status, path) = (response.status().as_u16(), response.url().path().to_owned());
        Ok(Self {
            status,
            path,
            text: response.text().await?,
        })
    }

    /// The value of a hidden field of the page.
    pub fn hidden(&self, name: &str) -> Option<String> {
        let (_, rest) = self
            .text
            .split_once(&format!("type=\"hidden\" name=\"{name}\" value=\""))?;
        Some(rest.split_once('"')?.0.to_owned())
    }

    /// The words of the page's main part, for telling what went wrong.
    pub fn gist(&self) -> String {
        let main = self
            .text
            .split_once("<main")
            .map_or(self.text.as_str(), |(_, main)| main);
        let words = main
            .split('<')
            .filter_map(|part| Some(part.split_once('>')?.1.trim()));
        let words: Vec<_> = words.filter(|words| !words.is_empty()).collect();
        let shown: String = words.join(" ").chars().take(GIST_CHARS_MAX).collect();
        format!("{} at {}: {shown}", self.status, self.path)
    }

    /// The form of this page that posts there.
    pub fn form(&self, action: &str) -> Form {
        Form::read(&self.text, action)
            .unwrap_or_else(|| panic!("no form for {action}: {}", self.gist()))
    }

    /// The card's page.
    pub fn received(&self) -> Received {
        let doc = self
            .path
            .strip_prefix("/registry/household/")
            .and_then(|rest| rest.split('/').next());
        let card = self
            .text
            .split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-'));
        let card = card.into_iter().find(|word| is_card(word));
        match (doc, card) {
            (Some(doc), Some(card)) => Received {
                doc: doc.to_owned(),
                card: card.to_owned(),
            },
            _ => panic!("no card: {}", self.gist()),
        }
    }
}

/// `K7F-0374-C`
fn is_card(word: &str) -> bool {
    let parts: Vec<_> = word.split('-').map(str::len).collect();
    parts == [3, 4, 1] && word.bytes().all(|byte| !byte.is_ascii_lowercase())
}

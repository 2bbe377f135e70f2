//! A form as a browser would send it: every field of the page with the value it has there.
//!
//! Reads the HTML that our own templates write, not HTML in general.

/// A form of a page, to be changed and sent.
#[derive(Clone, Debug)]
pub struct Form {
    pub action: String,
    pub fields: Vec<(String, String)>,
}

impl Form {
    /// The form of the page that posts to this path, or else the first to a path below it.
    pub fn read(page: &str, path: &str) -> Option<Self> {
        let forms = page
            .split("<form ")
            .skip(1)
            .filter_map(|rest| Some(rest.split_once("</form>")?.0));
        let forms: Vec<_> = forms.filter_map(Self::of).collect();
        let exact = forms
            .iter()
            .find(|form| form.action.split('?').next() == Some(path));
        exact
            .or_else(|| forms.iter().find(|form| form.action.starts_with(path)))
            .cloned()
    }

    fn of(form: &str) -> Option<Self> {
        let (head, body) = form.split_once('>')?;
        let action = attribute(head, "action")?;
        let mut fields = Vec::new();
        let mut options = 0;
        for tag in body.split('<').skip(1) {
            let Some((name, rest)) =
                tag.split_once(|letter: char| letter.is_whitespace() || letter == '>')
            else {
                continue;
            };
            match name {
                "input" => fields.extend(input(rest)),
                "textarea" => fields.extend(textarea(rest)),
                "select" => {
                    fields.push((attribute(rest, "name")?, String::new()));
                    options = 0;
                }
                "option" => {
                    choose(&mut fields, rest, options == 0);
                    options += 1;
                }
                _ => {}
            }
        }
        Some(Self { action, fields })
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Types into a field, or chooses; a page without that field is a mistake of the test.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        let field = self.fields.iter_mut().find(|(known, _)| known == name);
        let (_, old) =
            field.unwrap_or_else(|| panic!("the form for {} has no {name}", self.action));
        value.clone_into(old);
        self
    }

    /// Ticks a box, or adds the button that sends the form.
    #[must_use]
    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The first field whose name ends so: `.name` of the first person.
    pub fn named_like(&self, end: &str) -> Option<&str> {
        self.fields
            .iter()
            .map(|(name, _)| name.as_str())
            .find(|name| name.ends_with(end))
    }
}

fn input(tag: &str) -> Option<(String, String)> {
    let head = tag.split('>').next()?;
    let ticked = matches!(
        attribute(head, "type").as_deref(),
        Some("checkbox" | "radio")
    );
    if ticked && !head.split_whitespace().any(|word| word == "checked") {
        return None;
    }
    Some((
        attribute(head, "name")?,
        attribute(head, "value").unwrap_or_default(),
    ))
}

fn textarea(tag: &str) -> Option<(String, String)> {
    let (head, text) = tag.split_once('>')?;
    Some((
        attribute(head, "name")?,
        unescaped(text.trim_start_matches('\n')),
    ))
}

/// A browser sends the selected option, or the first.
fn choose(fields: &mut [(String, String)], tag: &str, is_first: bool) {
    let (Some(head), Some((_, value))) = (tag.split('>').next(), fields.last_mut()) else {
        return;
    };
    if is_first || head.contains(" selected") {
        *value = attribute(head, "value").unwrap_or_default();
    }
}

fn attribute(head: &str, name: &str) -> Option<String> {
    let start = format!("{name}=\"");
    let at = head
        .match_indices(&start)
        .map(|(at, _)| at)
        .find(|at| *at == 0 || head[..*at].ends_with(char::is_whitespace))?;
    Some(unescaped(head[at + start.len()..].split('"').next()?))
}

/// The character references that askama writes.
fn unescaped(text: &str) -> String {
    let named = [
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
    ];
    let text = named
        .iter()
        .fold(text.to_owned(), |text, (reference, letter)| {
            text.replace(reference, letter)
        });
    text.replace("&#38;", "&").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_with_the_values_it_has() {
        let page = r#"<form method="get" action="/other"><input name="q"></form>
            <form method="post" action="/save?s=1&#38;t=2" novalidate>
            <input type="hidden" name="form" value="abc"><input id="x" name="name" value="A &#38; B">
            <label><input type="checkbox" name="needs" value="w" checked></label>
            <label><input type="checkbox" name="needs" value="m"></label>
            <select name="sex"><option value="">-</option><option value="f" selected>f</option></select>
            <textarea id="note" name="note" rows="3">
two
lines</textarea></form>"#;
        let form = Form::read(page, "/save").unwrap().with("name", "C");
        assert_eq!(form.action, "/save?s=1&t=2");
        let fields: Vec<_> = form
            .fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let expected = [
            ("form", "abc"),
            ("name", "C"),
            ("needs", "w"),
            ("sex", "f"),
            ("note", "two\nlines"),
        ];
        assert_eq!(fields, expected);
    }
}

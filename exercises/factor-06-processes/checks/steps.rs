//! A whole visit, step by step: each step may meet another process.

use hyper::Method;
use serde_json::{Value, json};

use super::deployed::{Answer, Deployed, ask, shown, status};
use crate::lab::service::Service;
use crate::links::fresh_target;

/// The state of a visitor: what a client has to remember, and nothing else.
#[derive(Debug, Default)]
pub struct Visitor {
    token: String,
    slugs: Vec<String>,
    first_page: String,
    cursor: Option<String>,
}

/// One request of a visit and the status that the contract promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Name and password.
    LogIn,
    /// Who am I?
    Me,
    /// A new link.
    Create,
    /// The first page, of one link.
    FirstPage,
    /// The page after it.
    NextPage,
    /// A link by its slug.
    Show,
    /// A visit of it.
    Follow,
    /// Another target for it.
    Change,
    /// Its end.
    Delete,
    /// The end of the session.
    LogOut,
    /// Who am I now?
    Nobody,
}

/// A visit from login to logout, with two links, so that there are two pages.
pub const VISIT: [Step; 13] = [
    Step::LogIn,
    Step::Me,
    Step::Create,
    Step::Create,
    Step::FirstPage,
    Step::NextPage,
    Step::Show,
    Step::Follow,
    Step::Change,
    Step::Show,
    Step::Delete,
    Step::LogOut,
    Step::Nobody,
];

impl Step {
    /// What the contract says.
    fn promised(self) -> u16 {
        match self {
            Step::LogIn | Step::Create => 201,
            Step::Me | Step::FirstPage | Step::NextPage | Step::Show | Step::Change => 200,
            Step::Follow => 307,
            Step::Delete | Step::LogOut => 204,
            Step::Nobody => 401,
        }
    }

    /// The request, for a report.
    pub fn request(self) -> &'static str {
        match self {
            Step::LogIn => "POST /v1/sessions",
            Step::Me | Step::Nobody => "GET /v1/me",
            Step::Create => "POST /v1/links",
            Step::FirstPage => "GET /v1/links?limit=1",
            Step::NextPage => "GET /v1/links?limit=1&after={next}",
            Step::Show => "GET /v1/links/{slug}",
            Step::Follow => "GET /r/{slug}",
            Step::Change => "PATCH /v1/links/{slug}",
            Step::Delete => "DELETE /v1/links/{slug}",
            Step::LogOut => "DELETE /v1/sessions/current",
        }
    }
}

/// What went wrong with a step.
#[derive(Debug)]
pub struct Trouble {
    /// The step.
    pub step: Step,
    /// What the contract promises.
    pub expected: String,
    /// What came.
    pub seen: String,
}

impl Visitor {
    /// Takes a step at an instance.
    pub async fn take(&mut self, step: Step, deployed: &Deployed, at: &Service) -> Result<(), Trouble> {
        let answer = self.send(step, deployed, at).await;
        if status(&answer) != step.promised() {
            return Err(Trouble { step, expected: step.promised().to_string(), seen: shown(&answer) });
        }
        let body = answer.as_ref().map(|reply| reply.json()).unwrap_or_default();
        self.learn(step, &body).map_err(|expected| Trouble { step, expected, seen: shown(&answer) })
    }

    async fn send(&self, step: Step, deployed: &Deployed, at: &Service) -> Answer {
        let slug = self.slugs.first().map_or("", String::as_str);
        let link = format!("/v1/links/{slug}");
        let target = json!({ "target": fresh_target(&deployed.lab) });
        match step {
            Step::LogIn => deployed.account.ask_to_log_in(at).await,
            Step::Me | Step::Nobody => self.ask(at, Method::GET, "/v1/me", None).await,
            Step::Create => self.ask(at, Method::POST, "/v1/links", Some(&target)).await,
            Step::FirstPage => self.ask(at, Method::GET, "/v1/links?limit=1", None).await,
            Step::NextPage => self.ask(at, Method::GET, &self.next_page(), None).await,
            Step::Show => self.ask(at, Method::GET, &link, None).await,
            Step::Follow => self.ask(at, Method::GET, &format!("/r/{slug}"), None).await,
            Step::Change => self.ask(at, Method::PATCH, &link, Some(&target)).await,
            Step::Delete => self.ask(at, Method::DELETE, &link, None).await,
            Step::LogOut => self.ask(at, Method::DELETE, "/v1/sessions/current", None).await,
        }
    }

    async fn ask(&self, at: &Service, method: Method, path: &str, body: Option<&Value>) -> Answer {
        ask(at, method, path, &self.token, body).await
    }

    fn next_page(&self) -> String {
        let cursor = self.cursor.as_deref().unwrap_or_default();
        format!("/v1/links?limit=1&after={}", crate::lab::secrets::percent_encoded(cursor))
    }

    /// Remembers what a client has to; `Err` says what should have been in the answer.
    fn learn(&mut self, step: Step, body: &Value) -> Result<(), String> {
        let text = |field: &str| body[field].as_str().map(str::to_owned).ok_or(format!("\"{field}\": \"…\""));
        match step {
            Step::LogIn => self.token = text("token")?,
            Step::Create => self.slugs.push(text("slug")?),
            Step::FirstPage => {
                self.first_page = listed(body).ok_or("one item")?;
                self.cursor = Some(text("next")?);
            }
            // Which one comes first may depend on clocks that tick slowly; that the page was turned does not.
            Step::NextPage if listed(body).is_none_or(|slug| slug == self.first_page) => {
                return Err(format!("one item, and not {} again", self.first_page));
            }
            _ => {}
        }
        Ok(())
    }
}

/// The slug of the only link that a page lists.
fn listed(body: &Value) -> Option<String> {
    let items = body["items"].as_array().filter(|items| items.len() == 1)?;
    items[0]["slug"].as_str().map(str::to_owned)
}

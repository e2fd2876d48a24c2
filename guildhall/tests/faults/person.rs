//! Somebody with an account, and what they do in the house.

use super::browser::Browser;
use super::place::{Place, Server};

pub const PASSWORD: &str = "a-quiet-harbour-41";

pub struct Person {
    pub browser: Browser,
    pub email: String,
}

/// What the first start left for the operator.
pub fn setup_link(place: &Place) -> String {
    let text = std::fs::read_to_string(place.data.join("setup-link.txt")).expect("the link is there");
    let (_, token) = text.trim().split_once("/setup?t=").expect("a link");
    token.to_owned()
}

impl Person {
    /// The first administrator, who comes in by the link of the first start.
    pub async fn set_up(place: &Place, server: &Server, email: &str) -> Person {
        let mut browser = Browser::new(server.pages, "10.200.0.1");
        let token = setup_link(place);
        let fields = [("t", token.as_str()), ("name", "Ana"), ("email", email), ("password", PASSWORD)];
        browser.fill(&format!("/setup?t={token}"), &fields).await.leads_to("/desk");
        Person { browser, email: email.to_owned() }
    }

    pub async fn sign_in(&mut self, password: &str) -> super::browser::Reply {
        let email = self.email.clone();
        self.browser.fill("/login", &[("email", &email), ("password", password)]).await
    }

    pub async fn sign_out(&mut self) {
        self.browser.get("/account").await;
        self.browser.send("/logout", &[]).await.leads_to("/");
    }

    /// Whether the cookies that this browser holds open the account.
    pub async fn is_signed_in(&mut self) -> bool {
        self.browser.get("/account").await.status == 200
    }
}

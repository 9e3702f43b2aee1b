//! Reading HTML as a browser would, as far as our rules need it: tags with their attributes, and text.

use std::cell::RefCell;

use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

/// A piece of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// `<name …>`
    Open(Tag),
    /// `</name>`
    Close(String),
    /// Text between tags.
    Text(String),
}

/// A tag with its attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// In lower case.
    pub name: String,
    attributes: Vec<(String, String)>,
}

impl Tag {
    /// The attribute's value, if the tag has it.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// All pieces of a page, in order.
pub fn pieces(html: &str) -> Vec<Piece> {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    let tokenizer = Tokenizer::new(Pieces::default(), TokenizerOpts::default());
    // The sink asks for nothing, so the tokenizer reads to the end at once.
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.found.into_inner()
}

#[derive(Default)]
struct Pieces {
    found: RefCell<Vec<Piece>>,
}

impl TokenSink for Pieces {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut found = self.found.borrow_mut();
        match token {
            Token::CharacterTokens(text) => match found.last_mut() {
                Some(Piece::Text(before)) => before.push_str(&text),
                _ => found.push(Piece::Text(text.to_string())),
            },
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                let attributes =
                    tag.attrs.iter().map(|attr| (attr.name.local.to_string(), attr.value.to_string())).collect();
                let name = tag.name.to_string();
                let raw = raw_text(&name);
                found.push(Piece::Open(Tag { name, attributes }));
                if let Some(kind) = raw {
                    return TokenSinkResult::RawData(kind);
                }
            }
            Token::TagToken(tag) => found.push(Piece::Close(tag.name.to_string())),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// Between `<script>` and `</script>` nothing is a tag.
fn raw_text(name: &str) -> Option<html5ever::tokenizer::states::RawKind> {
    use html5ever::tokenizer::states::RawKind;
    match name {
        "script" => Some(RawKind::ScriptData),
        "style" => Some(RawKind::Rawtext),
        "title" | "textarea" => Some(RawKind::Rcdata),
        _ => None,
    }
}

/// Text as it is written in HTML.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_text_and_attributes_are_decoded() {
        let found = pieces("<p id='a&amp;b'>x &lt; y</p><script>if (a<b) { '<p>' }</script>");
        let Piece::Open(tag) = &found[0] else { panic!("{found:?}") };
        assert_eq!((tag.name.as_str(), tag.attribute("id")), ("p", Some("a&b")));
        assert_eq!(found[1], Piece::Text("x < y".to_owned()));
        assert_eq!(found.iter().filter(|piece| matches!(piece, Piece::Open(_))).count(), 2, "{found:?}");
    }
}

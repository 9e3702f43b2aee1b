//! Open pages hear that the books were rebuilt.

use std::fs;

use crate::world::World;

#[test]
fn a_page_hears_of_every_new_build() {
    let world = World::with_books();
    let mut page = world.get("/api/reload");
    let first = page.next_event().unwrap();
    assert_eq!((first.name.as_str(), first.data.as_str()), ("books", Some("one")));
    // While a build goes on, the file may be away.
    fs::remove_file(world.path("books/source.hash")).unwrap();
    world.write("books/source.hash", "two\n");
    let message = page.next_event().unwrap();
    assert_eq!((message.name.as_str(), message.data.as_str()), ("", Some("two")));
    world.write("books/source.hash", "three\n");
    assert_eq!(page.next_event().unwrap().data, "three");
}

#[test]
fn the_first_build_is_news_too() {
    let world = World::without_books();
    let mut page = world.get("/api/reload");
    assert_eq!(page.next_event().unwrap().data, "");
    world.write("books/source.hash", "one\n");
    assert_eq!(page.next_event().unwrap().data, "one");
}

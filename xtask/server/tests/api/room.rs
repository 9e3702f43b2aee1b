//! Pages hear what the instructor says.

use serde_json::json;

use crate::world::World;

#[test]
fn without_a_room_there_is_nothing_to_hear() {
    let world = World::with_books();
    assert_eq!(world.get("/api/room").json(), json!({ "joined": false, "news": [] }));
}

#[test]
fn every_page_hears_what_was_said_once() {
    let world = World::with_books();
    let news = json!({ "id": 1, "factor": null, "words": "점심은 12시" });
    world.write("room", &json!({ "format_version": 1, "joined": true, "news": [news] }).to_string());
    for _ in 0..3 {
        assert_eq!(world.get("/api/room").json(), json!({ "joined": true, "news": [news] }));
    }
}

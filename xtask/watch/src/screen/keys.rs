//! Keys and sizes of the terminal, as they come in.

use std::sync::mpsc::Sender;
use std::thread;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, read};

use crate::input::{Input, Key};

/// A thread of its own reads them: there is no other way to wait for keys and for everything else at once.
pub fn listen(inputs: Sender<Input>) {
    thread::spawn(move || {
        loop {
            let input = match read() {
                Ok(Event::Key(key)) if key.kind != KeyEventKind::Release => of(key).map(Input::Key),
                Ok(Event::Resize(..)) => Some(Input::Resized),
                Ok(_) => None,
                Err(_) => Some(Input::Gone),
            };
            let over = matches!(input, Some(Input::Gone));
            let sent = input.is_none_or(|input| inputs.send(input).is_ok());
            if over || !sent {
                return;
            }
        }
    });
}

fn of(key: KeyEvent) -> Option<Key> {
    if key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) {
        let ends = key.modifiers == KeyModifiers::CONTROL && matches!(key.code, KeyCode::Char('c' | 'd'));
        return ends.then_some(Key::Interrupt);
    }
    match key.code {
        KeyCode::Char(character) => Some(Key::of(character)),
        KeyCode::Enter => Some(Key::Enter),
        KeyCode::Esc => Some(Key::Escape),
        KeyCode::Up => Some(Key::Up),
        KeyCode::Down => Some(Key::Down),
        KeyCode::PageUp => Some(Key::PageUp),
        KeyCode::PageDown => Some(Key::PageDown),
        KeyCode::Home => Some(Key::Home),
        KeyCode::End => Some(Key::End),
        _ => None,
    }
}

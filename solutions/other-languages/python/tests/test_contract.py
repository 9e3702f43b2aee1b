"""What the pipeline asks before it releases anything. None of it needs a server: those are the platform's to check."""

import unittest

from pydantic import ValidationError

from links.contract import NewLink, Share
from links.partner import is_half
from links.store import Cursor


class Targets(unittest.TestCase):
    def test_a_place_on_the_web_is_a_target(self):
        for target in ("https://a.example/x?y=1#z", "http://[::1]:8080/", "https://a.example/한글"):
            self.assertEqual(NewLink(target=target).target, target)

    def test_nothing_else_is(self):
        for target in ("javascript:alert(1)", "//a.example", "https://", "https://a@b.example/", "https://a.example/\r\nx: y", 7):
            with self.assertRaises(ValidationError, msg=target):
                NewLink(target=target)


class Letters(unittest.TestCase):
    def test_an_address_ends_before_the_next_header(self):
        self.assertEqual(Share(to="a.b+c@d.example").to, "a.b+c@d.example")
        for to in ("a@b.example\r\nBcc: c@d.example", "a", "a@b.example, c@d.example", "<a@b.example>"):
            with self.assertRaises(ValidationError, msg=to):
                Share(to=to)


class Cursors(unittest.TestCase):
    def test_a_cursor_survives_the_way_to_the_client_and_back(self):
        cursor = Cursor(1_732_700_000_123_456, "tteok-4k2m9x")
        self.assertEqual(Cursor.read(str(cursor)), cursor)
        for nonsense in ("", "tteok-4k2m9x", "x.tteok", "1.", f"{2**63}.l"):
            with self.assertRaises(ValueError, msg=nonsense):
                Cursor.read(nonsense)


class Titles(unittest.TestCase):
    def test_half_a_pair_is_no_character(self):
        self.assertTrue(is_half("\ud800"))
        self.assertFalse(is_half("가"))

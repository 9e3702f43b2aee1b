//! The theme's own words in Korean. mdBook has no translations; these tables are, with a guard, all there is.

use super::{Edit, Times};

/// In every page: the English words with enough around them to be found nowhere else, and the Korean.
const PAGE: [(&str, &str, usize); 20] = [
    (">Keyboard shortcuts<", ">단축키<", 1),
    (
        "Press <kbd>←</kbd> or <kbd>→</kbd> to navigate between chapters",
        "<kbd>←</kbd> <kbd>→</kbd> 이전 장, 다음 장으로 이동",
        1,
    ),
    ("Press <kbd>S</kbd> or <kbd>/</kbd> to search in the book", "<kbd>S</kbd> 또는 <kbd>/</kbd> 책에서 검색", 1),
    ("Press <kbd>?</kbd> to show this help", "<kbd>?</kbd> 이 도움말 보기", 1),
    ("Press <kbd>Esc</kbd> to hide this help", "<kbd>Esc</kbd> 이 도움말 닫기", 1),
    ("aria-label=\"Table of contents\"", "aria-label=\"차례\"", 1),
    ("title=\"Toggle Table of Contents\"", "title=\"차례 열기/닫기\"", 1),
    ("aria-label=\"Toggle Table of Contents\"", "aria-label=\"차례 열기/닫기\"", 1),
    ("title=\"Change theme\"", "title=\"테마 바꾸기\"", 1),
    ("aria-label=\"Change theme\"", "aria-label=\"테마 바꾸기\"", 1),
    ("aria-label=\"Themes\"", "aria-label=\"테마\"", 1),
    (">Auto</button>", ">자동</button>", 1),
    (">Light</button>", ">밝게</button>", 1),
    (">Navy</button>", ">어둡게</button>", 1),
    ("title=\"Search (`/`)\"", "title=\"검색 (`/`)\"", 1),
    ("aria-label=\"Toggle Searchbar\"", "aria-label=\"검색창 열기/닫기\"", 1),
    ("title=\"Print this book\"", "title=\"책 전체 인쇄\"", 1),
    ("aria-label=\"Print this book\"", "aria-label=\"책 전체 인쇄\"", 1),
    ("placeholder=\"Search this book ...\"", "placeholder=\"이 책에서 검색\"", 1),
    ("aria-label=\"Page navigation\"", "aria-label=\"장 이동\"", 2),
];

/// As often as the link beside it: the first, the last and the printed page have fewer neighbours.
const NEIGHBOURS: [(&str, &str, &str); 4] = [
    ("title=\"Previous chapter\"", "title=\"이전 장\"", "rel=\"prev\""),
    ("aria-label=\"Previous chapter\"", "aria-label=\"이전 장\"", "rel=\"prev\""),
    ("title=\"Next chapter\"", "title=\"다음 장\"", "rel=\"next prefetch\""),
    ("aria-label=\"Next chapter\"", "aria-label=\"다음 장\"", "rel=\"next prefetch\""),
];

const BOOK_JS: [(&str, &str); 6] = [
    ("'Copy to clipboard'", "'복사'"),
    ("'Copied!'", "'복사했습니다'"),
    ("'Clipboard error!'", "'복사하지 못했습니다'"),
    ("Show hidden lines", "숨긴 줄 보기"),
    ("Hide lines", "줄 숨기기"),
    ("'Undo changes'", "'되돌리기'"),
];

const SEARCHER_JS: [(&str, &str); 4] = [
    ("count + ' search result for \\'' + searchterm + '\\':'", "'\\'' + searchterm + '\\' 검색 결과 ' + count + '개'"),
    ("count + ' search results for \\'' + searchterm + '\\':'", "'\\'' + searchterm + '\\' 검색 결과 ' + count + '개'"),
    ("'No search results for \\'' + searchterm + '\\'.'", "'\\'' + searchterm + '\\' 검색 결과가 없습니다.'"),
    ("aria-label=\"Search Result Teaser\"", "aria-label=\"검색 결과 미리 보기\""),
];

/// As many titles as there are boxes of the kind.
const ADMONITIONS: [(&str, &str, &str); 5] = [
    ("</svg>Note</p>", "</svg>알아두기</p>", "blockquote-tag-note\""),
    ("</svg>Tip</p>", "</svg>도움말</p>", "blockquote-tag-tip\""),
    ("</svg>Important</p>", "</svg>중요</p>", "blockquote-tag-important\""),
    ("</svg>Warning</p>", "</svg>주의</p>", "blockquote-tag-warning\""),
    ("</svg>Caution</p>", "</svg>경고</p>", "blockquote-tag-caution\""),
];

/// The replacements for a page.
pub fn page() -> Vec<Edit> {
    let fixed = PAGE.iter().map(|(english, korean, times)| Edit::new(*english, *korean, Times::Exactly(*times)));
    let varying = NEIGHBOURS.iter().chain(&ADMONITIONS);
    fixed.chain(varying.map(|(english, korean, like)| Edit::new(*english, *korean, Times::Like(like)))).collect()
}

/// The replacements for `book.js`.
pub fn book_js() -> Vec<Edit> {
    BOOK_JS.iter().map(|(english, korean)| Edit::new(*english, *korean, Times::Some)).collect()
}

/// The replacements for `searcher.js`.
pub fn searcher_js() -> Vec<Edit> {
    SEARCHER_JS.iter().map(|(english, korean)| Edit::new(*english, *korean, Times::Exactly(1))).collect()
}

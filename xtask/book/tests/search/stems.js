// What is a particle or an ending, and what only looks like one: node stems.js SEARCH_CJK
'use strict';

const assert = require('assert');
const path = require('path');
const { prepare, search, stem } = require(path.resolve(process.argv[2]));

for (const [word, expected] of [
    ['설정을', '설정'], ['설정에서는', '설정'], ['서비스가', '서비스'], ['포트로', '포트'], ['프로토콜로', '프로토콜'],
    ['환경으로부터', '환경'], ['배포하는', '배포'], ['안전한', '안전'], ['시작합니다', '시작'],
    ['컴파일되지', '컴파일'], ['채점하려면', '채점'], ['교체하십시오', '교체'], ['되돌립니다', '되돌'], ['SIGTERM을', 'SIGTERM'], ['Redis에', 'Redis'],
    // Part of the word: too short a stem, or a form that does not follow that syllable.
    ['로그인', '로그인'], ['전문가', '전문가'], ['차이', '차이'], ['확인', '확인'], ['설정', '설정'], ['PORT', 'PORT'],
]) {
    assert.strictEqual(stem(word), expected, word);
}

const documents = prepare({
    spaced: { title: '', breadcrumbs: '', body: '환경 변수를 읽습니다' },
    across: { title: '', breadcrumbs: '', body: '밖으로 그것을 보냅니다' },
    title: { title: '로그', breadcrumbs: '', body: '한 줄씩 씁니다' },
    // As macOS writes file names: decomposed.
    decomposed: { title: '', breadcrumbs: '', body: '무상태'.normalize('NFD') },
    latin: { title: '', breadcrumbs: '', body: 'PORT를 읽는 axum 서비스' },
});
const found = query => search(documents, query).map(result => result.ref);
assert.deepStrictEqual(found('환경변수'), ['spaced']);
assert.deepStrictEqual(found('환경변수에서'), ['spaced']);
assert.deepStrictEqual(found('로그'), ['title'], 'not the end of one word and the beginning of the next');
assert.deepStrictEqual(found('무상태'), ['decomposed']);
assert.deepStrictEqual(found('axum 서비스를'), ['latin']);
assert.deepStrictEqual(found('axum 로그'), [], 'every word');
assert.deepStrictEqual(found('변수환경'), ['spaced'], 'both halves of a word that nobody wrote');
assert.deepStrictEqual(found('읽습니까'), ['spaced'], 'shortened from the end where nothing has the whole word');

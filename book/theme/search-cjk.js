// Korean in mdBook's search: its index drops every Hangul word, but keeps the full text, in which this looks.
//
// A word is looked up as it stands, without the particle or ending that it may carry, and, if that finds nothing, shortened
// from its end. Blanks count for nothing (환경변수 finds 환경 변수), but what begins inside a word does not reach into the next.
// Queries without Hangul go to mdBook's own index.
'use strict';

(root => {
    const HANGUL = /[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]/;

    // After a consonant, after a vowel, after either. A particle that does not fit the syllable before it is part of the word.
    const AFTER_CONSONANT = '은 을 이 과 으로 으로는 으로도 으로서 으로써 으로부터 이나 이란 이라는 이라고 이라면 이며 과의 이고'.split(' ');
    const AFTER_VOWEL = '는 를 가 와 로는 로도 로서 로써 로부터 란 라는 라고 라면 와의'.split(' ');
    const AFTER_ANY = '로 의 에 에서 에는 에도 에만 에게 에서는 에서도 에서의 까지 부터 보다 처럼 마다 만 만의 도 밖에 뿐 들 들이 들을 들은 들의 입니다'.split(' ');
    // Nouns become verbs with 하다 and 되다.
    const VERBS = ['하', '되'].flatMap(verb => ('는 고 기 게 지 면 며 여 던 자 다 는지 는데 지만 려면 려고 도록 거나 므로 십시오 세요 어 어서 어야 ' +
        '었다 었습니다 여서 여야 였다 였습니다').split(' ').map(tail => verb + tail));
    const CONTRACTED = '합니다 한다 한 할 함 해 해서 해야 해도 했다 했습니다 했던 됩니다 된다 된 될 됨 돼 돼서 돼야 됐다 됐습니다'.split(' ');
    const ENDINGS = [
        ...AFTER_CONSONANT.map(ending => [ending, true]),
        ...AFTER_VOWEL.map(ending => [ending, false]),
        ...[...AFTER_ANY, ...VERBS, ...CONTRACTED].map(ending => [ending, null]),
    ].sort(([one], [other]) => other.length - one.length);

    const STEM = 2; // syllables: a shorter stem stands in half of all words
    const WEIGHT = { title: 10, body: 1, breadcrumbs: 0.3 };
    const WITHOUT_ENDING = 0.6;
    const SHORTENED = 0.3;
    const ENOUGH = 4; // times in one field of one document

    // The number of the final consonant of a syllable, 0 for none; null for what is no syllable.
    function finalConsonant(letter) {
        const code = letter.charCodeAt(0) - 0xac00;
        return code >= 0 && code < 11172 ? code % 28 : null;
    }

    // PORT를 may be read with a consonant at its end or without.
    function suits(rest, consonant) {
        const final = finalConsonant(rest[rest.length - 1]);
        return consonant === null || final === null || (final > 0) === consonant;
    }

    // 되돌립니다 and 되돌려야 share what stands before the last syllable of the verb.
    function verbStem(word) {
        const BIEUP = 17;
        const polite = /니[다까]$/.test(word) && word.length >= STEM + 3 && finalConsonant(word[word.length - 3]) === BIEUP;
        return polite ? word.slice(0, -3) : word;
    }

    // The word without its particle or ending; the word itself if it has none.
    function stem(word) {
        for (const [ending, consonant] of ENDINGS) {
            const rest = word.slice(0, -ending.length);
            if (rest.length >= STEM && word.endsWith(ending) && suits(rest, consonant)) {
                return rest;
            }
        }
        return verbStem(word);
    }

    const normal = text => text.normalize('NFC').toLowerCase();

    // One field of all documents as one text without blanks, with the places where words begin and where documents end.
    function field(docs, name, weight) {
        const words = docs.map(doc => normal(doc[name] || '').split(/\s+/));
        const text = words.map(some => some.join('')).join('\n');
        const starts = new Uint8Array(text.length + 1);
        const ends = new Uint32Array(docs.length);
        let at = 0;
        words.forEach((some, index) => {
            for (const word of some) {
                starts[at] = 1;
                at += word.length;
            }
            ends[index] = at;
            at += 1;
        });
        return { text, starts, ends, weight };
    }

    function prepare(docs) {
        const entries = Object.entries(docs).map(([ref, doc]) => ({ ref, doc }));
        const fields = Object.keys(WEIGHT).map(name => field(entries.map(({ doc }) => doc), name, WEIGHT[name]));
        return { entries, fields };
    }

    // Whether what begins at `at` stays within its word, or begins a word and goes on into the next ones.
    function fits(starts, at, length) {
        let inside = starts[at] !== 1;
        for (let next = at + 1; inside && next < at + length; next += 1) {
            inside = starts[next] !== 1;
        }
        return inside || starts[at] === 1;
    }

    // Adds to each document's score for one field. A word that stands there often counts little more than one that stands
    // there; one that is the whole title counts twice.
    function look({ text, starts, ends, weight }, word, scores) {
        let document = 0;
        let found = 0;
        for (let at = text.indexOf(word); at >= 0;) {
            while (ends[document] <= at) {
                document += 1;
                found = 0;
            }
            if (fits(starts, at, word.length)) {
                found += 1;
                const length = ends[document] - (document > 0 ? ends[document - 1] + 1 : 0);
                scores[document] += found === 1 ? weight * (1 + word.length / length) : weight / 4;
            }
            at = text.indexOf(word, found < ENOUGH ? at + 1 : ends[document]);
        }
    }

    function scoresOf({ entries, fields }, word) {
        const scores = new Float64Array(entries.length);
        fields.forEach(field => look(field, word, scores));
        return scores;
    }

    const any = scores => scores.some(score => score > 0);

    // As it stands, or without its ending. Where neither is anywhere: its two halves (환경설정), or its beginning.
    function scores(index, word) {
        const base = stem(word);
        const whole = scoresOf(index, word);
        const best = base === word ? whole : scoresOf(index, base).map((score, at) => Math.max(whole[at], WITHOUT_ENDING * score));
        if (any(best) || !HANGUL.test(word)) {
            return best;
        }
        for (let cut = base.length - STEM; cut >= STEM; cut -= 1) {
            const rest = scoresOf(index, base.slice(cut));
            const both = scoresOf(index, base.slice(0, cut)).map((score, at) => SHORTENED * Math.min(score, rest[at]));
            if (any(both)) {
                return both;
            }
        }
        for (let length = base.length - 1; length >= STEM; length -= 1) {
            const shorter = scoresOf(index, base.slice(0, length));
            if (any(shorter)) {
                return shorter.map(score => SHORTENED * score);
            }
        }
        return best;
    }

    // Documents that have every word of the query, the best first.
    function search(index, query) {
        const words = normal(query).split(/\s+/).filter(word => word.length > 0);
        const found = words.map(word => scores(index, word));
        const sum = at => found.every(each => each[at] > 0) ? found.reduce((sum, each) => sum + each[at], 0) : 0;
        const results = index.entries.map(({ ref, doc }, at) => ({ ref, doc, score: sum(at) }));
        return results.filter(result => result.score > 0).sort((one, other) => other.score - one.score);
    }

    // Replaces the matching step of an index that mdBook has loaded.
    function install(elasticlunr) {
        const load = elasticlunr.Index.load;
        elasticlunr.Index.load = serialized => {
            const index = load.call(elasticlunr.Index, serialized);
            const latin = index.search.bind(index);
            const documents = prepare(index.documentStore.docs);
            index.search = (query, options) => {
                const results = HANGUL.test(query) ? [] : latin(query, options);
                // `target/workshop` and other names in code are no words of the index.
                return results.length > 0 ? results : search(documents, query);
            };
            return index;
        };
        // mdBook marks words of a result by their stems.
        const stemmer = elasticlunr.stemmer;
        elasticlunr.stemmer = word => HANGUL.test(word) ? stem(normal(word)) : stemmer(word);
    }

    // With a Korean keyboard the key S sends ㄴ, which mdBook does not know as its shortcut.
    function listen(document) {
        const toggle = document.getElementById('mdbook-search-toggle');
        document.addEventListener('keydown', event => {
            const modified = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;
            const typing = /^(?:input|select|textarea)$/i.test(event.target.nodeName);
            if (event.code === 'KeyS' && event.key !== 's' && !modified && !typing && toggle) {
                event.preventDefault();
                const hidden = document.getElementById('mdbook-search-wrapper').classList.contains('hidden');
                if (hidden) {
                    toggle.click();
                } else {
                    document.getElementById('mdbook-searchbar').select();
                }
            }
        });
    }

    if (typeof module !== 'undefined' && module.exports) {
        module.exports = { install, prepare, search, stem };
    } else if (root.elasticlunr) {
        install(root.elasticlunr);
        listen(document);
    }
})(typeof window === 'undefined' ? globalThis : window);

// Measures the search of both built books on a table of queries: node measure.js BOOKS SEARCH_CJK QUERIES
//
// Each row of the table: language, query, pages that must be found, pages that may be found as well.
// `-` is no page; `~설정` are all pages whose text has 설정. Ends with 1 where recall or precision are below their limits.
'use strict';

const fs = require('fs');
const path = require('path');
const vm = require('vm');

const LIMITS = { ko: { recall: 0.98, precision: 0.95 }, en: { recall: 0.98, precision: 0.8 } };
const LARGE = 300; // pages of the index on which the time is measured

const [books, searchCjk, queries] = process.argv.slice(2);

function load(language) {
    const window = { search: {} };
    const context = vm.createContext({ window, console, lunr: undefined });
    const run = file => vm.runInContext(fs.readFileSync(path.join(books, language, file), 'utf8'), context, { filename: file });
    run('elasticlunr.min.js');
    run('searchindex.js');
    const elasticlunr = context.elasticlunr || window.elasticlunr;
    const plain = elasticlunr.Index.load(window.search.index);
    require(path.resolve(searchCjk)).install(elasticlunr);
    return { window, elasticlunr, plain, index: elasticlunr.Index.load(window.search.index), search: window.search };
}

const pageOf = url => url.replace(/\.html.*$/, '');

function texts({ search }) {
    const pages = new Map();
    for (const [ref, doc] of Object.entries(search.index.documentStore.docs)) {
        const page = pageOf(search.doc_urls[ref]);
        pages.set(page, (pages.get(page) || '') + ' ' + doc.title + ' ' + doc.body);
    }
    return pages;
}

function named(cell, pages) {
    const names = (cell || '-').split(/\s+/).filter(name => name && name !== '-');
    return new Set(names.flatMap(name => {
        if (!name.startsWith('~')) {
            return [name];
        }
        const stem = name.slice(1).toLowerCase();
        return [...pages].filter(([, text]) => text.toLowerCase().includes(stem)).map(([page]) => page);
    }));
}

function rows(language) {
    const lines = fs.readFileSync(queries, 'utf8').split('\n').filter(line => line.trim() && !line.startsWith('#'));
    return lines.map(line => line.split('\t').map(cell => cell.trim())).filter(([of]) => of === language);
}

function measure(language) {
    const book = load(language);
    const pages = texts(book);
    const sums = { queries: 0, wanted: 0, got: 0, found: 0, wrong: 0, plain: 0 };
    const complaints = [];
    for (const [, query, must, also] of rows(language)) {
        const [wanted, allowed] = [named(must, pages), named(also, pages)];
        const unknown = [...wanted].filter(page => !pages.has(page));
        const pagesOf = index => new Set(index.search(query, book.search.search_options).map(result => pageOf(book.search.doc_urls[result.ref])));
        const found = pagesOf(book.index);
        const plain = pagesOf(book.plain);
        const missed = [...wanted].filter(page => !found.has(page));
        const wrong = [...found].filter(page => !wanted.has(page) && !allowed.has(page));
        sums.queries += 1;
        sums.wanted += wanted.size;
        sums.got += wanted.size - missed.length;
        sums.found += found.size;
        sums.wrong += wrong.length;
        sums.plain += [...wanted].filter(page => plain.has(page)).length;
        for (const [what, list] of [['is no page', unknown], ['not found', missed], ['found for nothing', wrong]]) {
            if (list.length > 0) {
                complaints.push(`  ${query}: ${what}: ${list.join(' ')}`);
            }
        }
    }
    const recall = sums.got / sums.wanted;
    const precision = (sums.found - sums.wrong) / sums.found;
    const plain = sums.plain / sums.wanted;
    console.log(`${language}: ${sums.queries} queries, recall ${recall.toFixed(3)} (mdBook alone ${plain.toFixed(3)}), ` +
        `precision ${precision.toFixed(3)}, p95 ${slowest(book, language)} ms on ${LARGE} pages of the same kind`);
    complaints.forEach(line => console.log(line));
    const limits = LIMITS[language];
    return sums.queries > 0 && recall >= limits.recall && precision >= limits.precision;
}

// The 95th percentile of the queries' times on an index as large as a large book; told, never judged.
function slowest(book, language) {
    const docs = Object.values(book.search.index.documentStore.docs);
    const copies = Math.ceil(LARGE / texts(book).size);
    const many = {};
    for (let copy = 0; copy < copies; copy += 1) {
        docs.forEach(doc => { many[`${copy}-${doc.id}`] = doc; });
    }
    const { prepare, search } = require(path.resolve(searchCjk));
    const index = prepare(many);
    const times = rows(language).map(([, query]) => {
        // The quickest of some: whatever else the machine does is not the search's fault.
        return Math.min(...Array.from({ length: 7 }, () => {
            const began = process.hrtime.bigint();
            search(index, query);
            return Number(process.hrtime.bigint() - began) / 1e6;
        }));
    });
    times.sort((one, other) => one - other);
    return (times[Math.min(times.length - 1, Math.floor(times.length * 0.95))] || 0).toFixed(2);
}

const good = ['ko', 'en'].map(measure);
process.exitCode = good.every(Boolean) ? 0 : 1;
